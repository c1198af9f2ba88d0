// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnxfile_test

import (
	"fmt"

	"convscope/pkg/weights/internal/sample"
	"convscope/pkg/weights/onnxfile"
)

func Example() {
	content := sample.ONNX(sample.Net(3, []string{"conv1"}, 3, 2))
	m, err := onnxfile.Parse(content, "net.onnx")
	if err != nil {
		panic(err)
	}
	for _, t := range m.Tensors {
		fmt.Println(t.Name, t.Type, t.Shape)
	}
	for _, n := range m.Nodes {
		fmt.Println(n.Op)
	}
	// Output:
	// conv1/bias float32 [2]
	// conv1/kernel float32 [2 3 3 3]
	// Conv
	// Relu
}
