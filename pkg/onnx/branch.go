// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
)

// branch is an If whose condition is known, or follows from sizes: PyTorch writes one where it doesn't know whether an
// axis has one position. The branch that is taken for the size that the graph was made for is taken for all.
func (r *reader) branch(n *node) ([]*value, error) {
	const deep = 8
	if r.depth == deep {
		return nil, fmt.Errorf("%d branches in each other", deep)
	}
	if len(n.in) != 1 || n.in[0] == nil {
		return nil, fmt.Errorf("it takes one input")
	}
	condition, err := r.sizing.array(n.in[0])
	if err != nil {
		return nil, fmt.Errorf("its condition is made from the picture, which is not supported")
	}
	values, err := condition.read()
	if err != nil || len(values) != 1 {
		return nil, fmt.Errorf("its condition is not one number")
	}
	which := "else_branch"
	if values[0] != 0 {
		which = "then_branch"
	}
	inner, err := n.model.Branch(n.Node, which)
	if err != nil {
		return nil, err
	}
	if inner == nil {
		return nil, fmt.Errorf("it has no %s", which)
	}
	taken := map[string]bool{}
	for _, t := range inner.Tensors {
		a, err := fileArray(t)
		if err != nil {
			return nil, err
		}
		r.values[t.Name], taken[t.Name] = &value{array: a}, true
	}
	nodes, err := sorted(inner.Nodes, taken)
	if err != nil {
		return nil, err
	}
	r.depth++
	defer func() { r.depth-- }()
	for _, each := range nodes {
		r.add(&node{Node: each, model: inner, name: n.name + "." + each.Op})
	}
	var outs []*value
	for _, out := range inner.Outputs {
		v := r.values[out.Name]
		if v == nil {
			return nil, fmt.Errorf("nothing makes %s", shown(out.Name))
		}
		outs = append(outs, v)
	}
	return outs, nil
}
