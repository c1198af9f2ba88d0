// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"
)

// around splits a shape at an axis: how often it is repeated, and how many elements follow each position.
func around(dims []int, axis int) (outer, inner int) {
	outer, inner = 1, 1
	for _, d := range dims[:axis] {
		outer *= d
	}
	for _, d := range dims[axis+1:] {
		inner *= d
	}
	return outer, inner
}

// concat joins arrays along an axis.
func (n *node) concat(in []*array) (*array, error) {
	axis, err := axisIn(int(n.Int("axis", 0)), len(in[0].dims))
	if err != nil {
		return nil, err
	}
	dims := slices.Clone(in[0].dims)
	for _, a := range in[1:] {
		if a == nil || len(a.dims) != len(dims) {
			return nil, fmt.Errorf("arrays that don't fit")
		}
		dims[axis] += a.dims[axis]
	}
	all, err := count(dims)
	if err != nil || all > maxElements {
		return nil, fmt.Errorf("arrays that are too large to be joined")
	}
	values := make([][]float64, len(in))
	for i, a := range in {
		if values[i], err = a.read(); err != nil {
			return nil, err
		}
	}
	outer, inner := around(dims, axis)
	out := make([]float64, 0, all)
	for o := range min(outer, all) {
		for i, a := range in {
			part := a.dims[axis] * inner
			if (o+1)*part > len(values[i]) {
				return nil, fmt.Errorf("arrays that don't fit")
			}
			out = append(out, values[i][o*part:(o+1)*part]...)
		}
	}
	if len(out) != all {
		return nil, fmt.Errorf("arrays that don't fit")
	}
	return newArray(dims, in[0].real, out), nil
}

// taken is the array with some positions of an axis.
func (a *array) taken(axis int, at []int) (*array, error) {
	dims := slices.Clone(a.dims)
	dims[axis] = len(at)
	all, err := count(dims)
	if err != nil || all > maxElements || all > a.size()+maxGrown {
		return nil, fmt.Errorf("too much to be taken from an array of shape %v", a.dims)
	}
	values, err := a.read()
	if err != nil {
		return nil, err
	}
	outer, inner := around(a.dims, axis)
	out := make([]float64, 0, all)
	for o := range min(outer, all) {
		for _, i := range at {
			from := (o*a.dims[axis] + i) * inner
			out = append(out, values[from:from+inner]...)
		}
	}
	return newArray(dims, a.real, out), nil
}

// gather takes positions of an axis.
func (n *node) gather(x, indices *array) (*array, error) {
	axis, err := axisIn(int(n.Int("axis", 0)), len(x.dims))
	if err != nil {
		return nil, err
	}
	at, err := indices.ints()
	if err != nil {
		return nil, err
	}
	for i := range at {
		if at[i], err = axisIn(at[i], x.dims[axis]); err != nil {
			return nil, err
		}
	}
	out, err := x.taken(axis, at)
	if err != nil {
		return nil, err
	}
	return out.reshaped(slices.Concat(x.dims[:axis], indices.dims, x.dims[axis+1:]))
}

// cut is a slice of one axis.
type cut struct{ axis, start, end, step int }

// cuts are the slices that a Slice node asks for, of a value of that rank.
func (n *node) cuts(in []*array, rank int) ([]cut, error) {
	var lists [4][]int
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		var err error
		if lists[i], err = n.list(in, i+1, name); err != nil {
			return nil, err
		}
	}
	starts, ends, axes, steps := lists[0], lists[1], lists[2], lists[3]
	if len(starts) != len(ends) || axes != nil && len(axes) != len(starts) ||
		steps != nil && len(steps) != len(starts) {
		return nil, fmt.Errorf("%d starts, %d ends, %d axes and %d steps", len(starts), len(ends), len(axes),
			len(steps))
	}
	all := make([]cut, len(starts))
	for i := range starts {
		c := cut{i, starts[i], ends[i], 1}
		if axes != nil {
			c.axis = axes[i]
		}
		if steps != nil {
			c.step = steps[i]
		}
		var err error
		if c.axis, err = axisIn(c.axis, rank); err != nil {
			return nil, err
		}
		if c.step == 0 {
			return nil, fmt.Errorf("a step of 0")
		}
		all[i] = c
	}
	return all, nil
}

// slice takes a part of some axes.
func (n *node) slice(in []*array) (*array, error) {
	x := in[0]
	cuts, err := n.cuts(in, len(x.dims))
	if err != nil {
		return nil, err
	}
	for _, c := range cuts {
		size := x.dims[c.axis]
		low, high := 0, size
		if c.step < 0 {
			low, high = -1, size-1
		}
		place := func(i int) int {
			if i < 0 {
				i += size
			}
			return min(max(i, low), high)
		}
		var at []int
		start, end := place(c.start), place(c.end)
		for i := start; c.step > 0 && i < end || c.step < 0 && i > end; i += c.step {
			at = append(at, i)
		}
		if x, err = x.taken(c.axis, at); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// split takes an array apart along an axis.
func (n *node) split(in []*array) ([]*array, error) {
	axis, sizes, err := n.parts(in, in[0].dims)
	if err != nil {
		return nil, err
	}
	var out []*array
	start := 0
	for _, size := range sizes {
		at := make([]int, size)
		for i := range at {
			at[i] = start + i
		}
		part, err := in[0].taken(axis, at)
		if err != nil {
			return nil, err
		}
		out, start = append(out, part), start+size
	}
	return out, nil
}

// parts are the sizes along an axis of what a Split node gives of that shape.
func (n *node) parts(in []*array, dims []int) (axis int, sizes []int, err error) {
	if axis, err = axisIn(int(n.Int("axis", 0)), len(dims)); err != nil {
		return 0, nil, err
	}
	if sizes, err = n.list(in, 1, "split"); err != nil {
		return 0, nil, err
	}
	left := dims[axis]
	if sizes == nil {
		parts := len(n.Outputs)
		each := (left + parts - 1) / max(parts, 1)
		for range parts {
			sizes = append(sizes, min(each, left))
			left -= sizes[len(sizes)-1]
		}
	} else {
		for _, size := range sizes {
			if size < 0 || size > left {
				return 0, nil, fmt.Errorf("%d positions can't be split into %v", dims[axis], sizes)
			}
			left -= size
		}
	}
	if left != 0 || slices.Contains(sizes, 0) {
		return 0, nil, fmt.Errorf("%d positions can't be split into %v", dims[axis], sizes)
	}
	return axis, sizes, nil
}
