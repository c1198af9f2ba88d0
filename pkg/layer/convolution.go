// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"github.com/gomlx/gomlx/core/graph"
)

// convolve convolves x [batch, height, width, in] with kernel [height, width, in/groups, filters].
//
// What package device has its own kernels for is written as they know it: 3x3 with a border of one, and depthwise. 1x1
// is a matrix product, which XLA computes several times faster than a convolution. GoMLX's gradient is right for odd
// kernels without groups alone, and it computes that of the kernel too, so all but the first have their own.
func convolve(x, kernel *Node, w window, groups int) *Node {
	switch {
	case groups == 1 && w.plain():
		return graph.Convolve(x, kernel).PadSame().Done() // [batch, height, width, filters]
	case groups > 1 && w.plain() && kernel.Shape().Dim(2) > 1 && kernel.Shape().Dim(2) < fewOfGroup:
		return convolve(x, blocks(kernel, groups), w, 1)
	case groups == 1 && w.pointwise():
		return product(w.strided(x), kernel) // [batch, height', width', filters]
	}
	y := forward(x, kernel, w, groups) // [batch, height', width', filters]
	return withGradient(x, y, func(gradient *Node) *Node { return backward(gradient, kernel, w, groups) })
}

// fewOfGroup is from how many channels in each group on groups are convolved as such: for fewer the device's own
// kernel is faster on all channels, most of them times 0.
const fewOfGroup = 8

// blocks is a kernel [height, width, in/groups, filters] for all channels, [height, width, in, filters], with zeros
// between the groups.
func blocks(kernel *Node, groups int) *Node {
	dims := kernel.Shape().Dimensions
	height, width, in, filters := dims[0], dims[1], dims[2], dims[3]
	own := graph.DiagonalWithValue(graph.ScalarOne(kernel.Graph(), kernel.DType()), groups)
	kernel = graph.Reshape(kernel, height, width, 1, in, groups, filters/groups)
	own = graph.Reshape(own, 1, 1, groups, 1, groups, 1)
	kernel = graph.Mul(kernel, own) // [height, width, groups, in, groups, each]
	return graph.Reshape(kernel, height, width, groups*in, filters)
}

// plain says whether it is a 3x3 window with a border of one.
func (w window) plain() bool {
	one := [2]int{1, 1}
	return w.kernel == [2]int{3, 3} && w.stride == one && w.dilation == one && w.begin == one && w.end == one
}

// pointwise says whether it is a 1x1 window without padding.
func (w window) pointwise() bool {
	return w.kernel == [2]int{1, 1} && w.begin == [2]int{} && w.end == [2]int{}
}

// strided takes the positions of x that a pointwise window looks at.
func (w window) strided(x *Node) *Node {
	if w.stride == [2]int{1, 1} {
		return x
	}
	return graph.Slice(x, graph.AxisRange(), graph.AxisRange().Stride(w.stride[0]),
		graph.AxisRange().Stride(w.stride[1]))
}

// product is a 1x1 convolution.
func product(x, kernel *Node) *Node {
	dims, in, filters := x.Shape().Dimensions, kernel.Shape().Dim(2), kernel.Shape().Dim(3)
	y := graph.MatMul(graph.Reshape(x, -1, in), graph.Reshape(kernel, in, filters)) // [batch*height*width, filters]
	return graph.Reshape(y, dims[0], dims[1], dims[2], filters)
}

// forward is a convolution without a gradient.
func forward(x, kernel *Node, w window, groups int) *Node {
	padding := [2][2]int{{w.begin[0], w.end[0]}, {w.begin[1], w.end[1]}}
	return spread(x, kernel, w.stride, [2]int{1, 1}, w.dilation, padding, groups)
}

// backward is the way back of forward, from its output's size to its input's: the gradient with respect to x, and a
// transposed convolution.
func backward(gradient, kernel *Node, w window, groups int) *Node {
	if one := [2]int{1, 1}; groups == 1 && w.stride != one && w.dilation == one {
		return backThroughStrides(gradient, kernel, w)
	}
	turned := turn(kernel, groups) // [height, width, filters/groups, in]
	var padding [2][2]int
	for i := range padding {
		begin := w.reach(i) - 1 - w.begin[i]
		padding[i] = [2]int{begin, w.in[i] + w.reach(i) - 1 - ((w.out[i]-1)*w.stride[i] + 1) - begin}
	}
	return spread(gradient, turned, [2]int{1, 1}, w.stride, w.dilation, padding, groups)
}

// turn turns a kernel [height, width, in/groups, filters] by half a turn and exchanges input and output within each
// group: [height, width, filters/groups, in].
func turn(kernel *Node, groups int) *Node {
	dims := kernel.Shape().Dimensions
	in, filters := dims[2], dims[3]/groups
	kernel = graph.Reverse(kernel, 0, 1)
	switch {
	case in == 1 && filters == 1:
		return kernel
	case groups == 1:
		return graph.TransposeAllAxes(kernel, 0, 1, 3, 2)
	}
	kernel = graph.Reshape(kernel, dims[0], dims[1], in, groups, filters)
	kernel = graph.TransposeAllAxes(kernel, 0, 1, 4, 3, 2) // [height, width, filters/groups, groups, in/groups]
	return graph.Reshape(kernel, dims[0], dims[1], filters, groups*in)
}

// spread is a convolution whose values are apart by far, as those of a gradient through strides are.
func spread(x, kernel *Node, stride, far, dilation [2]int, padding [2][2]int, groups int) *Node {
	if groups > 1 && groups == x.Shape().Dim(3) && groups == kernel.Shape().Dim(3) && onCard(x.Graph()) {
		return sums(x, kernel, stride, far, dilation, padding)
	}
	axes := graph.ConvolveAxesConfig{
		InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
		KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
		OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
	}
	return graph.ConvGeneral(x, kernel, axes, stride[:], padding[:], far[:], dilation[:], groups, 1)
}
