// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package layer holds convnets as data: a [Network] is a table of layers, whoever wrote it, Go, Keras or an ONNX
// graph, and one walker builds any of it as a graph.
//
// A reader fills the table:
//
//	net := &layer.Network{
//		Name:  "small",
//		Input: layer.Input{Channels: 1, Height: 28, Width: 28},
//		Layers: []layer.Layer{
//			{Name: "conv", Inputs: []string{layer.Picture},
//				Op: layer.Conv{Filters: 8, Kernel: [2]int{3, 3}}, Activation: layer.ReLU{}},
//			{Name: "pool", Inputs: []string{"conv"}, Op: layer.MaxPool{Size: [2]int{2, 2}}},
//		},
//	}
//
//	shape, err := net.ShapeOf("pool", 28, 28) // [13 13 8]
//	sight, err := net.Sight("pool", 28, 28)
//	seen := sight.At(0, 0)                    // (0,0)-(4,4) of the picture
//
// Inside, arrays are channels last: [batch, height, width, channels]. In a graph function the walker gives any layers,
// before or after their activations, or one channel of them for each picture:
//
//	outputs := net.Outputs(scope, net.Input.Apply(pictures), layer.Walk{}, "conv", "pool")
//
// The weights are variables in the scope's store, at the path that [Variable] says.
package layer
