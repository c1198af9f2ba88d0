// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/weights/format"
)

// readVector reads the numbers of a direction.
func readVector(path string) ([]float32, error) {
	array, err := format.ReadNPY(path)
	if err != nil {
		return nil, fmt.Errorf("direction: %w", err)
	}
	return tensors.CopyFlatData[float32](array)
}
