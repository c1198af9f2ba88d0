// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnxfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"convscope/internal/file"
)

// external is where an ONNX file keeps values that are not in it: in a file beside it, as PyTorch's exporter writes
// them.
type external struct {
	location       string
	offset, length int64 // length is -1 where it isn't said
	said           bool
}

// add reads a StringStringEntryProto: a key and its value.
func (e *external) add(b []byte) error {
	keyBytes, valueBytes, err := pair(b)
	if err != nil {
		return err
	}
	key, value := string(keyBytes[:min(len(keyBytes), 80)]), string(valueBytes[:min(len(valueBytes), 4096)])
	if !e.said {
		e.length, e.said = -1, true
	}
	number := func(to *int64) error {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("%w: %s %q of values in another file", ErrDamaged, key, value)
		}
		*to = n
		return nil
	}
	switch key {
	case "location":
		e.location = value
	case "offset":
		return number(&e.offset)
	case "length":
		return number(&e.length)
	}
	return nil
}

// open opens the file with the values. It must be in the folder of the ONNX file, or below: both as named and, for
// links, as the folder is that the ONNX file itself leads to.
func (e external) open(path string) (*os.File, int64, error) {
	local := filepath.FromSlash(e.location)
	if !filepath.IsLocal(local) || filepath.Clean(local) == "." {
		return nil, 0, fmt.Errorf("%w: its values are said to be in %q, which is outside the file's folder",
			ErrDamaged, e.location)
	}
	beside := filepath.Join(filepath.Dir(path), local)
	target, err := filepath.EvalSymlinks(beside)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("%w: its values are in %s, which is missing beside it: copy both (%w)",
			ErrUnread, e.location, fs.ErrNotExist)
	} else if err != nil {
		return nil, 0, err
	}
	inside := false
	for _, of := range []func() (string, error){
		func() (string, error) { return filepath.EvalSymlinks(filepath.Dir(path)) },
		func() (string, error) { real, err := filepath.EvalSymlinks(path); return filepath.Dir(real), err },
	} {
		if folder, err := of(); err == nil {
			below, err := filepath.Rel(folder, target)
			inside = inside || err == nil && filepath.IsLocal(below)
		}
	}
	if !inside {
		return nil, 0, fmt.Errorf("%w: its values are in %s, a link to outside the file's folder: copy the file there",
			ErrUnread, e.location)
	}
	return file.OpenSized(target)
}

// check returns an error when the file with the values is not there or may not be opened.
func (e external) check(path string) error {
	file, _, err := e.open(path)
	if err != nil {
		return err
	}
	return file.Close()
}

// section opens the bytes that an external place has.
func (e external) section(path string, want int64) (io.Reader, io.Closer, error) {
	if e.length >= 0 && e.length != want {
		return nil, nil, fmt.Errorf("%w: %d bytes in %s where %d are needed", ErrDamaged, e.length, e.location, want)
	}
	file, size, err := e.open(path)
	if err != nil {
		return nil, nil, err
	}
	if e.offset > size || want > size-e.offset {
		file.Close()
		return nil, nil, fmt.Errorf("%w: %s has %d bytes, the values are %d bytes from %d on",
			ErrDamaged, e.location, size, want, e.offset)
	}
	return io.NewSectionReader(file, e.offset, want), file, nil
}
