// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"convscope/pkg/layer"
)

// reductions are what becomes of many values.
var reductions = map[string]layer.Reduction{"ReduceMean": layer.Mean, "ReduceSum": layer.Sum, "ReduceL2": layer.Sum,
	"ReduceSumSquare": layer.Sum, "ReduceMax": layer.Maximal, "ReduceMin": layer.Minimal}

// reduce is a ReduceMean or one of its kin.
func (r *reader) reduce(n *node) ([]*value, error) {
	x, axes, err := r.axes(n)
	if err != nil {
		return nil, err
	}
	if len(axes) == 0 {
		if n.Int("noop_with_empty_axes", 0) != 0 {
			return r.identity(n)
		}
		axes = natural(len(x.order))
	}
	if axes, err = axesIn(axes, len(x.order)); err != nil {
		return nil, err
	}
	keep := n.Int("keepdims", 1) != 0
	if r.batch == 1 { // the mean of one picture is the picture
		if at := slices.Index(x.order, 0); at >= 0 && slices.Contains(axes, at) && keep && len(axes) > 1 {
			axes = slices.DeleteFunc(axes, func(axis int) bool { return axis == at })
		}
	}
	stored, err := x.stored(axes)
	if err != nil {
		return nil, err
	}
	order := x.order
	if !keep {
		order = without(x.order, axes, stored)
	}
	op := layer.Reduce{To: reductions[n.Op], Axes: stored, Keep: keep}
	switch n.Op {
	case "ReduceL2":
		squared := r.row(n, "squared", layer.Activate{Activation: layer.Square}, nil, x.order, x)
		sum := r.row(n, "sum", op, nil, order, squared)
		if squared.lost || sum.lost {
			return nil, fmt.Errorf("shapes that don't fit")
		}
		return r.activated(n, layer.Sqrt, sum), nil
	case "ReduceSumSquare":
		x = r.row(n, "squared", layer.Activate{Activation: layer.Square}, nil, x.order, x)
	}
	return []*value{r.row(n, "", op, nil, order, x)}, nil
}
