// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"fmt"
	"slices"
	"strings"

	"convscope/pkg/layer"
)

// assumed is the size in pixels by which shapes are checked where a network takes any.
const assumed = 256

// picture is the row of the network's input.
const picture = -1

// value is what a row gives.
type value struct {
	row   int
	shape []int  // of one picture, channels last
	fault string // why there is none
}

// builder makes a table of a description.
type builder struct {
	shelf   shelf
	version int
	first   bool // channels come first in the file
	rows    []row
	count   map[string]int // how often a path was used
	left    int            // rows that may still come
}

// row is a layer of the table whose name is not settled.
type row struct {
	layer.Layer
	path   string // with the networks around it, and a number if it is used again
	own    string // without
	inputs []int
	also   []string // what else it is called: an inner network that ends in it
}

// frame has the values of one network's layers, by layer and use.
type frame struct {
	g      *graph
	at     place
	inputs map[string]value // by input layer
	done   map[string][]value
	busy   map[string]bool
}

// run builds a network once for these inputs, and returns its outputs.
func (b *builder) run(g *graph, at place, inputs []value, keys []string, depth int) ([]value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d networks within each other", maxDepth)
	}
	folders := folderNames(g, at.folder)
	in := func(s *spec) place {
		return place{append(append([]string{}, at.path...), s.name), folders[s]}
	}
	if g.sequential {
		if len(inputs) != 1 {
			return nil, fmt.Errorf("network %s takes one input, not %d", quoted(g.name), len(inputs))
		}
		last := inputs
		for _, s := range g.specs {
			if s.class == "InputLayer" {
				continue
			}
			var err error
			if last, err = b.apply(s, in(s), call{}, last[:1], nil, depth); err != nil {
				return nil, err
			}
			if len(last) == 0 {
				return nil, fmt.Errorf("network %s gives nothing", quoted(s.name))
			}
		}
		return last, nil
	}
	f := &frame{g: g, at: at, inputs: map[string]value{}, done: map[string][]value{}, busy: map[string]bool{}}
	if len(inputs) != len(g.inputs) {
		return nil, fmt.Errorf("network %s takes %d inputs, not %d", quoted(g.name), len(g.inputs), len(inputs))
	}
	for i, input := range g.inputs {
		value := inputs[i]
		for k, key := range keys { // inputs that are given by name
			if key != "" && (key == input.key || key == input.ref.layer) {
				value = inputs[k]
			}
		}
		f.inputs[input.ref.layer] = value
	}
	for _, s := range g.specs { // in the file's order, as far as that is one of computation
		for i := range s.calls {
			if _, err := b.get(f, in, ref{layer: s.name, node: i + shift(s, false)}, false, depth); err != nil {
				return nil, err
			}
		}
	}
	var outputs []value
	for _, output := range g.outputs {
		v, err := b.get(f, in, output.ref, true, depth)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, v)
	}
	return outputs, nil
}

// shift is where the uses of a layer begin to count: at 1 for a network that was used once already when it was made,
// in Keras 2 everywhere, in Keras 3 among a network's outputs alone.
func shift(s *spec, output bool) int {
	if s.inner == nil || len(s.inner.specs) == 0 || len(s.calls) == 0 {
		return 0
	}
	if s.calls[0].old && s.inner.specs[0].class == "InputLayer" || !s.calls[0].old && output && !s.inner.sequential {
		return 1
	}
	return 0
}

// get is what a use of a layer gives.
func (b *builder) get(f *frame, in func(*spec) place, r ref, output bool, depth int) (value, error) {
	s := f.g.byName[r.layer]
	if s == nil {
		return value{}, fmt.Errorf("network %s uses a layer %s that it doesn't have",
			quoted(f.g.name), quoted(r.layer))
	}
	if len(s.calls) == 0 {
		if v, ok := f.inputs[s.name]; ok {
			return v, nil
		}
		return value{}, fmt.Errorf("layer %s of network %s is used nowhere", quoted(s.name), quoted(f.g.name))
	}
	node := r.node - shift(s, output)
	if node < 0 { // as a file from between the versions may count
		node = r.node
	}
	if node >= len(s.calls) {
		return value{}, fmt.Errorf("layer %s has %d uses, needed is use %d", quoted(s.name), len(s.calls), r.node)
	}
	key := fmt.Sprint(node, " ", s.name)
	if f.busy[key] {
		return value{}, fmt.Errorf("layer %s needs itself", quoted(s.name))
	}
	values, ok := f.done[key]
	if !ok {
		f.busy[key] = true
		inputs, keys, err := b.take(f, in, s.calls[node], depth)
		if err == nil {
			values, err = b.apply(s, in(s), s.calls[node], inputs, keys, depth)
		}
		if err != nil {
			return value{}, err
		}
		f.done[key], f.busy[key] = values, false
	}
	if r.output < len(values) {
		return values[r.output], nil
	}
	return value{fault: fmt.Sprintf("layer %s has no output %d here", quoted(s.name), r.output)}, nil
}

