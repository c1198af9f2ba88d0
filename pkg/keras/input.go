// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"fmt"
	"slices"

	"convscope/pkg/layer"
)

// open makes the values that a network takes: the picture, and what can't be fed beside it.
func (b *builder) open(g *graph, net *layer.Network) ([]value, error) {
	if g.sequential {
		shape, err := firstShape(g, 0)
		if err != nil {
			return nil, err
		}
		v, err := b.feed(net, g.name, shape)
		return []value{v}, err
	}
	var values []value
	fed := ""
	for _, input := range g.inputs {
		s := g.byName[input.ref.layer]
		if s == nil {
			return nil, fmt.Errorf("it has no input %s", quoted(input.ref.layer))
		}
		shape, err := batchShape(s.options)
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", quoted(s.name), err)
		}
		if fed != "" || len(shape) != 3 && len(g.inputs) > 1 {
			values = append(values, value{row: picture, fault: fmt.Sprintf(
				"it needs the input %s, and only pictures for %s are fed", quoted(s.name), quoted(fed))})
			continue
		}
		v, err := b.feed(net, s.name, shape)
		if err != nil {
			return nil, err
		}
		values, fed = append(values, v), s.name
	}
	if fed == "" {
		return nil, fmt.Errorf("none of its inputs takes pictures")
	}
	return values, nil
}

// feed makes the picture of a shape as the file has it, in which a size may be 0 for any.
func (b *builder) feed(net *layer.Network, name string, shape []int) (value, error) {
	flat := len(shape) == 2 // gray, without an axis for that
	switch {
	case flat:
		shape = append(slices.Clone(shape), 1)
	case len(shape) != 3:
		return value{}, fmt.Errorf("input %s takes shape %v, not pictures of [height, width, channels]",
			quoted(name), shape)
	case b.first:
		shape = []int{shape[1], shape[2], shape[0]}
	}
	if shape[2] == 0 {
		return value{}, fmt.Errorf("input %s doesn't say how many channels it takes", quoted(name))
	}
	net.Input = layer.Input{Height: shape[0], Width: shape[1], Channels: shape[2]}
	v := value{row: picture, shape: slices.Clone(shape)}
	for i, size := range v.shape {
		if size == 0 {
			v.shape[i] = assumed
		}
	}
	if flat {
		r := &reading{spec: &spec{class: "InputLayer", name: name}}
		op := layer.Squeeze{Axes: []int{2}}
		return b.add(r, part{op: op}, place{path: []string{name}}, name, name, []value{v})
	}
	return v, nil
}

// firstShape is what a Sequential takes: its InputLayer or first layer says it, or the layer's record of its making.
func firstShape(g *graph, depth int) ([]int, error) {
	if len(g.specs) > 0 {
		s := g.specs[0]
		if inner := s.inner; inner != nil && depth < maxDepth {
			if inner.sequential {
				return firstShape(inner, depth+1)
			}
			if first := inner.byName[inner.inputs[0].ref.layer]; first != nil {
				return batchShape(first.options)
			}
		}
		if shape, err := batchShape(s.options); err == nil {
			return shape, nil
		}
		if shape, ok := dims(s.build["input_shape"]); ok {
			return shape, nil
		}
	}
	if shape, ok := dims(g.build["input_shape"]); ok {
		return shape, nil
	}
	return nil, fmt.Errorf("it doesn't say what it takes: call model.build((None, height, width, " +
		"channels)) in Python before model.save")
}

// batchShape reads an input's shape without the batch, with 0 for any.
func batchShape(options object) ([]int, error) {
	for _, name := range []string{"batch_shape", "batch_input_shape"} {
		if shape, ok := dims(options[name]); ok {
			return shape, nil
		}
	}
	return nil, fmt.Errorf("its shape is not told")
}

// dims reads [null, 224, 224, 3] as [224 224 3].
func dims(value any) ([]int, bool) {
	list, ok := value.([]any)
	if !ok || len(list) < 2 || len(list) > 8 {
		return nil, false
	}
	shape := make([]int, len(list)-1)
	for i, each := range list[1:] {
		n, ok := integer(each)
		if each == nil {
			n, ok = 0, true
		}
		if !ok || n < 0 || n > 1<<20 {
			return nil, false
		}
		shape[i] = n
	}
	return shape, true
}
