// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// backThroughStrides is backward for strides, without dilation and groups: gradient [batch, height', width', filters]
// gives [batch, height, width, in].
//
// A convolution over a gradient that is spread by the strides multiplies zeros most of the time, and XLA's CPU has no
// fast way for it. Here all products are those of one matrix, and what falls on the same position is summed up then,
// first along the columns and then along the rows.
func backThroughStrides(gradient, kernel *Node, w window) *Node {
	batch, in, filters := gradient.Shape().Dim(0), kernel.Shape().Dim(2), kernel.Shape().Dim(3)
	products := graph.DotGeneral(graph.Reshape(gradient, -1, filters), []int{1}, nil,
		graph.Reshape(kernel, -1, filters), []int{1}, nil) // [batch*height'*width', kernel's height*width*in]
	height, width := w.kernel[0], w.kernel[1]
	products = graph.Reshape(products, batch*w.out[0], w.out[1], height, width*in)
	rows := make([]*Node, height)
	for row := range rows {
		columns := make([]*Node, width)
		for column := range columns {
			place := graph.Slice(products, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(row),
				graph.AxisRange(column*in, (column+1)*in))
			columns[column] = graph.Reshape(place, batch*w.out[0], w.out[1], in)
		}
		sum := w.interleaved(1, columns) // [batch*height', width, in]
		rows[row] = graph.Reshape(sum, batch, w.out[0], w.in[1]*in)
	}
	return graph.Reshape(w.interleaved(0, rows), batch, w.in[0], w.in[1], in)
}

// interleaved sums up what each place of a kernel gives to the positions of a direction, [n, positions', values] each:
// [n, positions, values].
func (w window) interleaved(direction int, places []*Node) *Node {
	n, values := places[0].Shape().Dim(0), places[0].Shape().Dim(2)
	stride, begin, in := w.stride[direction], w.begin[direction], w.in[direction]
	each := (begin + in + stride - 1) / stride // positions of a phase
	phases := make([]*Node, stride)
	for i, place := range places {
		// The k-th value of place i falls on position k*stride+i, which is the one at k+i/stride of phase i%stride.
		phases[i%stride] = plus(phases[i%stride], moved(place, i/stride, each))
	}
	for i, phase := range phases {
		if phase == nil { // the kernel is smaller than the stride
			phase = graph.Zeros(places[0].Graph(), shapes.Make(places[0].DType(), n, each, values))
		}
		phases[i] = graph.Reshape(phase, n, each, 1, values)
	}
	all := graph.Reshape(graph.Concatenate(phases, 2), n, each*stride, values)
	return graph.Slice(all, graph.AxisRange(), graph.AxisRange(begin, begin+in))
}

// moved moves values [n, positions, values] behind by positions, to as many as there are to be in all.
func moved(x *Node, by, all int) *Node {
	keep := min(x.Shape().Dim(1), all-by)
	if keep <= 0 {
		return graph.Zeros(x.Graph(), shapes.Make(x.DType(), x.Shape().Dim(0), all, x.Shape().Dim(2)))
	}
	x = graph.Slice(x, graph.AxisRange(), graph.AxisRange(0, keep))
	return surround(x, []int{0, by, 0}, []int{0, all - by - keep, 0}, 0)
}
