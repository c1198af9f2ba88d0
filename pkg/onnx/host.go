// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// errNoHost means that an operation isn't one that is computed while reading.
var errNoHost = errors.New("it is not computed without a picture")

// compute does an operation on arrays, of which those that are left out are nil. Sizes and indices of networks are
// computed so, and weights that the graph changes before it uses them.
func (n *node) compute(in []*array) ([]*array, error) {
	if n.Op == "Constant" {
		return one(n.constant())
	}
	for _, i := range []int{0, 1, 2}[:min(needed[n.Op], 3)] {
		if i >= len(in) || in[i] == nil {
			return nil, fmt.Errorf("its input %d is missing", i)
		}
	}
	if len(in) == 0 {
		return nil, errNoHost
	}
	x := in[0]
	switch n.Op {
	case "Identity", "Dropout":
		return one(x, nil)
	case "Cast", "CastLike":
		return one(n.cast(x))
	case "Transpose":
		order, err := n.order(len(x.dims))
		if err != nil {
			return nil, err
		}
		return one(x.transposed(order))
	case "Reshape":
		to, err := n.list(in, 1, "shape")
		if err != nil {
			return nil, err
		}
		if to, err = n.filled(to, x.dims); err != nil {
			return nil, err
		}
		return one(x.reshaped(to))
	case "Flatten":
		axis := int(n.Int("axis", 1))
		if axis < 0 {
			axis += len(x.dims)
		}
		if axis < 0 || axis > len(x.dims) {
			return nil, fmt.Errorf("there is no axis %d", axis)
		}
		rows, err := count(x.dims[:axis])
		if err != nil {
			return nil, err
		}
		columns, err := count(x.dims[axis:])
		if err != nil {
			return nil, err
		}
		return one(x.reshaped([]int{rows, columns}))
	case "Squeeze", "Unsqueeze":
		axes, err := n.list(in, 1, "axes")
		if err != nil {
			return nil, err
		}
		dims, err := n.squeezed(x.dims, axes)
		if err != nil {
			return nil, err
		}
		return one(x.reshaped(dims))
	case "Concat":
		return one(n.concat(in))
	case "Gather":
		return one(n.gather(x, in[1]))
	case "Slice":
		return one(n.slice(in))
	case "Split":
		return n.split(in)
	case "Expand", "Tile", "ConstantOfShape":
		return one(n.spread(in))
	case "Range":
		return one(spanned(in))
	case "Where":
		return one(n.choose(in))
	case "ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean":
		return one(n.reduce(in))
	case "DequantizeLinear":
		return one(n.dequantized(in))
	}
	if f, ok := hostUnary[n.Op]; ok {
		values, err := x.read()
		out := make([]float64, len(values))
		for i, v := range values {
			out[i] = f(v)
		}
		return one(newArray(x.dims, x.real, out), err)
	}
	if f, ok := hostBinary[n.Op]; ok {
		out := x
		for _, y := range in[1:] {
			var err error
			if y == nil {
				return nil, errNoHost
			}
			if out, err = pairwise(out, y, f); err != nil {
				return nil, err
			}
		}
		return one(n.whole(out, x), nil)
	}
	return nil, errNoHost
}

func one(a *array, err error) ([]*array, error) { return []*array{a}, err }

// needed is how many inputs operations can't do without; the others take at least one.
var needed = map[string]int{"Gather": 2, "Expand": 2, "Tile": 2, "Range": 3, "Where": 3, "DequantizeLinear": 2,
	"Identity": 1, "Dropout": 1, "Cast": 1, "CastLike": 1, "Transpose": 1, "Reshape": 1, "Flatten": 1, "Squeeze": 1,
	"Unsqueeze": 1, "Concat": 1, "Slice": 1, "Split": 1, "ConstantOfShape": 1, "ReduceProd": 1, "ReduceSum": 1,
	"ReduceMax": 1, "ReduceMin": 1, "ReduceMean": 1, "Sqrt": 1, "Neg": 1, "Floor": 1, "Ceil": 1, "Round": 1, "Abs": 1,
	"Reciprocal": 1, "Exp": 1, "Log": 1, "Not": 1, "Sigmoid": 1, "Tanh": 1, "Relu": 1, "Softplus": 1, "Add": 2,
	"Sub": 2, "Mul": 2, "Div": 2, "Mod": 2, "Pow": 2, "Min": 1, "Max": 1, "Equal": 2, "Less": 2, "LessOrEqual": 2,
	"Greater": 2, "GreaterOrEqual": 2, "And": 2, "Or": 2, "Sum": 1}

var hostUnary = map[string]func(float64) float64{"Sqrt": math.Sqrt, "Neg": func(x float64) float64 { return -x },
	"Floor": math.Floor, "Ceil": math.Ceil, "Round": math.RoundToEven, "Abs": math.Abs,
	"Reciprocal": func(x float64) float64 { return 1 / x }, "Exp": math.Exp, "Log": math.Log,
	"Not":      func(x float64) float64 { return truth(x == 0) },
	"Sigmoid":  func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	"Tanh":     math.Tanh,
	"Relu":     func(x float64) float64 { return max(x, 0) },
	"Softplus": func(x float64) float64 { return math.Log1p(math.Exp(x)) },
}

var hostBinary = map[string]func(x, y float64) float64{
	"Add": func(x, y float64) float64 { return x + y }, "Sum": func(x, y float64) float64 { return x + y },
	"Sub": func(x, y float64) float64 { return x - y }, "Mul": func(x, y float64) float64 { return x * y },
	"Div": func(x, y float64) float64 { return x / y }, "Pow": math.Pow, "Min": math.Min, "Max": math.Max,
	"Mod":            func(x, y float64) float64 { return math.Mod(math.Mod(x, y)+y, y) },
	"Equal":          func(x, y float64) float64 { return truth(x == y) },
	"Less":           func(x, y float64) float64 { return truth(x < y) },
	"LessOrEqual":    func(x, y float64) float64 { return truth(x <= y) },
	"Greater":        func(x, y float64) float64 { return truth(x > y) },
	"GreaterOrEqual": func(x, y float64) float64 { return truth(x >= y) },
	"And":            func(x, y float64) float64 { return truth(x != 0 && y != 0) },
	"Or":             func(x, y float64) float64 { return truth(x != 0 || y != 0) },
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// whole cuts the fractions off what a division of whole numbers gives, and of comparisons says that they are no
// floats.
func (n *node) whole(out, x *array) *array {
	switch n.Op {
	case "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or":
		return newArray(out.dims, false, out.values)
	}
	if x.real || out.real || out == x {
		return out
	}
	values := slices.Clone(out.values)
	for i, v := range values {
		values[i] = math.Trunc(v)
	}
	return newArray(out.dims, false, values)
}

// pairwise computes with the elements of two arrays.
func pairwise(x, y *array, f func(x, y float64) float64) (*array, error) {
	dims, err := broadcastDims(x.dims, y.dims)
	if err != nil {
		return nil, err
	}
	most := max(x.size(), y.size())
	a, err := x.spreadTo(dims, most)
	if err != nil {
		return nil, err
	}
	b, err := y.spreadTo(dims, most)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(a))
	for i := range out {
		out[i] = f(a[i], b[i])
	}
	return newArray(dims, x.real || y.real, out), nil
}
