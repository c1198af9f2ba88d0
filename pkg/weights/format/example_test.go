// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format_test

import (
	"fmt"
	"path/filepath"

	"convscope/pkg/weights/format"
)

func ExampleOpen() {
	f, err := format.Open(filepath.Join("..", "internal", "hdf5", "testdata", "legacy.h5"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	fmt.Println(f.Format)
	for _, t := range f.Tensors[:2] {
		fmt.Println(t.Name, t.Shape)
	}
	// Output:
	// Keras .h5
	// block1_conv1/block1_conv1_W_1:0 [3 3 3 2]
	// block1_conv1/block1_conv1_b_1:0 [2]
}
