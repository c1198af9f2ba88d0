// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Operation is what becomes of two values.
type Operation string

// The operations.
const (
	Add      Operation = "add"
	Subtract Operation = "subtract"
	Multiply Operation = "multiply"
	Divide   Operation = "divide"
	Maximum  Operation = "maximum"
	Minimum  Operation = "minimum"
	// Average is the sum divided by the number of inputs.
	Average Operation = "average"
	// Power is the first to the power of the second.
	Power Operation = "power"
)

// Arithmetic computes with the values of several inputs at the same places, from the first to the last. Shapes that
// differ are broadcast as NumPy does, without the batch. Keras' Add, Multiply and LayerScale are such, and ONNX's Mul
// with a constant.
type Arithmetic struct {
	// Operation is what it does.
	Operation Operation
	// Constant is the shape of a weight "constant" that takes part after all inputs, without a batch: [1] for a
	// number, [channels] for one a channel. Nil stands for none.
	Constant []int
	// ConstantFirst lets it take part before all inputs.
	ConstantFirst bool
}

// Shape is that of all, broadcast.
func (a Arithmetic) Shape(inputs ...[]int) ([]int, error) {
	switch a.Operation {
	case Add, Subtract, Multiply, Divide, Maximum, Minimum, Average, Power:
	default:
		return nil, fmt.Errorf("there is no operation %q", a.Operation)
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("it takes at least one input")
	}
	all := inputs
	if a.Constant != nil {
		all = append(slices.Clone(inputs), a.Constant)
	}
	var out []int
	for _, in := range all {
		for len(out) < len(in) {
			out = slices.Insert(out, 0, 1)
		}
		for i, size := range in {
			place := &out[len(out)-len(in)+i]
			if *place != size && *place != 1 && size != 1 {
				return nil, fmt.Errorf("shapes that don't fit: %v", all)
			}
			if *place == 1 {
				*place = size
			}
		}
	}
	return out, nil
}

// Weights are the constant.
func (a Arithmetic) Weights(...[]int) map[string][]int {
	if a.Constant == nil {
		return nil
	}
	return map[string][]int{constantRole: a.Constant}
}

// Channelwise is true where all inputs have all channels.
func (a Arithmetic) Channelwise(inputs ...[]int) bool {
	out, err := a.Shape(inputs...)
	if err != nil || len(out) == 0 {
		return false
	}
	for _, in := range inputs {
		if len(in) == 0 || in[len(in)-1] != out[len(out)-1] {
			return false
		}
	}
	return true
}

// Build adds it to the graph.
func (a Arithmetic) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	all := slices.Clone(inputs)
	if a.Constant != nil {
		constant := weight(constantRole)
		if constant.Rank() == len(a.Constant) { // of a chosen channel it has the batch already
			constant = graph.InsertAxes(constant, 0)
		}
		if a.ConstantFirst {
			all = slices.Insert(all, 0, constant)
		} else {
			all = append(all, constant)
		}
	}
	rank := 0
	for _, x := range all {
		rank = max(rank, x.Rank())
	}
	var y *Node
	for i, x := range all {
		for x.Rank() < rank {
			x = graph.InsertAxes(x, 1)
		}
		if i == 0 {
			y = x
			continue
		}
		y = a.two(y, x)
	}
	if a.Operation == Average {
		y = graph.Mul(y, scalar(y, 1/float64(len(all))))
	}
	return y
}

// two combines two values.
func (a Arithmetic) two(x, y *Node) *Node {
	switch a.Operation {
	case Add, Average:
		return graph.Add(x, y)
	case Subtract:
		return graph.Sub(x, y)
	case Multiply:
		return graph.Mul(x, y)
	case Divide:
		return graph.Div(x, y)
	case Maximum:
		return graph.Max(x, y)
	case Minimum:
		return graph.Min(x, y)
	}
	return graph.Pow(x, y)
}
