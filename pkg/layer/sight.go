// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"image"
	"slices"
)

// Sight is what the positions of a layer's output see of a picture of one size. Unlike [Field] it knows where:
// padding, and what is cut off on the way, move it.
type Sight struct {
	rows, columns []span
}

// span is a run of pixels, from the first to behind the last; the zero value is none.
type span struct{ from, to int }

// and is the run that holds both.
func (s span) and(other span) span {
	switch {
	case s == (span{}):
		return other
	case other == (span{}):
		return s
	}
	return span{min(s.from, other.from), max(s.to, other.to)}
}

// Sight returns what a layer's positions see of a picture of that height and width, in pixels. As in [Field], what
// gates and normalizations learn from the whole picture isn't counted. Errors are those of [Network.ShapeOf].
func (n *Network) Sight(layer string, height, width int) (Sight, error) {
	at, err := n.find(layer)
	if err != nil {
		return Sight{}, err
	}
	needed := n.needed(at)
	shapes, errs := n.shapes(height, width, needed)
	if errs[at] != nil {
		return Sight{}, errs[at]
	}
	places, picture := n.places(), []int{height, width, n.Input.Channels}
	sights := make([]Sight, len(n.Layers))
	for i := range at + 1 {
		if !needed[i] {
			continue
		}
		op, ins := n.Layers[i].Op, n.inputShapes(i, picture, places, shapes)
		var seen [2][][]span // by direction and input
		for _, name := range n.Layers[i].Inputs {
			below := Sight{pixels(height), pixels(width)}
			if name != Picture {
				below = sights[places[name]]
			}
			seen[0], seen[1] = append(seen[0], below.rows), append(seen[1], below.columns)
		}
		sights[i] = Sight{through(op, 0, ins, shapes[i], seen[0]), through(op, 1, ins, shapes[i], seen[1])}
	}
	return sights[at], nil
}

// Size is how many rows and columns of positions there are; features without places have one of each.
func (s Sight) Size() (rows, columns int) { return len(s.rows), len(s.columns) }

// At is the part of the picture that a position sees, cut at the picture's border; it is empty where that is none of
// it.
func (s Sight) At(row, column int) image.Rectangle {
	y, x := s.rows[row], s.columns[column]
	return image.Rect(x.from, y.from, x.to, y.to)
}

// pixels are what the positions of the picture itself see in a direction.
func pixels(count int) []span {
	all := make([]span, count)
	for i := range all {
		all[i] = span{i, i + 1}
	}
	return all
}

// counts is how many positions a shape has in a direction: [positions, features] have them in the first.
func counts(shape []int, direction int) int {
	if len(shape) >= 3 || len(shape) == 2 && direction == 0 {
		return shape[direction]
	}
	return 1
}

// through is what positions see in a direction after one Op more.
func through(op Op, direction int, ins [][]int, out []int, seen [][]span) []span {
	all := make([]span, counts(out, direction))
	if len(seen) == 0 { // a constant
		return all
	}
	below := seen[0]
	add := func(position, from int) {
		if position >= 0 && position < len(all) && from >= 0 && from < len(below) {
			all[position] = all[position].and(below[from])
		}
	}
	switch op := op.(type) {
	case Conv, DepthwiseConv, SeparableConv, MaxPool, AveragePool:
		w := windowOf(op, ins[0])
		for i := range all {
			for k := range w.kernel[direction] {
				add(i, i*w.stride[direction]-w.begin[direction]+k*w.dilation[direction])
			}
		}
	case ConvTranspose:
		w, _ := op.fit(ins[0]) // it has a shape, so it fits
		for from := range below {
			for k := range w.kernel[direction] {
				add(from*w.stride[direction]-w.begin[direction]+k*w.dilation[direction], from)
			}
		}
	case Resize:
		scale := op.scale(direction)
		if op.Scale[direction] == 0 {
			scale = float64(len(all)) / float64(len(below))
		}
		for i := range all {
			for _, tap := range op.taps(i, len(below), len(all), scale) {
				if tap.share != 0 {
					add(i, tap.place)
				}
			}
		}
	case Pad:
		for i := range all {
			add(i, op.source(direction, i, len(below)))
		}
	case Slice:
		parts, _ := op.parts(ins[0])
		taken, cut := parts[direction]
		if !cut || len(out) < 3 {
			taken = part{0, 1, len(all)}
		}
		for i := range all {
			add(i, taken.first+i*taken.step)
		}
	case Concat:
		if axis, _ := axisOf(op.Axis, len(out)); axis == direction && len(out) >= 3 {
			return slices.Concat(seen...)
		}
		return together(all, seen)
	default:
		if !keeps(op, direction, ins[0], out) {
			seen = [][]span{joined(below)}
		}
		return together(all, seen)
	}
	return all
}

// together is what positions see that take the same position of each input. An input with one position for many is a
// gate, which isn't counted.
func together(all []span, seen [][]span) []span {
	most := 0
	for _, below := range seen {
		most = max(most, len(below))
	}
	for _, below := range seen {
		if len(below) == 1 && most > 1 {
			continue
		}
		for i := range all {
			all[i] = all[i].and(below[i%len(below)])
		}
	}
	return all
}

// joined is all that positions see, as that of one.
func joined(below []span) []span {
	var all span
	for _, s := range below {
		all = all.and(s)
	}
	return []span{all}
}

// keeps says whether an Op leaves positions where they are in a direction.
func keeps(op Op, direction int, in, out []int) bool {
	same := func(direction int) bool { return counts(in, direction) == counts(out, direction) }
	switch op := op.(type) {
	case Arithmetic:
		return true // of inputs that are broadcast too
	case Reshape: // which goes row by row
		return len(in) >= 3 && len(out) >= 3 && same(0) && (direction == 0 || same(1))
	case Permute:
		for i := range min(2, len(op.Axes)) {
			if axis, err := axisOf(op.Axes[i], len(in)); err != nil || axis != i {
				return false
			}
		}
	}
	return same(direction)
}

// windowOf is how the Op's window goes over a picture that fits it.
func windowOf(op Op, in []int) window {
	var w window
	switch op := op.(type) {
	case Conv:
		_, w, _ = op.fit([][]int{in})
	case DepthwiseConv:
		_, w, _ = op.conv(in[2]).fit([][]int{in})
	case SeparableConv:
		_, w, _ = op.depthwise().conv(in[2]).fit([][]int{in})
	case MaxPool:
		w, _ = op.pool().fit(in)
	case AveragePool:
		w, _ = op.pool().fit(in)
	}
	return w
}

// source is the position of the input that is put at one of the output, of an axis of that size; -1 for a constant.
func (p Pad) source(axis, i, size int) int {
	begin, end := at(p.Begin, axis), at(p.End, axis)
	first, left := max(-begin, 0), size-max(-begin, 0)-max(-end, 0) // what is not cut off
	i -= max(begin, 0)
	switch {
	case i >= 0 && i < left:
	case p.Mode == Edge:
		i = min(max(i, 0), left-1)
	case p.Mode == Reflect && i < 0:
		i = -i
	case p.Mode == Reflect:
		i = 2*left - 2 - i
	default:
		return -1
	}
	return first + i
}
