// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"errors"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Dense multiplies the last axis with a matrix. Its weights are "kernel" [in, units] and "bias" [units].
type Dense struct {
	// Units counts the outputs.
	Units int
	// NoBias leaves out the bias.
	NoBias bool
}

// Shape is [..., units].
func (d Dense) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	if len(in) == 0 {
		return nil, errors.New("it takes [..., features], not a single number")
	}
	if err := checkFilters(d.Units); err != nil {
		return nil, err
	}
	out := slices.Clone(in)
	out[len(out)-1] = d.Units
	return out, nil
}

// Weights are the kernel and the bias.
func (d Dense) Weights(inputs ...[]int) map[string][]int {
	if _, err := d.Shape(inputs...); err != nil {
		return nil
	}
	in := inputs[0][len(inputs[0])-1]
	return withBias(map[string][]int{kernelRole: {in, d.Units}}, d.Units, d.NoBias)
}

// Build adds it to the graph.
func (d Dense) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	dims := slices.Clone(x.Shape().Dimensions)
	in := dims[len(dims)-1]
	y := graph.MatMul(graph.Reshape(x, -1, in), weight(kernelRole)) // [positions, units]
	dims[len(dims)-1] = d.Units
	return addBias(graph.Reshape(y, dims...), weight, d.NoBias)
}
