// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/weights/format"
)

// readArray reads an array that is no weights, which an error must not call it.
func readArray(path string) (*tensors.Tensor, error) {
	array, err := format.ReadNPY(path)
	if errors.Is(err, format.ErrUnknown) || errors.Is(err, format.ErrDamaged) {
		text := strings.Replace(err.Error(), format.ErrUnknown.Error()+": ", "", 1)
		return nil, errors.New(strings.Replace(text, format.ErrDamaged.Error(), "damaged or cut off", 1))
	}
	return array, err
}

// readStart reads pictures to start from, float32 [pictures, height, width, 3]. One picture may come without the
// first axis, as --save writes it.
func readStart(path string) (*tensors.Tensor, error) {
	array, err := readArray(path)
	if err != nil {
		return nil, err
	}
	dims := array.Shape().Dimensions
	if len(dims) == 3 {
		dims = append([]int{1}, dims...)
	}
	if len(dims) != 4 || dims[3] != 3 {
		return nil, fmt.Errorf("%s: its shape is %v: a start has [height, width, 3], or [pictures, height, width, 3]", path, array.Shape().Dimensions)
	}
	values, err := tensors.CopyFlatData[float32](array)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors.FromFlatDataAndDimensions(values, dims...), nil
}

// readVector reads the numbers of a direction.
func readVector(path string) ([]float32, error) {
	array, err := readArray(path)
	if err != nil {
		return nil, err
	}
	return tensors.CopyFlatData[float32](array)
}
