// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor_test

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
	"convscope/pkg/neighbor"
)

func Example() {
	kernel := []float32{ // [1, 3, 2, 1]: three columns, of each the weights for two channels
		-1, 0.5,
		0, 0.5,
		1, 0.5,
	}
	net := &layer.Network{
		Input: layer.Input{Channels: 1, Height: 8, Width: 8},
		Layers: []layer.Layer{
			{Name: "first", Inputs: []string{layer.Picture}, Op: layer.Conv{Filters: 2, Kernel: [2]int{3, 3}},
				Activation: layer.ReLU{}},
			{Name: "pool", Inputs: []string{"first"}, Op: layer.MaxPool{Size: [2]int{2, 2}}},
			{Name: "second", Inputs: []string{"pool"}, Op: layer.Conv{Filters: 1, Kernel: [2]int{1, 3}, NoBias: true},
				Weights: map[string]layer.Weight{"kernel": {Shape: []int{1, 3, 2, 1}, Read: func() (*tensors.Tensor, error) {
					return tensors.FromFlatDataAndDimensions(kernel, 1, 3, 2, 1), nil
				}}}},
		},
	}
	filters, err := neighbor.Find(net, "second", 5)
	if err != nil {
		panic(err)
	}
	for _, n := range filters[0].FedBy {
		fmt.Printf("%s %d %.2f %v\n", n.Layer, n.Filter, n.Weight, n.Kernel)
	}
	// Output:
	// first 0 1.41 [[-1 0 1]]
	// first 1 0.87 [[0.5 0.5 0.5]]
}