// take lists the values that a call takes, with the keys of a dictionary.
func (b *builder) take(f *frame, in func(*spec) place, c call, depth int) (values []value, keys []string, err error) {
	var each func(from any, key string)
	each = func(from any, key string) {
		if err != nil {
			return
		}
		switch v := from.(type) {
		case ref:
			var found value
			found, err = b.get(f, in, v, false, depth)
			values, keys = append(values, found), append(keys, key)
		case []any:
			for _, inside := range v {
				each(inside, key)
			}
		case object:
			for _, key := range sortedKeys(v) {
				each(v[key], key)
			}
		}
	}
	each(c.args, "")
	each(c.kwargs, "")
	return values, keys, err
}

// apply uses a layer, or a network, on values.
func (b *builder) apply(s *spec, at place, c call, inputs []value, keys []string, depth int) ([]value, error) {
	if s.inner != nil {
		outputs, err := b.run(s.inner, at, inputs, keys, depth+1)
		if err == nil && len(outputs) == 1 && outputs[0].row != picture && outputs[0].fault == "" {
			path := strings.Join(at.path, "/")
			b.count[path]++
			last := &b.rows[outputs[0].row]
			last.also = append(last.also, again(path, b.count[path]), again(s.name, b.count[path]))
		}
		return outputs, err
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("layer %s takes nothing", quoted(s.name))
	}
	r := &reading{spec: s, call: c, version: b.version, first: b.first}
	for _, input := range inputs {
		r.fail("%s", input.fault)
		if input.fault == "" {
			r.shapes = append(r.shapes, input.shape)
		}
	}
	if r.fault != "" { // what an input lacks
		return b.unsupported(r, at, inputs, r.fault)
	}
	parts := r.rows()
	if r.fault == "" {
		r.check(parts)
	}
	if r.fault != "" {
		return b.unsupported(r, at, inputs, r.why(s.name))
	}
	path := strings.Join(at.path, "/")
	b.count[path]++
	values := slices.Clone(inputs)
	for i, p := range parts {
		take := p.inputs(values, len(inputs), i)
		v, err := b.add(r, p, at, again(path+p.suffix, b.count[path]), again(s.name+p.suffix, b.count[path]), take)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values[len(values)-1:], nil
}

// inputs are those of the i-th part among the layer's n inputs and what the parts before gave.
func (p part) inputs(values []value, n, i int) (take []value) {
	switch {
	case p.take == nil && i == 0:
		return values[:n]
	case p.take == nil:
		return values[len(values)-1:]
	}
	for _, k := range p.take {
		take = append(take, values[k])
	}
	return take
}

// check tries the shapes of all parts.
func (r *reading) check(parts []part) {
	var values []value
	for _, shape := range r.shapes {
		values = append(values, value{shape: shape})
	}
	n := len(values)
	for i, p := range parts {
		var shapes [][]int
		for _, v := range p.inputs(values, n, i) {
			shapes = append(shapes, v.shape)
		}
		shape, err := p.op.Shape(shapes...)
		if err != nil {
			r.fail("%s", err)
			return
		}
		values = append(values, value{shape: shape})
	}
}

// again is the name of a layer that is used the n-th time.
func again(name string, n int) string {
	if n > 1 {
		return fmt.Sprintf("%s#%d", name, n)
	}
	return name
}

// unsupported adds a row that says what is missing.
func (b *builder) unsupported(r *reading, at place, inputs []value, why string) ([]value, error) {
	path := strings.Join(at.path, "/")
	b.count[path]++
	var take []value
	for _, input := range inputs {
		if input.fault == "" || input.row >= 0 {
			take = append(take, input)
		}
	}
	n := b.count[path]
	v, err := b.append(r, part{op: layer.Unsupported{Why: why}}, again(path, n), again(r.name, n), take)
	v.fault = why
	return []value{v}, err
}

// add adds a row, with its shape and weights.
func (b *builder) add(r *reading, p part, at place, path, own string, inputs []value) (value, error) {
	shapes := make([][]int, len(inputs))
	for i, input := range inputs {
		shapes[i] = input.shape
	}
	shape, err := p.op.Shape(shapes...)
	if err != nil {
		return value{}, err // check has seen it
	}
	v, err := b.append(r, p, path, own, inputs)
	if err != nil {
		return value{}, err
	}
	v.shape = shape
	needs := p.op.Weights(shapes...)
	weights := make(map[string]layer.Weight, len(needs))
	if p.constant != nil {
		weights["constant"] = constant(p.constant, needs["constant"])
	}
	for i, w := range p.wants {
		t, ok := b.shelf.find(at, i, len(p.wants), w.file)
		if !ok {
			return value{}, fmt.Errorf("layer %s (%s): the file has no %s for it", quoted(r.name), r.class, w.file[0])
		}
		if weights[w.role], err = weight(t, needs[w.role], w.spread); err != nil {
			return value{}, fmt.Errorf("layer %s (%s): its %s: %w", quoted(r.name), r.class, w.file[0], err)
		}
	}
	if len(weights) > 0 {
		b.rows[v.row].Weights = weights
	}
	return v, nil
}

func (b *builder) append(r *reading, p part, path, own string, inputs []value) (value, error) {
	if b.left--; b.left < 0 {
		return value{}, fmt.Errorf("it uses its layers more than %d times", maxLayers)
	}
	added := row{path: path, own: own, Layer: layer.Layer{Class: r.class, Op: p.op, Activation: p.activation}}
	for _, input := range inputs {
		added.inputs = append(added.inputs, input.row)
	}
	b.rows = append(b.rows, added)
	return value{row: len(b.rows) - 1}, nil
}
