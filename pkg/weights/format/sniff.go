// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"

	"convscope/pkg/weights/internal/hdf5"
)

type opener func(f *os.File, size int64) (*File, error)

// sniff tells a file's format by its first bytes.
func sniff(f *os.File, size int64) (opener, error) {
	head := make([]byte, min(size, 512))
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, err
	}
	_, isHDF5 := hdf5.Find(f, size)
	switch {
	case len(head) == 0:
		return nil, fmt.Errorf("%w: the file is empty", ErrDamaged)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return openNpz, nil
	case isSafetensors(head):
		return openSafetensors, nil
	case isHDF5:
		return func(f *os.File, size int64) (*File, error) { return openKeras(f, size) }, nil
	case head[0] == 0x08: // field 1, the version of the format, comes first in every ONNX file
		return openONNX, nil
	}
	if what := stranger(head); what != "" {
		return nil, fmt.Errorf("%w: it looks like %s", ErrUnknown, what)
	}
	return nil, ErrUnknown
}

// stranger says what a file that begins so looks like, "" if like nothing known.
func stranger(head []byte) string {
	for _, s := range strangers {
		if bytes.HasPrefix(bytes.TrimSpace(head), []byte(s.mark)) {
			return s.what
		}
	}
	return ""
}

// isSafetensors looks for a plausible length and the JSON that follows it.
func isSafetensors(head []byte) bool {
	return len(head) > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) < 1<<40
}

// strangers are what people give by mistake.
var strangers = []struct{ mark, what string }{
	{"<!DOCTYPE html", "a web page; download the file itself"},
	{"<!doctype html", "a web page; download the file itself"},
	{"<html", "a web page; download the file itself"},
	{"version https://git-lfs", "a Git LFS pointer; run git lfs pull"},
	{"PK\x03\x04", "a zip archive, as .npz is one; save the one array with np.save"},
	{"\x89PNG", "a PNG picture"},
	{"\xff\xd8\xff", "a JPEG picture"},
	{"\x80\x02", "a Python pickle; save it as .safetensors"},
	{"\x80\x03", "a Python pickle; save it as .safetensors"},
	{"\x80\x04", "a Python pickle; save it as .safetensors"},
	{"\x93NUMPY", "a single .npy array; save all tensors in one .npz"},
}
