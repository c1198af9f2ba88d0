// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// Reduction is what becomes of many values.
type Reduction string

// The reductions.
const (
	Mean    Reduction = "mean"
	Sum     Reduction = "sum"
	Maximal Reduction = "max"
	Minimal Reduction = "min"
)

// Reduce makes one value of all along some axes. A global pool is one over the axes 0 and 1.
type Reduce struct {
	// To is what they become.
	To Reduction
	// Axes are those that go; empty stands for all.
	Axes []int
	// Keep leaves a 1 in the place of each.
	Keep bool
}

// Shape is the input's without the axes.
func (r Reduce) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	switch r.To {
	case Mean, Sum, Maximal, Minimal:
	default:
		return nil, fmt.Errorf("there is no reduction %q", r.To)
	}
	axes, err := r.axes(len(in))
	if err != nil {
		return nil, err
	}
	out := []int{}
	for i, size := range in {
		switch {
		case !axes[i]:
			out = append(out, size)
		case r.Keep:
			out = append(out, 1)
		}
	}
	return out, nil
}

func (r Reduce) axes(rank int) (map[int]bool, error) {
	axes, err := axesOf(r.Axes, rank)
	if err == nil && len(axes) == 0 {
		for i := range rank {
			axes[i] = true
		}
	}
	return axes, err
}

// Weights are none.
func (r Reduce) Weights(...[]int) map[string][]int { return nil }

// Channelwise is true where the channels stay.
func (r Reduce) Channelwise(inputs ...[]int) bool {
	rank := len(inputs[0])
	axes, err := r.axes(rank)
	return err == nil && !axes[rank-1]
}

// Build adds it to the graph.
func (r Reduce) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	chosen, err := r.axes(x.Rank() - 1)
	if err != nil {
		panic(err)
	}
	var axes []int
	for i := range x.Rank() - 1 {
		if chosen[i] {
			axes = append(axes, i+1)
		}
	}
	if len(axes) == 0 {
		return x // a single number
	}
	var y *Node
	switch r.To {
	case Mean:
		y = graph.ReduceAndKeep(x, graph.ReduceMean, axes...)
	case Sum:
		y = graph.ReduceAndKeep(x, graph.ReduceSum, axes...)
	case Maximal:
		y = extreme(x, axes, graph.ReduceMax)
	default:
		y = extreme(x, axes, graph.ReduceMin)
	}
	if r.Keep {
		return y
	}
	return graph.Squeeze(y, axes...)
}

// extreme is the largest or smallest value along the axes, which stay. Equal ones share the gradient, as in
// TensorFlow; GoMLX gives each of them all of it.
func extreme(x *Node, axes []int, reduce func(x *Node, axes ...int) *Node) *Node {
	y := graph.ReduceAndKeep(x, reduce, axes...)
	return withGradient(x, y, func(gradient *Node) *Node {
		reached := graph.ConvertDType(graph.Equal(x, graph.BroadcastToShape(y, x.Shape())), x.DType())
		share := graph.Div(gradient, graph.ReduceAndKeep(reached, graph.ReduceSum, axes...))
		return graph.Mul(reached, share)
	})
}
