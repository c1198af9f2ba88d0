// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/layer"
)

// gather takes known positions of an axis.
func (r *reader) gather(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	indices, err := n.weight(1)
	if err != nil {
		return nil, err
	}
	axis, err := axisIn(int(n.Int("axis", 0)), len(x.order))
	if err != nil {
		return nil, err
	}
	stored, err := x.stored([]int{axis})
	if err != nil {
		return nil, err
	}
	list, err := indices.ints()
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("it takes nothing")
	}
	size := x.shape[stored[0]]
	for i := range list {
		if list[i], err = axisIn(list[i], size); err != nil {
			return nil, err
		}
	}
	if len(list) > maxTaken {
		if !slices.Equal(list, natural(size)) {
			return nil, fmt.Errorf("%d positions are too many", len(list))
		}
	}
	out := x
	if !slices.Equal(list, natural(size)) {
		out = r.row(n, "taken", take{Axis: stored[0], Positions: list}, nil, x.order, x)
	}
	if len(indices.dims) == 1 {
		return []*value{out}, nil
	}
	// The positions make as many axes as the list of them has.
	dims := out.dims(1)
	to := slices.Concat(dims[:axis], indices.dims, dims[axis+1:])
	hasBatch := slices.Contains(out.order, 0)
	switch {
	case hasBatch && out.order[0] == 0 && axis > 0:
		to = to[1:]
	case !hasBatch && len(to) > 1 && to[0] == 1 && r.batch == 1:
		to, hasBatch = to[1:], true
	case hasBatch:
		return nil, errBatch
	}
	op, order, err := regrouped(out, out.shape, to, -1)
	if err != nil {
		return nil, err
	}
	if !hasBatch {
		order = order[1:]
	}
	return []*value{r.row(n, "", op, nil, order, out)}, nil
}

// maxTaken is how many positions may be taken one by one.
const maxTaken = 4096

// take takes some positions of an axis, in any order.
type take struct {
	// Axis is the input's, without the batch.
	Axis int
	// Positions are along it.
	Positions []int
}

// Shape is the input's with as many positions.
func (t take) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) != 1 || t.Axis >= len(inputs[0]) {
		return nil, fmt.Errorf("it takes one value of more than %d axes", t.Axis)
	}
	if most := slices.Max(t.Positions); most >= inputs[0][t.Axis] {
		return nil, fmt.Errorf("there is no position %d among %d", most, inputs[0][t.Axis])
	}
	out := slices.Clone(inputs[0])
	out[t.Axis] = len(t.Positions)
	return out, nil
}

// Weights are none.
func (take) Weights(...[]int) map[string][]int { return nil }

// Build joins slices, one for each run of positions.
func (t take) Build(_ func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	x := inputs[0]
	var parts []*layer.Node
	for at := 0; at < len(t.Positions); {
		from, end := t.Positions[at], at+1
		for end < len(t.Positions) && t.Positions[end] == t.Positions[end-1]+1 {
			end++
		}
		parts = append(parts, graph.SliceAxis(x, t.Axis+1, graph.AxisRange(from, from+end-at)))
		at = end
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return graph.Concatenate(parts, t.Axis+1)
}
