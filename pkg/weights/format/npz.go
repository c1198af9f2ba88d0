// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// maxNpyHeader is how long the header of an array may be: numpy's own are 128 bytes.
const maxNpyHeader = 64 << 10

// openNpz lists the arrays of a NumPy archive. GoMLX's reader takes memory for whatever shape a header
// declares, so the header is read here first, and must agree with the size of its entry.
func openNpz(f *os.File, size int64) (*File, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
	}
	if len(z.File) > maxTensors {
		return nil, fmt.Errorf("%w: %d entries", ErrDamaged, len(z.File))
	}
	out := &File{Format: "NumPy .npz"}
	for _, entry := range z.File {
		name, ok := strings.CutSuffix(entry.Name, ".npy")
		if !ok {
			continue
		}
		t, err := npyEntry(entry)
		if err != nil {
			return nil, fmt.Errorf("array %s: %w", name, err)
		}
		t.Name = name
		out.Tensors = append(out.Tensors, t)
	}
	if len(out.Tensors) == 0 {
		for _, entry := range z.File {
			switch path.Base(entry.Name) {
			case "model.weights.h5":
				return nil, fmt.Errorf("%w: it looks like a .keras archive; unzip model.weights.h5 and give that", ErrUnknown)
			case "data.pkl":
				return nil, fmt.Errorf("%w: it looks like a PyTorch file; save it as .safetensors", ErrUnknown)
			}
		}
		return nil, fmt.Errorf("%w: a zip archive with no array in it", ErrUnknown)
	}
	byName(out.Tensors)
	return out, nil
}

// npyEntry reads one array's header.
func npyEntry(entry *zip.File) (t Tensor, err error) {
	r, err := entry.Open()
	if err != nil {
		return t, fmt.Errorf("%w: %s", ErrDamaged, err)
	}
	defer r.Close()
	header, length, err := npyHeader(r)
	if err != nil {
		return t, fmt.Errorf("%w: %s", ErrDamaged, err)
	}
	if t.Type, t.Shape, err = parseNpyHeader(header); err != nil || t.Type != "float32" {
		return t, err
	}
	declared := int64(min(entry.UncompressedSize64, 1<<40))
	want, err := bytesOf(t.Shape, declared)
	if err != nil {
		return t, err
	} else if want != declared-int64(length) {
		return t, fmt.Errorf("%w: shape %v in %d bytes", ErrDamaged, t.Shape, declared-int64(length))
	}
	t.read = func() ([]float32, error) {
		r, err := entry.Open()
		if err != nil {
			return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
		}
		defer r.Close()
		tensor, err := numpy.FromNpyReader(io.LimitReader(r, declared))
		if err != nil {
			return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
		}
		defer tensor.MustFinalizeAll()
		// The checksum is compared at the entry's end.
		if _, err := io.Copy(io.Discard, io.LimitReader(r, 1)); err != nil {
			return nil, fmt.Errorf("%w: %s", ErrDamaged, err)
		}
		return tensors.CopyFlatData[float32](tensor)
	}
	return t, nil
}

// npyHeader returns the text of a header and the length of all that comes before the values.
func npyHeader(r io.Reader) (text string, length int, err error) {
	var b [12]byte
	if _, err := io.ReadFull(r, b[:8]); err != nil {
		return "", 0, err
	}
	if !bytes.HasPrefix(b[:], []byte("\x93NUMPY")) {
		return "", 0, errors.New("not a .npy array")
	}
	size := 2
	if b[6] > 1 {
		size = 4
	}
	if _, err := io.ReadFull(r, b[8:8+size]); err != nil {
		return "", 0, err
	}
	n := int(binary.LittleEndian.Uint32(b[8:])) // b[10:] are still zero after two bytes
	if n > maxNpyHeader {
		return "", 0, fmt.Errorf("a header of %d bytes", n)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(r, header); err != nil {
		return "", 0, err
	}
	return string(header), 8 + size + n, nil
}

var (
	npyType  = regexp.MustCompile(`'descr'\s*:\s*'([^']*)'`)
	npyShape = regexp.MustCompile(`'shape'\s*:\s*\(([^)]*)\)`)
)

// parseNpyHeader reads the Python dictionary of a header. A float32 array comes out as "float32", anything
// else under NumPy's name.
func parseNpyHeader(text string) (kind string, shape []int, err error) {
	d, s := npyType.FindStringSubmatch(text), npyShape.FindStringSubmatch(text)
	if d == nil || s == nil {
		return "", nil, fmt.Errorf("%w: header without type or shape", ErrDamaged)
	}
	if kind = d[1]; kind == "<f4" {
		kind = "float32"
	}
	shape = []int{}
	for part := range strings.SplitSeq(s[1], ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return "", nil, fmt.Errorf("%w: dimension %q", ErrDamaged, part)
		}
		shape = append(shape, n)
	}
	return kind, shape, nil
}
