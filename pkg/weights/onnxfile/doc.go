// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package onnxfile reads what stands in an ONNX file: nodes, tensors, inputs, outputs and metadata, and the tensors'
// values, in the file or beside it. What the operations do is pkg/onnx's business.
//
//	m, err := onnxfile.Parse(content, "net.onnx")
//	if err != nil { ... }
//	for _, n := range m.Nodes {
//		fmt.Println(n.Op, n.Inputs, n.Outputs)
//	}
//	values, err := m.Tensors[0].Float32s()
//
// A file may be damaged or made to do harm: what it declares is checked against its size before memory is taken, and
// lists and names have a bounded length.
package onnxfile
