// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package rewrite lets programs call convscope's own convolutions. It takes a program as go-xla writes it, StableHLO
// in MLIR's generic form, and puts a call in the place of each convolution that package convolve can do, operand for
// operand, and in that of each gradient of a depthwise one, which GoMLX writes as one convolution for each channel:
//
//	text, done := rewrite.Convolutions(program)
//	fmt.Println(done.Calls, "of its convolutions are calls now")
//
// What stands next to a convolution goes into its call where the result stays the same and nothing else needs what lay
// between: a bias, max(y, 0) after it, and, where it is 3x3, max(x, 0) before it and, on the gradient's way back
// through such a maximum, the product with the step of its argument. A statement that is not word for word of the kind
// that is looked for stays as it is, and so does a whole program that does not read as expected.
package rewrite
