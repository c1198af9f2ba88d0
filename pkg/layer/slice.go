// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Slice takes a part of some axes, as NumPy does: x[start:end:step]. One output of a split is a Slice.
type Slice struct {
	// Axes are those that are cut.
	Axes []int
	// Starts and Ends are one number for each: negative ones count from the end, those beyond an end stand for it.
	Starts, Ends []int
	// Steps are one for each, empty for 1; a negative one goes backwards.
	Steps []int
}

// Shape is what is left.
func (s Slice) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	parts, err := s.parts(in)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(in)
	for axis, part := range parts {
		out[axis] = part.count
	}
	return out, nil
}

// part is count positions of an axis, from the first one on.
type part struct{ first, step, count int }

// parts are those of the axes that are cut.
func (s Slice) parts(in []int) (map[int]part, error) {
	if len(s.Starts) != len(s.Axes) || len(s.Ends) != len(s.Axes) || len(s.Steps) != 0 && len(s.Steps) != len(s.Axes) {
		return nil, fmt.Errorf("%d axes, %d starts, %d ends and %d steps",
			len(s.Axes), len(s.Starts), len(s.Ends), len(s.Steps))
	}
	if _, err := axesOf(s.Axes, len(in)); err != nil {
		return nil, err
	}
	parts := make(map[int]part, len(s.Axes))
	for i, given := range s.Axes {
		axis, _ := axisOf(given, len(in)) // axesOf has seen it
		size, start, end, step := in[axis], s.Starts[i], s.Ends[i], 1
		if len(s.Steps) > 0 {
			step = s.Steps[i]
		}
		if step == 0 || step < -most || step > most {
			return nil, fmt.Errorf("a step of %d: use 1 to %d, or backwards", step, most)
		}
		low, high := 0, size // where a start and an end may be
		if step < 0 {
			low, high = -1, size-1
		}
		if start < 0 {
			start += size
		}
		if end < 0 {
			end += size
		}
		start, end = min(max(start, low), high), min(max(end, low), high)
		count := (end - start + step - 1) / step
		if step < 0 {
			count = (start - end - step - 1) / -step
		}
		if count < 1 {
			return nil, fmt.Errorf("nothing is left of the %d positions of axis %d", size, axis)
		}
		parts[axis] = part{start, step, count}
	}
	return parts, nil
}

// Along returns which position of an axis of that input comes first, and how far apart those are that follow; a step
// of 0 where the input doesn't fit.
func (s Slice) Along(in []int, axis int) (first, step int) {
	parts, err := s.parts(in)
	if axis, wrong := axisOf(axis, len(in)); err == nil && wrong == nil {
		if part, cut := parts[axis]; cut {
			return part.first, part.step
		}
		return 0, 1
	}
	return 0, 0
}

// Weights are none.
func (s Slice) Weights(...[]int) map[string][]int { return nil }

// Channelwise is true where the channels stay as they are.
func (s Slice) Channelwise(inputs ...[]int) bool {
	axes, err := axesOf(s.Axes, len(inputs[0]))
	return err == nil && !axes[len(inputs[0])-1]
}

// Build adds it to the graph.
func (s Slice) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	parts, err := s.parts(x.Shape().Dimensions[1:])
	if err != nil {
		panic(err)
	}
	for axis := range x.Rank() - 1 {
		part, cut := parts[axis]
		if !cut {
			continue
		}
		if part.step < 0 { // the same positions from the other side
			x = reversed(x, axis+1)
			part.first, part.step = x.Shape().Dim(axis+1)-1-part.first, -part.step
		}
		end := min(part.first+part.count*part.step, x.Shape().Dim(axis+1))
		x = graph.SliceAxis(x, axis+1, graph.AxisRange(part.first, end).Stride(part.step))
	}
	return x
}

// reversed turns an axis round. GoMLX has no gradient for that; it is the same.
func reversed(x *Node, axis int) *Node {
	return withGradient(x, graph.Reverse(x, axis), func(gradient *Node) *Node { return graph.Reverse(gradient, axis) })
}
