// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Concat joins inputs along an axis.
type Concat struct {
	// Axis is where they are joined: -1 for the channels.
	Axis int
}

// Shape is the inputs' with their sizes along the axis added.
func (c Concat) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) == 0 {
		return nil, fmt.Errorf("it takes at least one input")
	}
	axis, err := axisOf(c.Axis, len(inputs[0]))
	if err != nil {
		return nil, err
	}
	out := slices.Clone(inputs[0])
	for _, in := range inputs[1:] {
		fits := len(in) == len(out)
		for i := range in {
			fits = fits && (i == axis || in[i] == out[i])
		}
		if !fits {
			return nil, fmt.Errorf("shapes that don't fit: %v", inputs)
		}
		out[axis] += in[axis]
	}
	return out, nil
}

// Weights are none.
func (c Concat) Weights(...[]int) map[string][]int { return nil }

// Flatten makes one axis of all.
type Flatten struct {
	// ChannelsFirst puts all positions of the first channel first, as PyTorch does; otherwise all channels of the
	// first position come first, as in Keras.
	ChannelsFirst bool
}

// Shape is [features].
func (f Flatten) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	return []int{size(in)}, nil
}

// size is the product of a shape.
func size(shape []int) int {
	all := 1
	for _, size := range shape {
		all *= size
	}
	return all
}

// Weights are none.
func (f Flatten) Weights(...[]int) map[string][]int { return nil }

// Reshape lays the same values out in another shape.
type Reshape struct {
	// To is the shape: a 0 keeps the size at that place, and one of them may be -1, which is what is left.
	To []int
}

// Shape is To, with the sizes filled in.
func (r Reshape) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	out, open, rest := slices.Clone(r.To), -1, size(in)
	for i, given := range r.To {
		switch {
		case given == 0 && i < len(in):
			out[i] = in[i]
		case given == -1 && open < 0:
			open = i
			continue
		case given < 1:
			return nil, fmt.Errorf("%v can't be filled from %v", r.To, in)
		}
		if out[i] < 1 || rest%out[i] != 0 {
			return nil, fmt.Errorf("%v doesn't hold the %d values of %v", r.To, size(in), in)
		}
		rest /= out[i]
	}
	if open >= 0 {
		out[open] = rest
	} else if rest != 1 {
		return nil, fmt.Errorf("%v doesn't hold the %d values of %v", r.To, size(in), in)
	}
	return out, nil
}

// Weights are none.
func (r Reshape) Weights(...[]int) map[string][]int { return nil }

// Permute puts the axes in another order.
type Permute struct {
	// Axes are those of the input, in the order of the output: [2, 0, 1] puts the channels first.
	Axes []int
}

// Shape is the input's in that order.
func (p Permute) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	if _, err := axesOf(p.Axes, len(in)); err != nil || len(p.Axes) != len(in) {
		return nil, fmt.Errorf("%v is no order of the axes of %v", p.Axes, in)
	}
	out := make([]int, len(in))
	for i, given := range p.Axes {
		axis, _ := axisOf(given, len(in)) // axesOf has seen it
		out[i] = in[axis]
	}
	return out, nil
}

// Weights are none.
func (p Permute) Weights(...[]int) map[string][]int { return nil }

// Squeeze leaves out axes of size 1.
type Squeeze struct {
	// Axes are those of the input; empty stands for all of size 1.
	Axes []int
}

// Shape is the input's without the axes.
func (s Squeeze) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	axes, err := axesOf(s.Axes, len(in))
	if err != nil {
		return nil, err
	}
	out := []int{}
	for i, size := range in {
		switch {
		case axes[i] && size != 1:
			return nil, fmt.Errorf("axis %d of %v is not 1", i, in)
		case !axes[i] && (len(s.Axes) > 0 || size != 1):
			out = append(out, size)
		}
	}
	return out, nil
}

// Weights are none.
func (s Squeeze) Weights(...[]int) map[string][]int { return nil }

// Expand puts in axes of size 1.
type Expand struct {
	// Axes are those of the output.
	Axes []int
}

// Shape is the input's with the axes.
func (e Expand) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	axes, err := axesOf(e.Axes, len(in)+len(e.Axes))
	if err != nil {
		return nil, err
	}
	out := slices.Clone(in)
	for i := range len(in) + len(e.Axes) {
		if axes[i] {
			out = slices.Insert(out, i, 1)
		}
	}
	return out, nil
}

// Weights are none.
func (e Expand) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (c Concat) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	axis, err := axisOf(c.Axis, inputs[0].Rank()-1)
	if err != nil {
		panic(err)
	}
	return graph.Concatenate(inputs, axis+1)
}

// Build adds it to the graph.
func (f Flatten) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	if last := x.Rank() - 1; f.ChannelsFirst && last > 1 {
		order := []int{0, last}
		for axis := 1; axis < last; axis++ {
			order = append(order, axis)
		}
		x = graph.TransposeAllAxes(x, order...)
	}
	return graph.Reshape(x, x.Shape().Dim(0), -1)
}

// Build adds it to the graph.
func (r Reshape) Build(_ func(role string) *Node, inputs ...*Node) *Node { return shaped(r, inputs[0]) }

// shaped lays x out in the shape that the Op gives.
func shaped(op Op, x *Node) *Node {
	dims := x.Shape().Dimensions
	out, err := op.Shape(dims[1:])
	if err != nil {
		panic(err)
	}
	return graph.Reshape(x, append([]int{dims[0]}, out...)...)
}

// Build adds it to the graph.
func (p Permute) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	order := []int{0}
	for _, given := range p.Axes {
		axis, err := axisOf(given, x.Rank()-1)
		if err != nil {
			panic(err)
		}
		order = append(order, axis+1)
	}
	return graph.TransposeAllAxes(x, order...)
}

// Build adds it to the graph.
func (s Squeeze) Build(_ func(role string) *Node, inputs ...*Node) *Node { return shaped(s, inputs[0]) }

// Build adds it to the graph.
func (e Expand) Build(_ func(role string) *Node, inputs ...*Node) *Node { return shaped(e, inputs[0]) }
