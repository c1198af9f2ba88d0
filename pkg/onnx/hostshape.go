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

// filled is the shape that a Reshape asks for.
func (n *node) filled(to, dims []int) ([]int, error) {
	out, open := slices.Clone(to), -1
	all, err := product(dims, maxBatch)
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
