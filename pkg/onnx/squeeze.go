// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"slices"

	"convscope/pkg/layer"
)

// axes are what a node takes and the axes that it names, as an attribute or, later, as a second input.
func (r *reader) axes(n *node) (x *value, axes []int, err error) {
	if x, err = n.device(0); err != nil {
		return nil, nil, err
	}
	in, err := r.sizing.arrays(n)
	if err != nil {
		return nil, nil, err
	}
	axes, err = n.list(in, 1, "axes")
	return x, axes, err
}

// squeeze is a Squeeze.
func (r *reader) squeeze(n *node) ([]*value, error) {
	x, given, err := r.axes(n)
	if err != nil {
		return nil, err
	}
	if given, err = axesIn(given, len(x.order)); err != nil {
		return nil, err
	}
	dims := x.dims(r.batch)
	if len(given) == 0 {
		for i, d := range dims {
			if d == 1 && x.order[i] != 0 {
				given = append(given, i)
			}
		}
	}
	var axes []int
	for _, i := range given {
		if x.order[i] != 0 {
			axes = append(axes, x.order[i]-1)
		} else if r.batch != 1 {
			return nil, errBatch
		}
	}
	order := without(x.order, given, axes)
	if len(axes) == 0 {
		return []*value{{layer: x.layer, order: order, shape: x.shape}}, nil
	}
	return []*value{r.row(n, "", layer.Squeeze{Axes: axes}, nil, order, x)}, nil
}

// unsqueeze is an Unsqueeze. The new axes lie before all others, which for one after the channels is where a
// position's lies.
func (r *reader) unsqueeze(n *node) ([]*value, error) {
	x, given, err := r.axes(n)
	if err != nil {
		return nil, err
	}
	rank := len(x.order) + len(given)
	if given, err = axesIn(given, rank); err != nil {
		return nil, err
	}
	added := len(given)
	batch := -1 // the axis that is the batch again
	if !slices.Contains(x.order, 0) && slices.Contains(given, 0) {
		batch = 0
		added--
	}
	var order []int
	next, rest := 1, x.order
	for i := range rank {
		switch {
		case i == batch:
			order = append(order, 0)
		case slices.Contains(given, i):
			order = append(order, next)
			next++
		default:
			at := rest[0]
			if rest = rest[1:]; at > 0 {
				at += added
			}
			order = append(order, at)
		}
	}
	if added == 0 {
		return []*value{{layer: x.layer, order: order, shape: x.shape}}, nil
	}
	return []*value{r.row(n, "", layer.Expand{Axes: natural(added)}, nil, order, x)}, nil
}
