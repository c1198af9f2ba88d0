// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// tiles is a 3x3 convolution with "same" padding and stride 1 by F(4x4, 3x3): x [batch, height, width, in] and a
// kernel as tileKernel makes it, [36, in, out], give [batch, height, width, out].
//
// It uses only slices, transposes and products, so that XLA compiles it in a fraction of a second. It has no
// gradient of its own: see withGradient.
func tiles(x, kernel *Node) *Node {
	g := x.Graph()
	batch, height, width, in := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	out := kernel.Shape().Dim(2)
	rows, columns := (height+tileSide-1)/tileSide, (width+tileSide-1)/tileSide
	count := batch * rows * columns

	x = patches(x, rows, columns)                                                           // [6, 6, batch, rows, columns, in]
	x = Einsum("pq,qn->pn", Const(g, kronecker(winogradInput)), Reshape(x, patchSize, -1))  // [36, count*in]
	x = Einsum("ptc,pck->ptk", Reshape(x, patchSize, count, in), kernel)                    // [36, count, out]
	x = Einsum("pq,qn->pn", Const(g, kronecker(winogradOutput)), Reshape(x, patchSize, -1)) // [16, count*out]
	x = Reshape(x, tileSide, tileSide, batch, rows, columns, out)
	x = TransposeAllAxes(x, 2, 3, 0, 4, 1, 5) // [batch, rows, 4, columns, 4, out]
	x = Reshape(x, batch, tileSide*rows, tileSide*columns, out)
	return Slice(x, AxisRange(), AxisRange(0, height), AxisRange(0, width)) // [batch, height, width, out]
}

// patches cuts x [batch, height, width, in] into overlapping 6x6 patches, one for each 4x4 tile of the output:
// [6, 6, batch, rows, columns, in].
//
// In each direction a patch is its own four lines and the next patch's first two, so two slices and a concatenation
// do.
func patches(x *Node, rows, columns int) *Node {
	batch, height, width, in := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	const overlap = patchSide - tileSide
	tall, wide := tileSide*(rows+1), tileSide*(columns+1)
	x = Pad(x, ScalarZero(x.Graph(), x.DType()), PadAxis{},
		PadAxis{Start: 1, End: tall - height - 1}, PadAxis{Start: 1, End: wide - width - 1}) // [batch, tall, wide, in]

	own := Reshape(Slice(x, AxisRange(), AxisRange(0, tall-tileSide)), batch, rows, tileSide, wide, in)
	next := Reshape(Slice(x, AxisRange(), AxisRange(tileSide, tall)), batch, rows, tileSide, wide, in)
	next = Slice(next, AxisRange(), AxisRange(), AxisRange(0, overlap))
	x = Concatenate([]*Node{own, next}, 2) // [batch, rows, 6, wide, in]

	own = Reshape(Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisRange(0, wide-tileSide)), batch, rows, patchSide, columns, tileSide, in)
	next = Reshape(Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisRange(tileSide, wide)), batch, rows, patchSide, columns, tileSide, in)
	next = Slice(next, AxisRange(), AxisRange(), AxisRange(), AxisRange(), AxisRange(0, overlap))
	x = Concatenate([]*Node{own, next}, 4) // [batch, rows, 6, columns, 6, in]
	return TransposeAllAxes(x, 2, 4, 0, 1, 3, 5)
}

// kronecker is the product of a matrix [r, c] with itself, [r*r, c*c]: what the matrix does to both
// directions of a flattened square.
func kronecker(m [][]float64) [][]float32 {
	product := make([][]float32, 0, len(m)*len(m))
	for _, left := range m {
		for _, right := range m {
			row := make([]float32, 0, len(left)*len(right))
			for _, a := range left {
				for _, b := range right {
					row = append(row, float32(a*b))
				}
			}
			product = append(product, row)
		}
	}
	return product
}

// tileKernel brings a kernel [3, 3, in, out] into the form that tiles takes, [36, in, out].
func tileKernel(kernel []float32, in, out int) []float32 {
	product := kronecker(winogradKernel) // [36, 9]
	size := in * out
	transformed := make([]float32, patchSize*size)
	for p, row := range product {
		plane := transformed[p*size : (p+1)*size]
		for k, factor := range row {
			if factor == 0 {
				continue
			}
			for i, v := range kernel[k*size : (k+1)*size] {
				plane[i] += factor * v
			}
		}
	}
	return transformed
}
