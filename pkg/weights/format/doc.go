// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package format reads the tensors out of weights files: Keras .h5 (the old layout and .weights.h5) and .keras, .onnx
// (with its data in it or beside it), .safetensors and .npz, as float32 whatever floats they hold.
//
//	f, err := format.Open("vgg16.onnx")
//	if err != nil { ... }
//	defer f.Close()
//	for _, t := range f.Tensors {
//		fmt.Println(t.Name, t.Shape)
//	}
//	values, err := f.Tensors[0].Float32s()
//
// What a file is, its first bytes decide, not its name. Open reads the list of tensors only; Float32s reads the
// values of one. A file may be damaged or made to do harm: every declared size is checked against the file
// before memory is taken for it, lists have a bounded length, and a reader's panic becomes an error.
package format
