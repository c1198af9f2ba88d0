// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/layer"
)

// comparisons are those of values with a number.
var comparisons = map[string]func(x, y *layer.Node) *layer.Node{"Greater": graph.GreaterThan,
	"GreaterOrEqual": graph.GreaterOrEqual, "Less": graph.LessThan, "LessOrEqual": graph.LessOrEqual}

// comparison says where a value is larger or smaller than a number, with 1 and 0.
type comparison struct {
	Op   string
	Than float64
}

// compare is a comparison with a known number.
func (r *reader) compare(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	than, err := n.weight(1)
	if err != nil {
		return nil, err
	}
	if than.size() != 1 || len(than.dims) > len(x.order) {
		return nil, fmt.Errorf("one with %d numbers is not supported", than.size())
	}
	values, err := than.read()
	if err != nil {
		return nil, err
	}
	return []*value{r.row(n, "", comparison{n.Op, values[0]}, nil, x.order, x)}, nil
}

// Shape is the input's.
func (comparison) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) != 1 {
		return nil, fmt.Errorf("it takes one input, not %d", len(inputs))
	}
	return inputs[0], nil
}

// Weights are none.
func (comparison) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (c comparison) Build(_ func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	x := inputs[0]
	is := comparisons[c.Op](x, graph.Scalar(x.Graph(), x.DType(), c.Than))
	return graph.ConvertDType(is, x.DType())
}

// where is a Where of three values of one shape.
func (r *reader) where(n *node) ([]*value, error) {
	var all []*value
	for i := range 3 {
		v, err := n.device(i)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	all, err := r.sameOrder(n, all)
	if err != nil {
		return nil, err
	}
	return []*value{r.row(n, "", choice{}, nil, all[0].order, all...)}, nil
}

// choice takes each value from the second input where the first is not 0, else from the third.
type choice struct{}

// Shape is that of all.
func (choice) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) != 3 || !slices.Equal(inputs[0], inputs[1]) || !slices.Equal(inputs[0], inputs[2]) {
		return nil, fmt.Errorf("it takes three values of one shape, not %v", inputs)
	}
	return inputs[0], nil
}

// Weights are none.
func (choice) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (choice) Build(_ func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	is := graph.NotEqual(inputs[0], graph.ZerosLike(inputs[0]))
	return graph.Where(is, inputs[1], inputs[2])
}
