// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"math"
	"slices"
)

// constant is what a Constant node holds.
func (n *node) constant() (*array, error) {
	for _, name := range []string{"value_int", "value_float", "value_ints", "value_floats"} {
		if !n.Has(name) {
			continue
		}
		switch name {
		case "value_int":
			return newArray([]int{}, false, []float64{float64(n.Int(name, 0))}), nil
		case "value_float":
			return newArray([]int{}, true, []float64{float64(n.Float(name, 0))}), nil
		case "value_ints":
			list, err := n.ints(name)
			return wholes(list...), err
		}
		list, ok := n.Floats(name)
		values := make([]float64, len(list))
		for i, v := range list {
			values[i] = float64(v)
		}
		if !ok {
			return nil, errLong
		}
		return newArray([]int{len(list)}, true, values), nil
	}
	t, ok, err := n.model.Tensor(n.Node, "value")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("a constant that is not read")
	}
	return fileArray(t)
}

// filled is the shape that a Reshape asks for.
func (n *node) filled(to, dims []int) ([]int, error) {
	out, open := slices.Clone(to), -1
	all, err := count(dims)
	if err != nil {
		return nil, err
	}
	rest := all
	for i, d := range to {
		switch {
		case d == 0 && n.Int("allowzero", 0) == 0:
			if i >= len(dims) {
				return nil, fmt.Errorf("%v can't be filled from %v", to, dims)
			}
			out[i] = dims[i]
		case d == -1 && open < 0:
			open = i
			continue
		case d < 0:
			return nil, fmt.Errorf("%v is no shape", to)
		}
		if out[i] == 0 || rest%out[i] != 0 {
			return nil, fmt.Errorf("%v doesn't hold the %d values of %v", to, all, dims)
		}
		rest /= out[i]
	}
	if open >= 0 {
		out[open] = rest
	} else if rest != 1 {
		return nil, fmt.Errorf("%v doesn't hold the %d values of %v", to, all, dims)
	}
	return out, nil
}

