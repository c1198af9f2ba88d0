// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"
)

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
