// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"math"
	"slices"
)

// broadcastDims is the shape of values of these shapes, broadcast.
func broadcastDims(all ...[]int) ([]int, error) {
	var out []int
	for _, dims := range all {
		for len(out) < len(dims) {
			out = slices.Insert(out, 0, 1)
		}
		for i, d := range dims {
			place := &out[len(out)-len(dims)+i]
			if *place != d && *place != 1 && d != 1 {
				return nil, fmt.Errorf("shapes that don't fit: %v", all)
			}
			if *place == 1 {
				*place = d
			}
		}
	}
	return out, nil
}

// spreadTo broadcasts an array, to at most maxGrown elements more than another one has.
func (a *array) spreadTo(dims []int, other int) ([]float64, error) {
	n, err := count(dims)
	if err != nil {
		return nil, err
	}
	if n > maxElements || n > other+maxGrown {
		return nil, fmt.Errorf("an array of shape %v is too large to compute while reading", dims)
	}
	values, err := a.read()
	if err != nil || slices.Equal(a.dims, dims) {
		return values, err
	}
	step := make([]int, len(dims)) // 0 along axes that are repeated
	lead := len(dims) - len(a.dims)
	for i, size := len(a.dims)-1, 1; i >= 0; i-- {
		if a.dims[i] != 1 {
			step[lead+i] = size
		}
		size *= a.dims[i]
	}
	out := make([]float64, n)
	index := make([]int, len(dims))
	at := 0
	for i := range out {
		out[i] = values[at]
		for k := len(dims) - 1; k >= 0; k-- {
			index[k]++
			at += step[k]
			if index[k] < dims[k] {
				break
			}
			at -= step[k] * dims[k]
			index[k] = 0
		}
	}
	return out, nil
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
	values, err := x.spreadTo(to, x.size())
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
		if values[i], err = in[i].spreadTo(dims, max(in[0].size(), in[1].size(), in[2].size())); err != nil {
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