// squeezed is what Squeeze or Unsqueeze make of a shape.
func (n *node) squeezed(dims, axes []int) ([]int, error) {
	var out []int
	if n.Op == "Squeeze" {
		gone, err := axesIn(axes, len(dims))
		if err != nil {
			return nil, err
		}
		for i, d := range dims {
			if slices.Contains(gone, i) && d != 1 {
				return nil, fmt.Errorf("axis %d of %v is not 1", i, dims)
			}
			if !slices.Contains(gone, i) && (len(gone) > 0 || d != 1) {
				out = append(out, d)
			}
		}
		return out, nil
	}
	added, err := axesIn(axes, len(dims)+len(axes))
	if err != nil {
		return nil, err
	}
	rest := dims
	for i := range len(dims) + len(axes) {
		if slices.Contains(added, i) {
			out = append(out, 1)
		} else {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	return out, nil
}

// cast makes floats or whole numbers of an array.
func (n *node) cast(x *array) (*array, error) {
	to := n.Int("to", 1)
	real := to == 1 || to == 10 || to == 11 || to == 16
	if n.Op == "CastLike" || real == x.real {
		return x, nil
	}
	values, err := x.read()
	if real || err != nil {
		return newArray(x.dims, true, values), err
	}
	const boolean = 9
	out := make([]float64, len(values))
	for i, v := range values {
		if out[i] = math.Trunc(v); to == boolean {
			out[i] = truth(v != 0)
		}
	}
	return newArray(x.dims, false, out), nil
}

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
	outer, inner := around(dims, axis)
	out := make([]float64, 0, all)
	for o := range min(outer, all) {
		for _, a := range in {
			values, err := a.read()
			if err != nil {
				return nil, err
			}
			part := a.dims[axis] * inner
			if (o+1)*part > len(values) {
				return nil, fmt.Errorf("arrays that don't fit")
			}
			out = append(out, values[o*part:(o+1)*part]...)
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
	if err != nil || all > maxElements || all > 4*a.size()+maxGrown {
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
	if len(starts) != len(ends) || axes != nil && len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		return nil, fmt.Errorf("%d starts, %d ends, %d axes and %d steps", len(starts), len(ends), len(axes), len(steps))
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

// spread repeats an array or a value.
func (n *node) spread(in []*array) (*array, error) {
	x := in[0]
	to := []int(nil)
	var err error
	switch n.Op {
	case "ConstantOfShape":
		if to, err = x.ints(); err != nil {
			return nil, err
		}
		x = newArray([]int{}, true, []float64{0})
		if t, ok, err := n.model.Tensor(n.Node, "value"); err != nil {
			return nil, err
		} else if ok {
			if x, err = fileArray(t); err != nil {
				return nil, err
			}
			if x, err = x.reshaped([]int{}); err != nil {
				return nil, err
			}
		}
	case "Expand":
		if to, err = in[1].ints(); err != nil {
			return nil, err
		}
		if to, err = broadcastDims(to, x.dims); err != nil {
			return nil, err
		}
	default:
		repeats, err := in[1].ints()
		if err != nil {
			return nil, err
		}
		if len(repeats) != len(x.dims) {
			return nil, fmt.Errorf("%d repeats of %d axes", len(repeats), len(x.dims))
		}
		for axis, times := range repeats {
			if times < 0 || times*x.dims[axis] > maxGrown {
				return nil, fmt.Errorf("%d repeats", times)
			}
			at := make([]int, times*x.dims[axis])
			for i := range at {
				at[i] = i % x.dims[axis]
			}
			if x, err = x.taken(axis, at); err != nil {
				return nil, err
			}
		}
		return x, nil
	}
	if n, err := count(to); err != nil || n > maxGrown+4*x.size() {
		return nil, fmt.Errorf("an array of shape %v is too large to compute while reading", to)
	}
	values, err := x.spreadTo(to)
	return newArray(to, x.real, values), err
}

// spanned are the numbers of a Range.
func spanned(in []*array) (*array, error) {
	var limits [3]float64
	for i := range limits {
		values, err := in[i].read()
		if err != nil {
			return nil, err
		}
		if len(values) != 1 {
			return nil, fmt.Errorf("a range needs three numbers")
		}
		limits[i] = values[0]
	}
	n := math.Ceil((limits[1] - limits[0]) / limits[2])
	if !(n <= maxGrown) {
		return nil, fmt.Errorf("a range of %v numbers is too long", n)
	}
	values := make([]float64, max(int(n), 0))
	for i := range values {
		values[i] = limits[0] + float64(i)*limits[2]
	}
	return newArray([]int{len(values)}, in[0].real, values), nil
}

// choose takes each element from one of two arrays.
func (n *node) choose(in []*array) (*array, error) {
	dims, err := broadcastDims(in[0].dims, in[1].dims, in[2].dims)
	if err != nil {
		return nil, err
	}
	var values [3][]float64
	for i := range values {
		if values[i], err = in[i].spreadTo(dims); err != nil {
			return nil, err
		}
	}
	out := make([]float64, len(values[0]))
	for i := range out {
		if out[i] = values[2][i]; values[0][i] != 0 {
			out[i] = values[1][i]
		}
	}
	return newArray(dims, in[1].real, out), nil
}

// reduce makes one of the elements along some axes.
func (n *node) reduce(in []*array) (*array, error) {
	x := in[0]
	axes, err := n.list(in, 1, "axes")
	if err != nil {
		return nil, err
	}
	if axes, err = axesIn(axes, len(x.dims)); err != nil {
		return nil, err
	}
	if len(axes) == 0 {
		for i := range x.dims {
			axes = append(axes, i)
		}
	}
	values, err := x.read()
	if err != nil {
		return nil, err
	}
	var order, kept, dims []int
	each := 1
	for i, d := range x.dims {
		switch {
		case !slices.Contains(axes, i):
			order, kept, dims = append(order, i), append(kept, d), append(dims, d)
		default:
			if each *= d; n.Int("keepdims", 1) != 0 {
				dims = append(dims, 1)
			}
		}
	}
	values = turn(values, x.dims, append(order, axes...))
	rows, err := count(kept)
	if err != nil || each == 0 {
		return nil, fmt.Errorf("nothing to reduce in shape %v", x.dims)
	}
	out := make([]float64, rows)
	for i := range out {
		part := values[i*each : (i+1)*each]
		switch n.Op {
		case "ReduceMax":
			out[i] = slices.Max(part)
		case "ReduceMin":
			out[i] = slices.Min(part)
		case "ReduceProd":
			out[i] = 1
			for _, v := range part {
				out[i] *= v
			}
		default:
			for _, v := range part {
				out[i] += v
			}
			if n.Op == "ReduceMean" {
				out[i] /= float64(each)
			}
		}
	}
	return newArray(dims, x.real, out), nil
}

// dequantized makes floats of whole numbers.
func (n *node) dequantized(in []*array) (*array, error) {
	x, scale := in[0], in[1]
	if scale.size() > 1 {
		axis, err := axisIn(int(n.Int("axis", 1)), len(x.dims))
		if err != nil || len(scale.dims) != 1 || scale.dims[0] != x.dims[axis] {
			return nil, fmt.Errorf("scales of shape %v for %v", scale.dims, x.dims)
		}
	}
	along := func(a *array) (*array, error) {
		if a.size() == 1 {
			return a.reshaped([]int{})
		}
		axis, err := axisIn(int(n.Int("axis", 1)), len(x.dims))
		if err != nil {
			return nil, err
		}
		dims := make([]int, len(x.dims))
		for i := range dims {
			dims[i] = 1
		}
		dims[axis] = a.size()
		return a.reshaped(dims)
	}
	var err error
	if len(in) > 2 && in[2] != nil {
		zero, err := along(in[2])
		if err != nil {
			return nil, err
		}
		if x, err = pairwise(x, zero, hostBinary["Sub"]); err != nil {
			return nil, err
		}
	}
	if scale, err = along(scale); err != nil {
		return nil, err
	}
	return pairwise(x, scale, hostBinary["Mul"])
}
