// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"github.com/gomlx/gomlx/core/graph"
)

// places is how many there are in a 3x3 kernel.
const places = 9

// fewChannels is up to how many input channels correlate is used.
const fewChannels = 4

// correlate convolves each picture with one filter of its own, padding "same": x [batch, height, width, in] and
// kernels [batch, 9, in] give [batch, height, width, 1].
//
// It is written product by product, with the width as the innermost axis, so that all fuses into one loop. It has no
// gradient of its own that is as fast: diffuse is that.
func correlate(x, kernels *Node) *Node {
	batch, height, width, in := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	planes := bordered(graph.TransposeAllAxes(x, 0, 3, 1, 2)) // [batch, in, height+2, width+2]
	var sum *Node
	for place := range places {
		around := shifted(planes, place, height, width) // [batch, in, height, width]
		for c := range in {
			weight := graph.Slice(kernels, graph.AxisRange(), graph.AxisElem(place), graph.AxisElem(c))
			plane := graph.Slice(around, graph.AxisRange(), graph.AxisElem(c))
			sum = plus(sum, graph.Mul(plane, graph.Reshape(weight, batch, 1, 1, 1))) // [batch, 1, height, width]
		}
	}
	return graph.Reshape(sum, batch, height, width, 1)
}

// diffuse is the gradient of correlate with respect to x: gradient [batch, height, width, 1] gives [batch, height,
// width, in].
func diffuse(gradient, kernels *Node) *Node {
	batch, height, width := gradient.Shape().Dim(0), gradient.Shape().Dim(1), gradient.Shape().Dim(2)
	in := kernels.Shape().Dim(2)
	plane := bordered(graph.Reshape(gradient, batch, 1, height, width)) // [batch, 1, height+2, width+2]
	var sum *Node
	for place := range places {
		opposite := shifted(plane, places-1-place, height, width) // [batch, 1, height, width]
		weights := graph.Reshape(graph.Slice(kernels, graph.AxisRange(), graph.AxisElem(place)), batch, in, 1, 1)
		sum = plus(sum, graph.Mul(opposite, weights)) // [batch, in, height, width]
	}
	return graph.TransposeAllAxes(sum, 0, 2, 3, 1)
}

// bordered puts a border of one zero around each plane of x, [batch, planes, height, width].
func bordered(x *Node) *Node {
	border := graph.PadAxis{Start: 1, End: 1}
	return graph.Pad(x, graph.ScalarZero(x.Graph(), x.DType()), graph.PadAxis{}, graph.PadAxis{}, border, border)
}

// shifted is what one place of a 3x3 kernel, 0 to 8, sees of planes with a border: [batch, planes, height, width].
func shifted(planes *Node, place, height, width int) *Node {
	row, column := place/3, place%3
	return graph.Slice(planes, graph.AxisRange(), graph.AxisRange(),
		graph.AxisRange(row, row+height), graph.AxisRange(column, column+width))
}
