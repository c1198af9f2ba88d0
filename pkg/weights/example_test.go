// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"convscope/pkg/weights"
	"convscope/pkg/weights/internal/sample"
)

// A user's own file, here a small net's, need not be the official one as long as its shapes fit.
func ExampleOpen() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	layers := []string{"block1_conv1", "block1_conv2"}
	path, _ := sample.Write(dir, "mine.safetensors", sample.Net(7, layers, 3, 4, 4))

	m := weights.Manifest{Model: "small"}
	for _, t := range sample.Net(8, layers, 3, 4, 4) {
		m.Tensors = append(m.Tensors, weights.Spec{Name: t.Name, Shape: t.Shape, SHA256: t.SHA256()})
	}
	f, err := weights.Open(context.Background(), m, weights.Options{Path: path, Report: func(line string) {}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	shape, values, err := f.Tensor("block1_conv2/kernel")
	fmt.Println(shape, len(values), err)
	fmt.Println("official:", f.Official())
	// Output:
	// [3 3 4 4] 144 <nil>
	// official: false
}

func ExampleState() {
	os.Setenv("CONVSCOPE_CACHE", filepath.Join(os.TempDir(), "no-such-cache"))
	defer os.Unsetenv("CONVSCOPE_CACHE")
	hash := sample.Net(1, []string{"a"}, 1, 1)[0].SHA256()
	s, err := weights.State(weights.Manifest{
		Model: "small", Tensors: []weights.Spec{{Name: "a/kernel", Shape: []int{3, 3, 1, 1}, SHA256: hash}},
	})
	fmt.Println(s.Exists, s.Complete, err)
	// Output: false false <nil>
}
