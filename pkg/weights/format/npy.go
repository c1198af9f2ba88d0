// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"

	"convscope/internal/file"
)

// ReadNPY reads a single NumPy array of float32 (.npy) of any shape. Its header must agree with the file's size before any
// memory is taken. Errors wrap [ErrDamaged] or [ErrUnknown], or are those of opening the file.
func ReadNPY(path string) (t *tensors.Tensor, err error) {
	opened, err := file.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return nil, err
	}
	header, length, err := npyHeader(opened)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: a .npy file is needed: %w", path, ErrUnknown, err)
	}
	kind, shape, err := parseNpyHeader(header)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if kind != "float32" {
		return nil, fmt.Errorf("%s: %w: its numbers are %s, needed is float32 (in NumPy: astype('<f4'))", path, ErrUnknown, kind)
	}
	want, err := bytesOf(shape, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if have := info.Size() - int64(length); want != have {
		return nil, fmt.Errorf("%s: %w: shape %v needs %d bytes, the file holds %d", path, ErrDamaged, shape, want, have)
	}
	defer func() {
		if broken := recover(); broken != nil {
			t, err = nil, fmt.Errorf("%s: %w: %v", path, ErrDamaged, broken)
		}
	}()
	if t, err = numpy.FromNpyFile(path); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, ErrDamaged, err)
	}
	return t, nil
}
