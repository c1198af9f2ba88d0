// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/layer"
)

// slidingMean is an AveragePool of other values than pictures, which moves along axes by single positions: PyTorch
// writes local response normalization so.
func (r *reader) slidingMean(n *node, x *value) ([]*value, error) {
	kernel, err := n.ints("kernel_shape")
	if err != nil {
		return nil, err
	}
	plain := len(kernel) == len(x.order)-2 && n.Text("auto_pad", "NOTSET") == "NOTSET"
	for name, needed := range map[string]int{"strides": 1, "dilations": 1, "pads": 0} {
		list, err := n.ints(name)
		plain = plain && err == nil && !slices.ContainsFunc(list, func(v int) bool { return v != needed })
	}
	if !plain {
		return nil, fmt.Errorf("one of %d axes is not supported", len(x.order))
	}
	var op sliding
	for i, size := range kernel {
		at, err := x.stored([]int{i + 2})
		if err != nil {
			return nil, err
		}
		if size != 1 {
			op.Axes, op.Sizes = append(op.Axes, at[0]), append(op.Sizes, size)
		}
	}
	return []*value{r.row(n, "", op, nil, x.order, x)}, nil
}

// sliding is the mean of neighbours along some axes.
type sliding struct {
	// Axes are the input's, without the batch, and Sizes how many neighbours along each.
	Axes, Sizes []int
}

// Shape is the input's, with the positions where a window begins.
func (s sliding) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) != 1 {
		return nil, fmt.Errorf("it takes one input, not %d", len(inputs))
	}
	out := slices.Clone(inputs[0])
	for i, axis := range s.Axes {
		if s.Sizes[i] < 1 || s.Sizes[i] > min(out[axis], maxTaken) {
			return nil, fmt.Errorf("a window of %d for %d positions", s.Sizes[i], out[axis])
		}
		out[axis] -= s.Sizes[i] - 1
	}
	return out, nil
}

// Weights are none.
func (sliding) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (s sliding) Build(_ func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	x := inputs[0]
	for i, axis := range s.Axes {
		size := s.Sizes[i]
		count := x.Shape().Dim(axis+1) - size + 1
		sum := graph.SliceAxis(x, axis+1, graph.AxisRange(0, count))
		for from := 1; from < size; from++ {
			sum = graph.Add(sum, graph.SliceAxis(x, axis+1, graph.AxisRange(from, from+count)))
		}
		x = graph.DivScalar(sum, float64(size))
	}
	return x
}
