// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"convscope/pkg/layer"
)

// operations are those on several values at the same places.
var operations = map[string]layer.Operation{"Add": layer.Add, "Sum": layer.Add, "Sub": layer.Subtract,
	"Mul": layer.Multiply, "Div": layer.Divide, "Max": layer.Maximum, "Min": layer.Minimum, "Mean": layer.Average,
	"Pow": layer.Power}

// arithmetic is one of them: of layers' outputs, and of at most one constant before or after them.
func (r *reader) arithmetic(n *node) ([]*value, error) {
	op := operations[n.Op]
	var devices []*value
	var constant *array
	first := false // the constant is the first one
	for i, v := range n.in {
		switch {
		case v == nil:
			return nil, fmt.Errorf("its input %d is missing", i)
		case !v.isHost():
			devices = append(devices, v)
		case v.sizes != nil:
			if len(n.in) != 2 {
				return nil, fmt.Errorf("its input %d follows from a size", i)
			}
			return r.rescaled(n, n.in[1-i], i)
		case constant == nil:
			constant, first = v.array, i == 0
		case op == layer.Average || hostBinary[n.Op] == nil:
			return nil, fmt.Errorf("several constants are not supported")
		default:
			var err error
			if constant, err = pairwise(constant, v.array, hostBinary[n.Op]); err != nil {
				return nil, err
			}
		}
	}
	if constant != nil && op == layer.Average {
		return nil, fmt.Errorf("a constant in it is not supported")
	}
	devices, err := r.sameOrder(n, devices)
	if err != nil {
		return nil, err
	}
	x := devices[0]
	if constant == nil {
		return []*value{r.row(n, "", layer.Arithmetic{Operation: op}, nil, x.order, devices...)}, nil
	}
	if constant.size() == 1 && len(devices) == 1 {
		if plain := r.withNumber(n, op, constant, first, x); plain != nil {
			return plain, nil
		}
	}
	if constant, err = r.beside(constant, x); err != nil {
		return nil, err
	}
	weights := map[string]layer.Weight{"constant": r.held(constant)}
	row := layer.Arithmetic{Operation: op, Constant: constant.dims, ConstantFirst: first}
	return []*value{r.row(n, "", row, weights, x.order, devices...)}, nil
}

// withNumber is an operation with one number, without a weight for it; nil where that must be.
func (r *reader) withNumber(n *node, op layer.Operation, constant *array, first bool, x *value) []*value {
	values, err := constant.read()
	if err != nil || len(constant.dims) > len(x.order) || len(x.shape) == 0 {
		return nil
	}
	v := values[0]
	if op == layer.Power && !first {
		switch v {
		case 2:
			return r.activated(n, layer.Square, x)
		case 0.5:
			return r.activated(n, layer.Sqrt, x)
		}
		return nil
	}
	row, ok := rescaling(op, v, first)
	if !ok {
		return nil
	}
	return []*value{r.row(n, "", row, nil, x.order, x)}
}

// rescaling is an operation with one number.
func rescaling(op layer.Operation, v float64, first bool) (layer.Rescale, bool) {
	switch {
	case op == layer.Add:
		return layer.Rescale{Offset: []float64{v}}, true
	case op == layer.Multiply:
		return layer.Rescale{Scale: []float64{v}}, true
	case op == layer.Subtract && first:
		return layer.Rescale{Scale: []float64{-1}, Offset: []float64{v}}, true
	case op == layer.Subtract:
		return layer.Rescale{Offset: []float64{-v}}, true
	case op == layer.Divide && !first && v != 0:
		return layer.Rescale{Scale: []float64{1 / v}}, true
	}
	return layer.Rescale{}, false
}

// rescaled is an operation with a number that follows from a size, which is the node's input at.
func (r *reader) rescaled(n *node, x *value, at int) ([]*value, error) {
	out, err := r.sized(n, func(in []*array, _ [][]int) (layer.Op, []int, error) {
		values, err := in[at].read()
		if err != nil {
			return nil, nil, err
		}
		if len(values) != 1 {
			return nil, nil, fmt.Errorf("%d numbers that follow from a size", len(values))
		}
		op, ok := rescaling(operations[n.Op], values[0], at == 0)
		if !ok {
			return nil, nil, fmt.Errorf("its input %d follows from a size", at)
		}
		return op, x.order, nil
	}, x)
	return []*value{out}, err
}

// beside is an array laid out to be broadcast with a value.
func (r *reader) beside(a *array, x *value) (*array, error) {
	var err error
	dims := a.dims
	for len(dims) > len(x.order) && dims[0] == 1 {
		dims = dims[1:]
	}
	if len(dims) > len(x.order) {
		return nil, fmt.Errorf("a constant of shape %v for a value of %d axes", a.dims, len(x.order))
	}
	dims = slices.Clone(dims)
	for len(dims) < len(x.order) {
		dims = slices.Insert(dims, 0, 1)
	}
	if a, err = a.reshaped(dims); err != nil {
		return nil, err
	}
	var order []int
	for place, axis := range inverse(x.order, len(x.shape)+1) {
		if place == 0 && axis >= 0 {
			if dims[axis] != 1 {
				return nil, errBatch
			}
			order = append([]int{axis}, order...)
		} else if axis >= 0 {
			order = append(order, axis)
		}
	}
	if a, err = a.transposed(order); err != nil {
		return nil, err
	}
	dims = a.dims
	for len(dims) > 1 && dims[0] == 1 {
		dims = dims[1:]
	}
	if len(dims) == 0 {
		dims = []int{1}
	}
	return a.reshaped(slices.Clone(dims))
}

// sameOrder lays values out alike, that with most axes staying as it is.
func (r *reader) sameOrder(n *node, all []*value) ([]*value, error) {
	most := all[0]
	for _, v := range all {
		if len(v.order) > len(most.order) {
			most = v
		}
	}
	out := make([]*value, len(all))
	for i, v := range all {
		var err error
		if len(v.order) < len(most.order) {
			if v, err = r.raised(n, v, len(most.order)); err != nil {
				return nil, err
			}
		}
		if out[i], err = r.turned(n, v, most.order); err != nil {
			return nil, err
		}
		if out[i].lost {
			return nil, fmt.Errorf("shapes that don't fit")
		}
	}
	return out, nil
}

// raised is a value with axes of size 1 before its others, as broadcasting puts them there. The batch then would meet
// another axis, so that it must be one of a single picture.
func (r *reader) raised(n *node, v *value, rank int) (*value, error) {
	if r.batch != 1 && slices.Contains(v.order, 0) {
		return nil, errBatch
	}
	added := rank - len(v.order)
	if slices.Contains(v.order, 0) {
		// The batch takes the first of the new places, where the other has its own; its old place is a new axis.
		if v.order[0] != 0 {
			return nil, errBatch
		}
	} else {
		added--
	}
	ones := natural(added)
	out := r.row(n, "raised", layer.Expand{Axes: ones}, nil, nil, v)
	out.order = []int{0}
	for i := range ones {
		out.order = append(out.order, i+1)
	}
	for _, at := range v.order {
		if at > 0 {
			out.order = append(out.order, at+added)
		}
	}
	if out.lost {
		return nil, fmt.Errorf("shapes that don't fit")
	}
	return out, nil
}
