// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"errors"
	"fmt"
	"io"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/internal/file"
	"convscope/pkg/weights/internal/number"
	"convscope/pkg/weights/onnxfile"
)

var (
	// ErrNotArray means that a file is no NumPy array of numbers that can be used.
	ErrNotArray = errors.New("a .npy file of numbers is needed")
	// ErrCutArray means that the file of a NumPy array is not as long as its header says.
	ErrCutArray = errors.New("it is cut or damaged")
	// ErrNotFinite means that an array has a NaN, an infinity, or what is one as float32.
	ErrNotFinite = errors.New("not all of it are finite numbers")
)

// ReadNPY reads a single NumPy array of numbers (.npy) of any shape as float32: floats of 2, 4 and 8 bytes, and uint8.
// Its header must agree with the file's size before any memory is taken. Errors wrap [ErrNotArray], [ErrCutArray] or
// [ErrNotFinite], or are those of opening the file.
func ReadNPY(path string) (*tensors.Tensor, error) {
	opened, size, err := file.OpenSized(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	bad := func(kind error, format string, args ...any) error {
		return printableError{fmt.Errorf("%s: %w: %w", path, kind, fmt.Errorf(format, args...))}
	}
	a, err := readNpyHeader(opened)
	switch {
	case errors.Is(err, errNotNpy):
		head := make([]byte, 64)
		n, _ := opened.ReadAt(head, 0)
		if what := stranger(head[:n]); what != "" {
			return nil, bad(ErrNotArray, "this looks like %s", what)
		}
		return nil, bad(ErrNotArray, "this is none")
	case err != nil:
		return nil, bad(ErrCutArray, "%w", err)
	}
	if a.kind == "uint8" {
		a.number, a.numbers = number.Bytes, true
	}
	if !a.numbers {
		return nil, bad(ErrNotArray, "this has %s; in NumPy, astype(\"float32\") makes them fit", a.kind)
	}
	have := size - int64(a.length)
	want, err := onnxfile.BytesOf(a.shape, a.number.Size, 1<<40)
	if err != nil {
		return nil, bad(ErrCutArray, "the shape %v, and the file has %d bytes", a.shape, size)
	} else if want != have {
		return nil, bad(ErrCutArray, "%s of shape %v needs %d bytes, the file holds %d", a.kind, a.shape, want, have)
	}
	values, err := a.values(io.LimitReader(opened, want))
	if err != nil {
		return nil, bad(ErrCutArray, "%w", err)
	}
	if at := number.Fault(values); at >= 0 {
		return nil, bad(ErrNotFinite, "the value at %v is %g as float32", number.Place(at, a.shape), values[at])
	}
	return tensors.FromFlatDataAndDimensions(values, a.shape...), nil
}

// ReadPictures is [ReadNPY] for pictures, [pictures, height, width, 3]. A single one may come without its first axis,
// as convscope saves it.
func ReadPictures(path string) (*tensors.Tensor, error) {
	pictures, err := ReadNPY(path)
	if err != nil {
		return nil, fmt.Errorf("the start picture: %w", err)
	}
	dims := pictures.Shape().Dimensions
	if most := 1 << 10; len(dims) < 3 || len(dims) > 4 || dims[len(dims)-1] < 1 || dims[len(dims)-1] > most {
		return nil, fmt.Errorf("the start picture: %s: its shape is %v: [height, width, channels] is needed, or "+
			"[pictures, height, width, channels]",
			path, dims)
	}
	if len(dims) == 4 {
		return pictures, nil
	}
	values, err := tensors.CopyFlatData[float32](pictures)
	if err != nil {
		return nil, err
	}
	return tensors.FromFlatDataAndDimensions(values, append([]int{1}, dims...)...), nil
}
