// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"slices"

	"convscope/pkg/layer"
)

// expression is a value that follows from the sizes of layers' outputs.
type expression struct {
	node   *node
	output int
	of     *value // a Shape's or Size's
}

// sizing computes expressions for pictures of one size.
type sizing struct {
	batch  int
	shapes map[string][]int // of layers' outputs
	known  map[*node][]*array
}

// array computes a value that isn't a layer's.
func (s *sizing) array(v *value) (*array, error) {
	if v == nil || v.array != nil {
		if v == nil {
			return nil, nil
		}
		return v.array, nil
	}
	if v.sizes == nil {
		return nil, fmt.Errorf("a value that is made from the picture is needed as a constant")
	}
	e := v.sizes
	if known := s.known[e.node]; known != nil {
		return known[e.output], nil
	}
	out, err := s.compute(e)
	if err != nil {
		return nil, err
	}
	if e.output >= len(out) || out[e.output] == nil {
		return nil, fmt.Errorf("%s gives no output %d", e.node.Op, e.output)
	}
	s.known[e.node] = out
	return out[e.output], nil
}

func (s *sizing) compute(e *expression) ([]*array, error) {
	if e.of != nil {
		shape, ok := s.shapes[e.of.layer]
		if !ok || len(shape) != len(e.of.shape) {
			return nil, fmt.Errorf("the size of %s is not known", e.of.layer)
		}
		dims := (&value{order: e.of.order, shape: shape}).dims(s.batch)
		if e.node.Op == "Size" {
			n, err := count(dims)
			return one(newArray([]int{}, false, []float64{float64(n)}), err)
		}
		place := func(name string, absent int) int {
			i := int(e.node.Int(name, int64(absent)))
			if i < 0 {
				i += len(dims)
			}
			return min(max(i, 0), len(dims))
		}
		start, end := place("start", 0), place("end", len(dims))
		return one(wholes(dims[start:max(start, end)]...), nil)
	}
	in, err := s.arrays(e.node)
	if err != nil {
		return nil, err
	}
	return e.node.compute(in)
}

// arrays are a node's inputs but those that are layers' outputs, which are nil.
func (s *sizing) arrays(n *node) ([]*array, error) {
	in := make([]*array, len(n.in))
	for i, v := range n.in {
		if v == nil || !v.isHost() {
			continue
		}
		var err error
		if in[i], err = s.array(v); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// leaves adds the layers whose sizes a node's inputs follow from.
func leaves(n *node, seen map[*node]bool, found []string) []string {
	if seen[n] {
		return found
	}
	seen[n] = true
	for _, v := range n.in {
		if v == nil || v.sizes == nil {
			continue
		}
		if of := v.sizes.of; of == nil {
			found = leaves(v.sizes.node, seen, found)
		} else if !slices.Contains(found, of.layer) {
			found = append(found, of.layer)
		}
	}
	return found
}

// sized is an operation whose options follow from the sizes of layers' outputs, which it takes as further inputs.
type sized struct {
	// count is how many inputs are its own.
	count int
	// leaves name the layers of the others.
	leaves []string
	batch  int
	make   func(*sizing, [][]int) (layer.Op, error)
}

// op is the operation for inputs of these shapes.
func (o sized) op(inputs [][]int) (layer.Op, error) {
	if len(inputs) != o.count+len(o.leaves) {
		return nil, fmt.Errorf("%d inputs where %d are needed", len(inputs), o.count+len(o.leaves))
	}
	s := &sizing{batch: o.batch, shapes: map[string][]int{}, known: map[*node][]*array{}}
	for i, name := range o.leaves {
		s.shapes[name] = inputs[o.count+i]
	}
	return o.make(s, inputs[:o.count])
}

// Shape is the operation's.
func (o sized) Shape(inputs ...[]int) ([]int, error) {
	op, err := o.op(inputs)
	if err != nil {
		return nil, err
	}
	return op.Shape(inputs[:o.count]...)
}

// Weights are none.
func (o sized) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (o sized) Build(weight func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	shapes := make([][]int, len(inputs))
	for i, x := range inputs {
		shapes[i] = x.Shape().Dimensions[1:]
	}
	op, err := o.op(shapes)
	if err != nil {
		panic(err)
	}
	return op.Build(weight, inputs[:o.count]...)
}

// sized adds a layer whose options may follow from sizes. make is called with the arrays that the node takes and the
// shapes of the layer's inputs; it must give the same order of axes for all sizes.
func (r *reader) sized(n *node, make func(in []*array, shapes [][]int) (layer.Op, []int, error), inputs ...*value) (*value, error) {
	whole := func(s *sizing, shapes [][]int) (layer.Op, []int, error) {
		in, err := s.arrays(n)
		if err != nil {
			return nil, nil, err
		}
		return make(in, shapes)
	}
	shapes := [][]int{}
	for _, v := range inputs {
		shapes = append(shapes, v.shape)
	}
	op, order, err := whole(r.sizing, shapes)
	if err != nil {
		return nil, err
	}
	names := leaves(n, map[*node]bool{}, nil)
	if len(names) == 0 {
		return r.row(n, "", op, nil, order, inputs...), nil
	}
	later := sized{count: len(inputs), leaves: names, batch: r.batch, make: func(s *sizing, shapes [][]int) (layer.Op, error) {
		op, _, err := whole(s, shapes)
		return op, err
	}}
	for _, name := range names {
		inputs = append(inputs, &value{layer: name, shape: r.sizing.shapes[name]})
	}
	return r.row(n, "", later, nil, order, inputs...), nil
}
