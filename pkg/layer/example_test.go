// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"fmt"

	"convscope/pkg/layer"
)

func Example() {
	net := &layer.Network{
		Name:  "small",
		Input: layer.Input{Channels: 1, Height: 28, Width: 28},
		Layers: []layer.Layer{
			{Name: "conv", Inputs: []string{layer.Picture}, Op: layer.Conv{Filters: 8, Kernel: [2]int{3, 3}},
				Activation: layer.ReLU{}},
			{Name: "pool", Inputs: []string{"conv"}, Op: layer.MaxPool{Size: [2]int{2, 2}}},
		},
	}
	shape, err := net.ShapeOf("pool", 28, 28)
	if err != nil {
		panic(err)
	}
	field, err := net.ReceptiveField("pool")
	if err != nil {
		panic(err)
	}
	fmt.Println(shape, field.Size, field.Stride)
	sight, err := net.Sight("pool", 28, 28)
	if err != nil {
		panic(err)
	}
	fmt.Println(sight.At(0, 0), sight.At(12, 12))
	_, err = net.Find("convolution")
	fmt.Println(err)
	// Output:
	// [13 13 8] [4 4] [2 2]
	// (0,0)-(4,4) (24,24)-(28,28)
	// small has no layer "convolution": did you mean conv? (all: conv, pool)
}
