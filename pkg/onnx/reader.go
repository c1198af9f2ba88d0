// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"slices"
	"strings"

	"convscope/internal/progress"
	"convscope/pkg/layer"
	"convscope/pkg/weights/onnxfile"
)

// anyBatch stands for a number of pictures that the file leaves open; no size is a multiple of it.
const anyBatch = 104_729

// reader makes a table of layers of a graph.
type reader struct {
	model *onnxfile.Model
	file  *mapping
	net   *layer.Network
	batch int // pictures that the graph was made for
	// values are those of the graph by name; turns are those that have been laid out in another order.
	values map[string]*value
	turns  map[string]*value
	names  map[string]bool // of layers
	depth  int             // of branches in branches
	sizing *sizing         // for the size that the graph was made for
	misfit int             // layers whose inputs have other sizes than they take
}

// read makes the table for pictures of that size.
func (s *source) read(height, width int) *reader {
	r := &reader{model: s.model, file: s.file, batch: s.batch, net: &layer.Network{Name: s.name, Input: s.input},
		values: map[string]*value{}, turns: map[string]*value{}, names: map[string]bool{layer.Picture: true},
		sizing: &sizing{batch: s.batch, shapes: map[string][]int{}, known: map[*node][]*array{}}}
	for _, t := range s.model.Tensors {
		a, err := fileArray(t)
		if err != nil {
			continue // what takes it says so
		}
		r.values[t.Name] = &value{array: a}
	}
	picture := &value{layer: layer.Picture, order: s.order, shape: []int{height, width, s.input.Channels}}
	r.values[s.picture] = picture
	r.sizing.shapes[layer.Picture] = picture.shape
	for _, n := range s.nodes {
		r.add(&node{Node: n.Node, model: s.model, name: n.name, aliases: n.aliases})
	}
	return r
}

// add adds the layers of a node. What can't be computed becomes a layer that says so.
func (r *reader) add(n *node) {
	outs, err := r.convert(n)
	if err != nil {
		outs = []*value{r.unsupported(n, err)}
		for len(outs) < len(n.Outputs) {
			outs = append(outs, outs[0])
		}
	}
	for i, name := range n.Outputs {
		if name == "" {
			continue
		}
		if i >= len(outs) || outs[i] == nil {
			outs = append(outs[:min(i, len(outs))], r.unsupported(n, fmt.Errorf("its output %d isn't computed", i)))
		}
		r.values[name] = outs[i]
		if n.Scopes == "" { // where a file has modules' names, values have numbers
			r.alias(outs[i], name)
		}
	}
}

// convert returns the node's outputs.
func (r *reader) convert(n *node) ([]*value, error) {
	host := true
	for i, name := range n.Inputs {
		var v *value
		if name != "" {
			if v = r.values[name]; v == nil {
				return nil, fmt.Errorf("it takes %s, which is not there or no array of numbers", shown(name))
			}
			if v.lost {
				n.in = append(n.in[:i], v)
				return nil, fmt.Errorf("it needs %s, which can't be computed", shown(v.layer))
			}
			host = host && v.isHost()
		}
		n.in = append(n.in, v)
	}
	if n.Domain != "" && n.Domain != "com.microsoft" {
		return nil, fmt.Errorf("operations of %s are not supported", n.Domain)
	}
	if n.Op == "If" {
		return r.branch(n)
	}
	if n.HasGraph() {
		return nil, errUnknownOp
	}
	if n.Op == "Shape" || n.Op == "Size" {
		if len(n.in) != 1 || n.in[0] == nil {
			return nil, fmt.Errorf("it takes one input")
		}
		if !n.in[0].isHost() {
			return []*value{{sizes: &expression{node: n, of: n.in[0]}}}, nil
		}
		return r.hosted(n)
	}
	if host {
		return r.hosted(n)
	}
	if f := converters[n.Op]; f != nil {
		return f(r, n)
	}
	return nil, errUnknownOp
}

var errUnknownOp = errors.New("the operation is not supported")

// hosted computes a node that needs no picture but its size.
func (r *reader) hosted(n *node) ([]*value, error) {
	open := false
	for _, v := range n.in {
		open = open || v != nil && v.sizes != nil
	}
	if n.Op == "Shape" || n.Op == "Size" {
		if v := n.in[0]; v.array != nil {
			dims := v.array.dims
			if n.Op == "Size" {
				return []*value{{array: newArray([]int{}, false, []float64{float64(v.array.size())})}}, nil
			}
			return []*value{{array: wholes(dims...)}}, nil
		}
		return nil, fmt.Errorf("the size of sizes is not supported")
	}
	in, err := r.sizing.arrays(n)
	if err != nil {
		return nil, err
	}
	known, err := n.compute(in)
	if err != nil {
		if errors.Is(err, errNoHost) {
			err = errUnknownOp
		}
		return nil, err
	}
	out := make([]*value, len(known))
	for i := range known {
		if out[i] = (&value{array: known[i]}); open {
			out[i] = &value{sizes: &expression{node: n, output: i}}
		}
	}
	return out, nil
}

