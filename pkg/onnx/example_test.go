// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"fmt"
	"os"
	"path/filepath"

	"convscope/pkg/onnx"
)

// A program lists what is in a file.
func ExampleRead() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.onnx")
	content := file(17, input("x", 1, 3, 32, 32),
		conv("x", "1", "conv1.weight", 3, 8, called("/conv1/Conv")), node("Relu", names("1"), names("2"), called("/relu/Relu")), output("2"))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		panic(err)
	}
	net, err := onnx.Read(path)
	if err != nil {
		panic(err)
	}
	for _, l := range net.Layers {
		fmt.Println(l.Name, l.Class, l.Inputs)
	}
	// Output:
	// conv1 Conv []
	// relu Relu [conv1]
}
