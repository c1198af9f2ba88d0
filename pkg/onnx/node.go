// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"convscope/pkg/weights/onnxfile"
)

// node is an operation with the values that it takes.
type node struct {
	*onnxfile.Node
	model *onnxfile.Model
	// name and aliases are its layer's.
	name    string
	aliases []string
	in      []*value // nil for those that are left out
	used    bool     // its name has been taken by a layer
}

// errLong means that a list is longer than any that is needed.
var errLong = errors.New("a list that is too long")

// ints is an option that is a list of numbers, nil where the node has none.
func (n *node) ints(name string) ([]int, error) {
	list, ok := n.Ints(name)
	if !ok {
		return nil, errLong
	}
	if list == nil {
		return nil, nil
	}
	out := make([]int, len(list))
	for i, v := range list {
		out[i] = int(max(min(v, math.MaxInt32), -math.MaxInt32))
	}
	return out, nil
}

// list is an input that is a list of numbers or, in older graphs, an option; nil where the node has neither.
func (n *node) list(in []*array, i int, name string) ([]int, error) {
	if i < len(in) && in[i] != nil {
		return in[i].ints()
	}
	return n.ints(name)
}

// order is a Transpose's.
func (n *node) order(rank int) ([]int, error) {
	order, err := n.ints("perm")
	if order == nil {
		order = natural(rank)
		slices.Reverse(order)
	}
	if err == nil && !isOrder(order, rank) {
		err = fmt.Errorf("%v is no order of %d axes", order, rank)
	}
	return order, err
}

// pair is an option of two numbers, for rows and columns, which are absent where the node has none.
func (n *node) pair(name string, absent int) ([2]int, error) {
	list, err := n.ints(name)
	switch {
	case err != nil:
		return [2]int{}, err
	case len(list) == 0:
		return [2]int{absent, absent}, nil
	case len(list) == 2:
		return [2]int(list), nil
	}
	return [2]int{}, fmt.Errorf("%s %v: two numbers are needed", name, list)
}

// device is an input that comes from the picture.
func (n *node) device(i int) (*value, error) {
	if i >= len(n.in) || n.in[i] == nil {
		return nil, fmt.Errorf("its input %d is missing", i)
	}
	if n.in[i].isHost() {
		return nil, fmt.Errorf("its input %d is a constant, not made from the picture", i)
	}
	return n.in[i], nil
}

// array is an input that is known, nil where the node has none.
func (n *node) array(i int) (*array, error) {
	if i >= len(n.in) || n.in[i] == nil {
		return nil, nil
	}
	if n.in[i].array == nil {
		return nil, fmt.Errorf("its input %d (%s) is not a constant", i, shown(n.Inputs[i]))
	}
	return n.in[i].array, nil
}

// weight is array for one that must be there.
func (n *node) weight(i int) (*array, error) {
	a, err := n.array(i)
	if err == nil && a == nil {
		err = fmt.Errorf("its input %d is missing", i)
	}
	return a, err
}

// number is an input or option that is one known number.
func (n *node) number(i int, name string, absent float64) (float64, error) {
	a, err := n.array(i)
	if err != nil {
		return 0, err
	}
	if a == nil {
		return float64(n.Float(name, float32(absent))), nil
	}
	values, err := a.read()
	if err == nil && len(values) != 1 {
		err = fmt.Errorf("%d numbers for %s", len(values), name)
	}
	if err != nil {
		return 0, err
	}
	return values[0], nil
}
