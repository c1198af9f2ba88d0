// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// lines is a 3x3 convolution with "same" padding and stride 1 by F(4, 3) along the width and plainly along the height:
// x [batch, height, width, in] and a kernel as lineKernel makes it, [6, 3, in, out], give [batch, height, width, out].
//
// It takes half of the products, which is less of a saving than that of tiles, but it moves half as much again of the
// input through memory where tiles moves more than twice as much: with 64 and 128 channels it wins. It has no gradient
// of its own: see withGradient.
func lines(x, kernel *Node) *Node {
	batch, height, width, in := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	out := kernel.Shape().Dim(3)
	columns := (width + tileSide - 1) / tileSide
	wide := tileSide * (columns + 1)
	x = Pad(x, ScalarZero(x.Graph(), x.DType()), PadAxis{}, PadAxis{}, PadAxis{Start: 1, End: wide - width - 1}) // [batch, height, wide, in]

	inputs := make([]*Node, patchSide) // of each group of six overlapping columns the first, the second and so on
	for i := range inputs {
		inputs[i] = Slice(x, AxisRange(), AxisRange(), AxisRange(i, i+tileSide*(columns-1)+1).Stride(tileSide)) // [batch, height, columns, in]
	}
	products := make([]*Node, patchSide)
	for p, row := range winogradInput {
		column := Reshape(Slice(kernel, AxisElem(p)), 3, 1, in, out)
		products[p] = Convolve(combine(row, inputs), column).PaddingPerDim([][2]int{{1, 1}, {0, 0}}).Done() // [batch, height, columns, out]
	}
	outputs := make([]*Node, tileSide)
	for i, row := range winogradOutput {
		outputs[i] = Reshape(combine(row, products), batch, height, columns, 1, out)
	}
	x = Reshape(Concatenate(outputs, 3), batch, height, tileSide*columns, out)
	return Slice(x, AxisRange(), AxisRange(), AxisRange(0, width)) // [batch, height, width, out]
}

// combine is the sum of the nodes, each times its factor. The nodes have one shape, which is the result's.
func combine(factors []float64, nodes []*Node) *Node {
	var sum *Node
	for i, factor := range factors {
		switch {
		case factor == 0:
		case sum == nil:
			sum = MulScalar(nodes[i], factor)
		case factor == 1:
			sum = Add(sum, nodes[i])
		case factor == -1:
			sum = Sub(sum, nodes[i])
		default:
			sum = Add(sum, MulScalar(nodes[i], factor))
		}
	}
	return sum
}

// lineKernel brings a kernel [3, 3, in, out] into the form that lines takes, [6, 3, in, out].
func lineKernel(kernel []float32, in, out int) []float32 {
	size := in * out
	transformed := make([]float32, patchSide*3*size)
	for p, factors := range winogradKernel {
		for row := range 3 {
			plane := transformed[(p*3+row)*size : (p*3+row+1)*size]
			for column, factor := range factors {
				for i, v := range kernel[(row*3+column)*size : (row*3+column+1)*size] {
					plane[i] += float32(factor) * v
				}
			}
		}
	}
	return transformed
}
