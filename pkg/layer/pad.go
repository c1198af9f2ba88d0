// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// PadMode is what is put outside a picture.
type PadMode string

// The modes.
const (
	// Constant is the same value everywhere.
	Constant PadMode = ""
	// Reflect mirrors the picture at its outermost positions, which are not repeated.
	Reflect PadMode = "reflect"
	// Edge repeats the outermost positions.
	Edge PadMode = "edge"
)

// Pad puts positions around the input, or cuts some off where a number is negative.
type Pad struct {
	// Begin and End are one number for each axis, or for the first ones: height, width, channels.
	Begin, End []int
	// Mode is what they hold.
	Mode PadMode
	// Value is what they hold with Constant.
	Value float64
}

// Shape is the input's with what is added.
func (p Pad) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	if max(len(p.Begin), len(p.End)) > len(in) {
		return nil, fmt.Errorf("%v and %v are for more axes than %v has", p.Begin, p.End, in)
	}
	out := slices.Clone(in)
	for i, size := range in {
		begin, end := at(p.Begin, i), at(p.End, i)
		if max(begin, end) > most || min(begin, end) < -most {
			return nil, fmt.Errorf("padding of %d and %d: use at most %d", begin, end, most)
		}
		if p.Mode == Reflect && max(begin, end) >= size {
			return nil, fmt.Errorf("%d positions can't be mirrored to %d more", size, max(begin, end))
		}
		if out[i] += begin + end; out[i] < 1 {
			return nil, fmt.Errorf("nothing is left of %d positions", size)
		}
	}
	switch p.Mode {
	case Constant, Reflect, Edge:
		return out, nil
	}
	return nil, fmt.Errorf("there is no way to pad called %q", p.Mode)
}

// at is the list's number, 0 beyond its end.
func at(list []int, i int) int {
	if i >= len(list) {
		return 0
	}
	return list[i]
}

// Weights are none.
func (p Pad) Weights(...[]int) map[string][]int { return nil }

// Channelwise is true where the channels stay as they are.
func (p Pad) Channelwise(inputs ...[]int) bool {
	last := len(inputs[0]) - 1
	return at(p.Begin, last) == 0 && at(p.End, last) == 0
}

// Build adds it to the graph.
func (p Pad) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	begin, end := make([]int, x.Rank()), make([]int, x.Rank())
	for i := range x.Rank() - 1 {
		begin[i+1], end[i+1] = at(p.Begin, i), at(p.End, i)
	}
	x = cut(x, begin, end)
	for i := range begin {
		begin[i], end[i] = max(begin[i], 0), max(end[i], 0)
	}
	if p.Mode == Constant {
		return surround(x, begin, end, p.Value)
	}
	for axis := range begin {
		x = mirror(x, axis, begin[axis], end[axis], p.Mode)
	}
	return x
}

// cut takes off as many positions as the numbers are negative.
func cut(x *Node, begin, end []int) *Node {
	specs := make([]graph.SliceAxisSpec, x.Rank())
	whole := true
	for i, size := range x.Shape().Dimensions {
		from, to := max(-begin[i], 0), size-max(-end[i], 0)
		specs[i] = graph.AxisRange(from, to)
		whole = whole && from == 0 && to == size
	}
	if whole {
		return x
	}
	return graph.Slice(x, specs...)
}

// surround puts a value around x, that many times at the begin and the end of each axis. GoMLX has no gradient for
// that; it is a slice.
func surround(x *Node, begin, end []int, value float64) *Node {
	axes := make([]graph.PadAxis, x.Rank())
	specs := make([]graph.SliceAxisSpec, x.Rank())
	none := true
	for i, size := range x.Shape().Dimensions {
		axes[i] = graph.PadAxis{Start: begin[i], End: end[i]}
		specs[i] = graph.AxisRange(begin[i], begin[i]+size)
		none = none && begin[i] == 0 && end[i] == 0
	}
	if none {
		return x
	}
	y := graph.Pad(x, scalar(x, value), axes...)
	return withGradient(x, y, func(gradient *Node) *Node { return graph.Slice(gradient, specs...) })
}

// mirror puts positions of x itself at the begin and the end of an axis.
func mirror(x *Node, axis, begin, end int, mode PadMode) *Node {
	if begin == 0 && end == 0 {
		return x
	}
	size := x.Shape().Dim(axis)
	one := func(i int) *Node { return graph.SliceAxis(x, axis, graph.AxisElem(i)) }
	var parts []*Node
	for i := begin; i > 0; i-- {
		if mode == Reflect {
			parts = append(parts, one(i))
		} else {
			parts = append(parts, one(0))
		}
	}
	parts = append(parts, x)
	for i := range end {
		if mode == Reflect {
			parts = append(parts, one(size-2-i))
		} else {
			parts = append(parts, one(size-1))
		}
	}
	return graph.Concatenate(parts, axis)
}
