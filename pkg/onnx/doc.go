// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package onnx reads convnets from ONNX files, as PyTorch, TensorFlow, Keras and Paddle export them.
//
//	net, err := onnx.Read("resnet18.onnx")
//	if err != nil { ... }
//	for _, l := range net.Layers {
//		fmt.Println(l.Name, l.Class, l.Inputs)
//	}
//
// A graph may count a picture's channels first or last; layers have them last, and transpositions between the two
// vanish. Sizes that the graph computes are computed on the host, for each size of picture. Batch norms that the
// exporter folded into convolutions stay there: their names find the convolution. An activation is a layer of its own,
// under its module's name. How pictures must be scaled, an ONNX file doesn't say.
package onnx
