// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"fmt"
	"slices"

	"convscope/pkg/layer"
)

func (r *reading) join() []part {
	axis, ok := integer(r.argument(1, "axis"))
	if !ok {
		r.fail("its axis is no whole number")
		return nil
	}
	return r.concat(axis)
}

// stack puts values beside each other along an axis of its own.
func (r *reading) stack() []part {
	axis, ok := integer(r.argument(1, "axis"))
	if r.argument(1, "axis") == nil {
		axis, ok = 0, true
	}
	if axis = r.newAxis(axis); !ok || r.first {
		r.fail("its axis is not known here")
	}
	n := len(r.shapes)
	var parts []part
	join := part{op: layer.Concat{Axis: axis}}
	for i := range n {
		parts = append(parts, part{suffix: fmt.Sprint("/", i), op: layer.Expand{Axes: []int{axis}}, take: []int{i}})
		join.take = append(join.take, n+i)
	}
	return append(parts, join)
}

// newAxis takes the place of an axis that is put in, which counts with the batch, to one without it.
func (r *reading) newAxis(axis int) int {
	if axis < 0 {
		axis += r.rank() + 2
	}
	if axis < 1 || axis > r.rank()+1 {
		r.fail("there is no place %d for an axis", axis)
		return 0
	}
	return axis - 1
}

func (r *reading) expand() []part {
	axis, ok := integer(r.argument(1, "axis"))
	if !ok || r.first {
		r.fail("its axis is not known here")
	}
	return one(layer.Expand{Axes: []int{r.newAxis(axis)}}, nil)
}

func (r *reading) squeeze() []part {
	axes, ok := integers(r.argument(1, "axis"))
	if !ok || r.first {
		r.fail("its axis is not known here")
	}
	op := layer.Squeeze{}
	for _, axis := range axes {
		op.Axes = append(op.Axes, r.axis(axis))
	}
	return one(op, nil)
}

// reshapeTo lays values out anew. Its shape begins with the batch.
func (r *reading) reshapeTo() []part {
	given := r.argument(1, "newshape", "shape")
	if list, ok := given.([]any); ok && len(list) > 1 && (list[0] == nil || list[0] == -1.0) {
		if shape, ok := integers(list[1:]); ok {
			return r.reshaped(shape)
		}
	}
	r.fail("its shape is not known here")
	return nil
}

func (r *reading) transpose() []part {
	axes, ok := integers(r.argument(1, "axes", "perm"))
	if !ok || len(axes) < 2 || axes[0] != 0 {
		r.fail("it turns pictures around with their axes")
		return nil
	}
	return r.permuted(axes[1:])
}

func (r *reading) resizeTo() []part {
	size, ok := integers(r.argument(1, "size"))
	if !ok || len(size) != 2 {
		r.fail("its size is not known here")
		return nil
	}
	op := layer.Resize{Height: size[0], Width: size[1]}
	switch method := r.argument(2, "method"); method {
	case nil, "bilinear":
		op.Sampling = layer.Bilinear
	case "nearest":
		op.Rounding = layer.PreferCeil
	default:
		r.fail("its method is not known here")
	}
	return one(op, nil)
}

// item takes a part of a value: x[:, 1:, ..., ::-1, 0].
func (r *reading) item() []part {
	index, ok := r.argument(1, "key", "slice_spec").([]any)
	if !ok {
		index = []any{r.argument(1, "key", "slice_spec")}
	}
	taken := 0
	for _, each := range index {
		if _, all := each.(ellipsis); !all && each != nil {
			taken++
		}
	}
	full := cut{}
	for i, each := range index { // what "..." stands for
		if _, all := each.(ellipsis); all {
			index = slices.Replace(slices.Clone(index), i, i+1,
				slices.Repeat([]any{full}, max(r.rank()+1-taken, 0))...)
			break
		}
	}
	if len(index) == 0 || index[0] != any(full) {
		r.fail("it takes a part of the pictures")
		return nil
	}
	slice, squeeze := layer.Slice{}, layer.Squeeze{}
	for i, each := range index[1:] {
		const beyond = 1 << 30
		axis := r.axis(i + 1)
		start, stop, step := 0, beyond, 1
		switch v := each.(type) {
		case float64:
			at, ok := integer(v)
			if start = at; !ok || r.first {
				r.fail("its index is not known here")
			}
			if stop = start + 1; start == -1 {
				stop = beyond
			}
			squeeze.Axes = append(squeeze.Axes, axis)
		case cut:
			if v == full {
				continue
			}
			var known [3]bool
			given := [3]any{v.start, v.stop, v.step}
			for k, to := range []*int{&start, &stop, &step} {
				*to, known[k] = integer(given[k])
				known[k] = known[k] || given[k] == nil
			}
			if v.step == nil {
				step = 1
			}
			if v.start == nil && step < 0 {
				start = beyond
			}
			if v.stop == nil {
				stop = beyond
				if step < 0 {
					stop = -beyond
				}
			}
			if slices.Contains(known[:], false) {
				r.fail("its index is not known here")
			}
		default:
			r.fail("its index is not known here")
		}
		slice.Axes, slice.Starts = append(slice.Axes, axis), append(slice.Starts, start)
		slice.Ends, slice.Steps = append(slice.Ends, stop), append(slice.Steps, step)
	}
	switch {
	case len(slice.Axes) == 0:
		return r.same()
	case len(squeeze.Axes) == 0:
		return one(slice, nil)
	}
	return []part{{suffix: "/slice", op: slice}, {op: squeeze}}
}
