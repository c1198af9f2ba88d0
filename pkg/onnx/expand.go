// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/layer"
)

// expand is an Expand.
func (r *reader) expand(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	out, err := r.sized(n, func(in []*array, shapes [][]int) (layer.Op, []int, error) {
		if len(in) < 2 || in[1] == nil {
			return nil, nil, fmt.Errorf("its input 1 is missing")
		}
		to, err := in[1].ints()
		if err != nil {
			return nil, nil, err
		}
		dims := (&value{order: x.order, shape: shapes[0]}).dims(r.batch)
		if to, err = broadcastDims(to, dims); err != nil {
			return nil, nil, err
		}
		if len(to) != len(dims) {
			return nil, nil, fmt.Errorf("one from %v to %v is not supported", dims, to)
		}
		op := repeat{Times: make([]int, len(x.shape))}
		for i, at := range x.order {
			if at == 0 && to[i] != dims[i] {
				return nil, nil, errBatch
			}
			if at > 0 {
				op.Times[at-1] = to[i] / max(dims[i], 1)
			}
		}
		return op, x.order, nil
	}, x)
	return []*value{out}, err
}

// repeat repeats the only position of some axes.
type repeat struct {
	// Times are one number for each axis, 1 for those that stay.
	Times []int
}

// Shape is the input's with the repeated axes.
func (o repeat) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) != 1 || len(inputs[0]) != len(o.Times) {
		return nil, fmt.Errorf("it takes one value of %d axes, not %v", len(o.Times), inputs)
	}
	out := slices.Clone(inputs[0])
	for i, times := range o.Times {
		if times != 1 && (out[i] != 1 || times < 1 || times > maxGrown) {
			return nil, fmt.Errorf("%d positions can't be repeated %d times", out[i], times)
		}
		out[i] *= times
	}
	return out, nil
}

// Weights are none.
func (repeat) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (o repeat) Build(_ func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	x := inputs[0]
	dims := slices.Clone(x.Shape().Dimensions)
	for i, times := range o.Times {
		dims[i+1] *= times
	}
	return graph.BroadcastToDims(x, dims...)
}
