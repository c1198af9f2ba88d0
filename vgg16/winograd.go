// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// Winograd's minimal filtering F(4x4, 3x3) computes a 4x4 tile of a 3x3 convolution from 6x6 inputs with 36 products
// instead of 144 (Lavin and Gray 2015, arXiv:1509.09308, section 4.3, whose matrices these are).
var (
	// winogradInput is B^T, [6, 6].
	winogradInput = [][]float64{
		{4, 0, -5, 0, 1, 0},
		{0, -4, -4, 1, 1, 0},
		{0, 4, -4, -1, 1, 0},
		{0, -2, -1, 2, 1, 0},
		{0, 2, -1, -2, 1, 0},
		{0, 4, 0, -5, 0, 1},
	}
	// winogradKernel is G, [6, 3].
	winogradKernel = [][]float64{
		{1. / 4, 0, 0},
		{-1. / 6, -1. / 6, -1. / 6},
		{-1. / 6, 1. / 6, -1. / 6},
		{1. / 24, 1. / 12, 1. / 6},
		{1. / 24, -1. / 12, 1. / 6},
		{0, 0, 1},
	}
	// winogradOutput is A^T, [4, 6].
	winogradOutput = [][]float64{
		{1, 1, 1, 1, 1, 0},
		{0, 1, -1, 2, -2, 0},
		{0, 1, 1, 4, 4, 0},
		{0, 1, -1, 8, -8, 1},
	}
)

const (
	tileSide  = 4  // outputs of a tile, in each direction
	patchSide = 6  // its inputs, in each direction
	patchSize = 36 // all its inputs
)

// winograd is a 3x3 convolution with "same" padding and stride 1: x [batch, height, width, in] and a kernel as
// transformKernel makes it, [36, in, out], give [batch, height, width, out].
//
// It uses only slices, transposes and products, so that XLA compiles it in a fraction of a second. It has no
// gradient of its own: see withGradient.
func winograd(x, kernel *Node) *Node {
	g := x.Graph()
	batch, height, width, in := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	out := kernel.Shape().Dim(2)
	rows, columns := (height+tileSide-1)/tileSide, (width+tileSide-1)/tileSide
	tiles := batch * rows * columns

	x = patches(x, rows, columns)                                                           // [6, 6, batch, rows, columns, in]
	x = Einsum("pq,qn->pn", Const(g, kronecker(winogradInput)), Reshape(x, patchSize, -1))  // [36, tiles*in]
	x = Einsum("ptc,pck->ptk", Reshape(x, patchSize, tiles, in), kernel)                    // [36, tiles, out]
	x = Einsum("pq,qn->pn", Const(g, kronecker(winogradOutput)), Reshape(x, patchSize, -1)) // [16, tiles*out]
	x = Reshape(x, tileSide, tileSide, batch, rows, columns, out)
	x = TransposeAllAxes(x, 2, 3, 0, 4, 1, 5) // [batch, rows, 4, columns, 4, out]
	x = Reshape(x, batch, tileSide*rows, tileSide*columns, out)
	return Slice(x, AxisRange(), AxisRange(0, height), AxisRange(0, width)) // [batch, height, width, out]
}

// patches cuts x [batch, height, width, in] into overlapping 6x6 patches, one for each 4x4 tile of the output:
// [6, 6, batch, rows, columns, in].
//
// In each direction a patch is its own four lines and the next patch's first two, so two slices and a concatenation do.
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

// transformKernel brings a kernel [3, 3, in, out] into the form that winograd takes, [36, in, out].
func transformKernel(kernel []float32, in, out int) []float32 {
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

// flipKernel turns a kernel [3, 3, in, out] by half a turn and swaps its channels, [3, 3, out, in]: convolving a gradient with
// it is the gradient of the convolution.
func flipKernel(kernel []float32, in, out int) []float32 {
	flipped := make([]float32, len(kernel))
	for k := range 9 {
		from, to := kernel[k*in*out:(k+1)*in*out], flipped[(8-k)*in*out:(9-k)*in*out]
		for i := range in {
			for o := range out {
				to[o*in+i] = from[i*out+o]
			}
		}
	}
	return flipped
}

// withGradient returns y, which was computed from x, with a gradient of its own: backward takes the gradient with respect to y to the one with
// respect to x.
//
// GoMLX lets only an identity have a custom gradient. So the path that differentiation follows is another one than the
// values': an identity on x, whose custom gradient is backward's; a sum of nothing that has y's shape; and an identity on the result,
// which notes the gradient that arrives.
func withGradient(x, y *Node, backward func(gradient *Node) *Node) *Node {
	var arrived *Node
	path := IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return backward(arrived) })
	nothing := MulScalar(Slice(path, AxisRange(), AxisRange(), AxisRange(), AxisElem(0)), 0) // [batch, height, width, 1]
	y = Add(StopGradient(y), nothing)
	return IdentityWithCustomGradient(y, func(_, gradient *Node) *Node {
		arrived = gradient
		return gradient
	})
}

// Winograd's form pays where a product's inner dimension is large enough to make up for the transforms. The limits were measured on two
// AVX2 cores (XLA CPU, PJRT API 0.115): below them the direct convolution is as fast or faster, or compiling costs more than is won.
const (
	winogradChannels = 128 // input and output channels, at least
	winogradTiles    = 16  // tiles in the batch, at least
)

// suitsWinograd says whether the layer is faster that way for inputs of that shape, [batch, height, width, in].
func (l Layer) suitsWinograd(dims []int) bool {
	tiles := dims[0] * ((dims[1] + tileSide - 1) / tileSide) * ((dims[2] + tileSide - 1) / tileSide)
	return min(l.In, l.Filters) >= winogradChannels && tiles >= winogradTiles && !slices.Contains(dims, 0)
}