// row adds a layer: the node's own, with its name, or, with what it does, one that helps it.
func (r *reader) row(n *node, what string, op layer.Op, weights map[string]layer.Weight, order []int, inputs ...*value) *value {
	row := layer.Layer{Class: n.Op, Op: op, Weights: weights}
	if what == "" {
		row.Name = r.free(n.name)
		if !n.used {
			row.Aliases = slices.Clone(n.aliases)
		}
		n.used = true
	} else {
		row.Name, row.Class = r.free(n.name+"/"+what), what
	}
	shapes := make([][]int, len(inputs))
	for i, v := range inputs {
		row.Inputs, shapes[i] = append(row.Inputs, v.layer), v.shape
	}
	out := &value{layer: row.Name, order: order}
	shape, err := op.Shape(shapes...)
	if out.shape, out.lost = shape, err != nil; err != nil {
		if _, never := op.(layer.Unsupported); !never {
			r.misfit++
		}
	} else {
		r.sizing.shapes[row.Name] = shape
	}
	r.net.Layers = append(r.net.Layers, row)
	return out
}

// free is the name, or with a number where there is such a layer.
func (r *reader) free(name string) string {
	unique := name
	for i := 1; r.names[unique]; i++ {
		unique = fmt.Sprintf("%s_%d", name, i)
	}
	r.names[unique] = true
	return unique
}

// unsupported adds a layer that can't be computed, and why.
func (r *reader) unsupported(n *node, why error) *value {
	var inputs []*value
	for _, v := range n.in {
		if v != nil && !v.isHost() {
			inputs = append(inputs, v)
		}
	}
	op := layer.Unsupported{Why: progress.Printable(fmt.Sprintf("%s (%s): %v", n.Op, shown(cmp.Or(n.Name, n.name)), why))}
	return r.row(n, "", op, nil, nil, inputs...)
}

// alias lets a value's layer be found by another name too.
func (r *reader) alias(v *value, names ...string) {
	if v.isHost() || v.layer == layer.Picture {
		return
	}
	for i := len(r.net.Layers) - 1; i >= 0; i-- {
		row := &r.net.Layers[i]
		if row.Name != v.layer {
			continue
		}
		for _, name := range names {
			name = shown(name)
			if name != row.Name && name != "" && !slices.Contains(row.Aliases, name) && len(row.Aliases) < 16 {
				row.Aliases = append(row.Aliases, name)
			}
		}
		return
	}
}

// shown is a name from the file as it is printed.
func shown(name string) string {
	const most = 200
	return progress.Printable(strings.ToValidUTF8(name[:min(len(name), most)], "?"))
}

// sorted returns the nodes so that each comes after those it takes something of, else in the file's order. taken are
// the values that no node makes.
func sorted(nodes []*onnxfile.Node, taken map[string]bool) ([]*onnxfile.Node, error) {
	maker := map[string]int{}
	for i, n := range nodes {
		for _, name := range n.Outputs {
			if _, twice := maker[name]; name != "" && (twice || taken[name]) {
				return nil, fmt.Errorf("%w: the value %s is made twice", ErrDamaged, shown(name))
			}
			maker[name] = i
		}
	}
	delete(maker, "")
	missing := make([]int, len(nodes))
	users := make([][]int, len(nodes))
	var ready intHeap
	for i, n := range nodes {
		for _, name := range n.Inputs {
			if from, made := maker[name]; made {
				missing[i]++
				users[from] = append(users[from], i)
			}
		}
		if missing[i] == 0 {
			ready = append(ready, i)
		}
	}
	var out []*onnxfile.Node
	for len(ready) > 0 {
		i := heap.Pop(&ready).(int)
		out = append(out, nodes[i])
		for _, user := range users[i] {
			if missing[user]--; missing[user] == 0 {
				heap.Push(&ready, user)
			}
		}
	}
	for i, n := range nodes {
		if missing[i] > 0 {
			return nil, fmt.Errorf("%w: %s (%s) needs its own output", ErrDamaged, n.Op, shown(cmp.Or(n.Name, "without a name")))
		}
	}
	return out, nil
}

// intHeap gives the smallest number first.
type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push adds a number.
func (h *intHeap) Push(x any) { *h = append(*h, x.(int)) }

// Pop takes the last one.
func (h *intHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
