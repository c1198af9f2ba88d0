// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"

	"convscope/pkg/layer"
)

// identity is an operation that changes nothing here, such as a Dropout.
func (r *reader) identity(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	return []*value{r.row(n, "", layer.Identity{}, nil, x.order, x)}, nil
}

// cast is a Cast to another kind of float.
func (r *reader) cast(n *node) ([]*value, error) {
	switch n.Int("to", 1) {
	case 1, 10, 11, 16:
		return r.identity(n)
	}
	return nil, fmt.Errorf("one to whole numbers is not supported")
}

// transpose changes only how the axes are counted.
func (r *reader) transpose(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	by, err := n.order(len(x.order))
	if err != nil {
		return nil, err
	}
	out := &value{layer: x.layer, shape: x.shape, order: make([]int, len(by))}
	for i, axis := range by {
		out.order[i] = x.order[axis]
	}
	r.alias(out, n.name)
	return []*value{out}, nil
}

// concat is a Concat of layers' outputs.
func (r *reader) concat(n *node) ([]*value, error) {
	var all []*value
	for i := range n.in {
		v, err := n.device(i)
		if err != nil {
			return nil, err
		}
		if len(v.order) != len(n.in[0].order) {
			return nil, fmt.Errorf("values of %d and %d axes", len(n.in[0].order), len(v.order))
		}
		all = append(all, v)
	}
	all, err := r.sameOrder(n, all)
	if err != nil {
		return nil, err
	}
	axes, err := all[0].stored([]int{int(n.Int("axis", 1))})
	if err != nil {
		return nil, err
	}
	return []*value{r.row(n, "", layer.Concat{Axis: axes[0]}, nil, all[0].order, all...)}, nil
}

// slice is a Slice.
func (r *reader) slice(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	out, err := r.sized(n, func(in []*array, shapes [][]int) (layer.Op, []int, error) {
		cuts, err := n.cuts(in, len(x.order))
		if err != nil {
			return nil, nil, err
		}
		var op layer.Slice
		for _, c := range cuts {
			at := x.order[c.axis]
			if at == 0 {
				if c.start == 0 && c.step == 1 && c.end >= r.batch {
					continue
				}
				return nil, nil, errBatch
			}
			op.Axes, op.Starts = append(op.Axes, at-1), append(op.Starts, c.start)
			op.Ends, op.Steps = append(op.Ends, c.end), append(op.Steps, c.step)
		}
		return op, x.order, nil
	}, x)
	return []*value{out}, err
}

// split is a Split: a slice for each output.
func (r *reader) split(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	in, err := r.sizing.arrays(n)
	if err != nil {
		return nil, err
	}
	axis, sizes, err := n.parts(in, x.dims(r.batch))
	if err != nil {
		return nil, err
	}
	at, err := x.stored([]int{axis})
	if err != nil {
		return nil, err
	}
	if len(sizes) != len(n.Outputs) {
		return nil, fmt.Errorf("%d parts for %d outputs", len(sizes), len(n.Outputs))
	}
	var outs []*value
	start := 0
	for i, size := range sizes {
		op := layer.Slice{Axes: at, Starts: []int{start}, Ends: []int{start + size}}
		outs = append(outs, r.row(n, fmt.Sprint(i), op, nil, x.order, x))
		start += size
	}
	return outs, nil
}
