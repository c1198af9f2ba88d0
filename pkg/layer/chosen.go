// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// selected takes one channel for each picture, filters [batch], out of x [batch, ..., channels]: [batch, ..., 1].
func selected(x, filters *Node) *Node { return pick(x, filters, x.Rank()-1) }

// pick takes one place of an axis for each picture, which stays as an axis of 1.
func pick(x, at *Node, axis int) *Node {
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	batch, size := x.Shape().Dim(0), x.Shape().Dim(axis)
	dims[0] = batch
	at = graph.Reshape(at, dims...) // [batch, 1, ..., 1]
	dims[0], dims[axis] = 1, size
	places := graph.Iota(x.Graph(), shapes.Make(at.DType(), dims...), axis) // [1, ..., size, ..., 1]
	dims[0] = batch
	is := graph.Equal(graph.BroadcastToDims(places, dims...), graph.BroadcastToDims(at, dims...))
	is = graph.BroadcastToDims(is, x.Shape().Dimensions...)
	return graph.ReduceAndKeep(graph.Where(is, x, graph.ZerosLike(x)), graph.ReduceSum, axis)
}

// ofChosen takes the chosen channels of a weight whose last axis is the channels, or 1 for all of them: [batch, ...,
// 1], of that rank.
func ofChosen(weight, filters *Node, channels, rank int) *Node {
	batch := 1
	if weight.Shape().Dim(-1) == channels {
		weight = gathered(weight, filters) // [batch, ..., 1]
		batch = filters.Shape().Dim(0)
	} else {
		weight = graph.InsertAxes(weight, 0)
	}
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = 1
	}
	own := weight.Shape().Dimensions[1:]
	copy(dims[rank-len(own):], own)
	dims[0] = batch
	return graph.Reshape(weight, dims...)
}

// gathered takes the chosen ones of a weight's last axis: [..., channels] becomes [batch, ..., 1].
func gathered(weight, filters *Node) *Node {
	index := graph.Reshape(filters, filters.Shape().Dim(0), 1) // [batch, 1]
	return graph.GatherSlices(weight, []int{weight.Rank() - 1}, index, []int{1}, false)
}

// BuildChosen is [Conv.Build] for one filter of each picture: the result is [batch, height, width, 1].
//
// Each picture has a kernel of its own, so the convolution is written as one product that gives a value for each place
// of the kernel at each position, and their shifted sum. For a picture's three channels the sums of correlate are
// several times faster than that.
func (c Conv) BuildChosen(weight func(role string) *Node, filters *Node, inputs ...*Node) *Node {
	x, w, groups := inputs[0], c.mustFit(inputs[0]), max(c.Groups, 1)
	batch, in, places := x.Shape().Dim(0), x.Shape().Dim(3)/groups, c.Kernel[0]*c.Kernel[1]
	kernel := graph.Reshape(gathered(weight(kernelRole), filters), batch, places, in) // [batch, places, in]
	if groups > 1 {
		x = ofGroup(x, filters, groups, c.Filters/groups) // [batch, height, width, in]
	}
	var y *Node // [batch, height', width', 1]
	switch {
	case w.plain() && in <= fewChannels:
		y = withGradient(x, correlate(x, kernel), func(gradient *Node) *Node { return diffuse(gradient, kernel) })
	case w.pointwise():
		y = graph.Einsum("bhwc,bkc->bhwk", w.strided(x), kernel)
	default:
		parts := graph.Einsum("bhwc,bkc->bhwk", x, kernel) // [batch, height, width, places]
		own := graph.DiagonalWithValue(graph.ScalarOne(x.Graph(), x.DType()), places)
		y = convolve(parts, graph.Reshape(own, c.Kernel[0], c.Kernel[1], places, 1), w, 1) // each place takes its own part
	}
	return chosenBias(y, weight, filters, c.NoBias)
}

// ofGroup takes for each picture the channels of the group in which its filter is: [batch, height, width, in/groups].
func ofGroup(x, filters *Node, groups, filtersEach int) *Node {
	dims := x.Shape().Dimensions
	x = graph.Reshape(x, dims[0], dims[1], dims[2], groups, dims[3]/groups)
	x = pick(x, graph.Div(filters, graph.Const(x.Graph(), int32(filtersEach))), 3)
	return graph.Reshape(x, dims[0], dims[1], dims[2], dims[3]/groups)
}

// chosenBias adds the chosen filters' bias to y [batch, ..., 1], unless there is none.
func chosenBias(y *Node, weight func(role string) *Node, filters *Node, none bool) *Node {
	if none {
		return y
	}
	dims := make([]int, y.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = y.Shape().Dim(0)
	return graph.Add(y, graph.Reshape(gathered(weight(biasRole), filters), dims...))
}

// BuildChosen is [DepthwiseConv.Build] for one output channel of each picture.
func (d DepthwiseConv) BuildChosen(weight func(role string) *Node, filters *Node, inputs ...*Node) *Node {
	conv := d.conv(inputs[0].Shape().Dim(-1))
	return conv.BuildChosen(d.grouped(weight, conv), filters, inputs...)
}

// BuildChosen is [SeparableConv.Build] for one filter of each picture.
func (s SeparableConv) BuildChosen(weight func(role string) *Node, filters *Node, inputs ...*Node) *Node {
	return s.pointwise().BuildChosen(as(weight, pointwiseRole), filters, s.first(weight, inputs))
}

// BuildChosen is [Dense.Build] for one unit of each picture: the result's last axis is 1.
func (d Dense) BuildChosen(weight func(role string) *Node, filters *Node, inputs ...*Node) *Node {
	x := inputs[0]
	dims := slices.Clone(x.Shape().Dimensions)
	batch, in := dims[0], dims[len(dims)-1]
	kernel := graph.Reshape(gathered(weight(kernelRole), filters), batch, in)
	y := graph.Einsum("bpc,bc->bp", graph.Reshape(x, batch, -1, in), kernel) // [batch, positions]
	dims[len(dims)-1] = 1
	return chosenBias(graph.Reshape(y, dims...), weight, filters, d.NoBias)
}
