// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Rescale is x * Scale + Offset. Both are one number for each channel, or one for all; empty stands for 1 and 0.
type Rescale struct {
	Scale, Offset []float64
}

// Shape is the input's.
func (r Rescale) Shape(inputs ...[]int) ([]int, error) {
	in, err := withChannels(inputs)
	if err != nil {
		return nil, err
	}
	for _, list := range [][]float64{r.Scale, r.Offset} {
		if channels := in[len(in)-1]; len(list) > 1 && len(list) != channels {
			return nil, fmt.Errorf("%d scales or offsets for %d channels: give one for each, or one for all",
				len(list), channels)
		}
	}
	return in, nil
}

// Weights are none.
func (r Rescale) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (r Rescale) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	if len(r.Scale) > 0 {
		x = graph.Mul(x, numbers(x, r.Scale))
	}
	if len(r.Offset) > 0 {
		x = graph.Add(x, numbers(x, r.Offset))
	}
	return x
}

// numbers are constants for each channel of x, or one for all.
func numbers(x *Node, list []float64) *Node {
	if len(list) == 1 {
		return scalar(x, list[0])
	}
	values := tensors.FromFlatDataAndDimensions(list, len(list)).Value()
	return along(graph.ConstAsDType(x.Graph(), x.DType(), values), x)
}
