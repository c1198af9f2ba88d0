// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"math"
	"slices"

	"github.com/dustin/go-humanize"

	"convscope/pkg/layer"
)

// Table is what is known of a network without a device: its layers with their sizes, and what they can take.
type Table struct {
	net    *layer.Network
	layers []Layer
	at     map[string]int // by name and alias
}

// NewTable looks at a network. The error says which layer makes no sense.
func NewTable(net *layer.Network) (*Table, error) {
	if err := net.Check(); err != nil {
		return nil, err
	}
	t := &Table{net: net, at: make(map[string]int)}
	for i, l := range net.Layers {
		t.at[l.Name] = i
	}
	shapes := t.usual()
	fields := t.fields(shapes)
	for i, l := range net.Layers {
		row := Layer{Name: l.Name, Kind: l.Class, Stride: fields[i].step(), field: fields[i].side(), Silent: t.silent(i), index: i, table: t}
		_, row.Kernels = l.Op.(layer.Filtering)
		if shape := shapes[i]; len(shape) > 0 {
			row.Filters = shape[len(shape)-1]
		}
		for _, shape := range t.weights(i, shapes) {
			row.parameters += volume(shape)
		}
		t.layers = append(t.layers, row)
	}
	return t, nil
}

// Network is the table of layers as data.
func (t *Table) Network() *layer.Network { return t.net }

// Layers returns the layers in order.
func (t *Table) Layers() []Layer { return slices.Clone(t.layers) }

// Find returns the layer of that name or alias. The error names those that are near.
func (t *Table) Find(name string) (Layer, error) {
	found, err := t.net.Find(name)
	if err != nil {
		return Layer{}, err
	}
	return t.layers[t.at[found.Name]], nil
}

// find returns the layer, when it has the filters.
func (t *Table) find(name string, filters []int) (Layer, error) {
	found, err := t.Find(name)
	if err != nil {
		return Layer{}, err
	}
	return found, found.CheckFilters(filters...)
}

// known returns the error of [Table.Find] for the first name that is no layer's.
func (t *Table) known(names []string) error {
	for _, name := range names {
		if _, err := t.Find(name); err != nil {
			return err
		}
	}
	return nil
}

// upTo are the indices of the layers that the one needs, in order, and its own.
func (t *Table) upTo(last int) []int {
	needed := make([]bool, last+1)
	needed[last] = true
	var all []int
	for i := last; i >= 0; i-- {
		if !needed[i] {
			continue
		}
		all = append(all, i)
		for _, input := range t.net.Layers[i].Inputs {
			if input != layer.Picture {
				needed[t.at[input]] = true
			}
		}
	}
	slices.Reverse(all)
	return all
}

// shapes are those of the outputs of the layers up to one of them for a picture of that size, by the layers' indices.
func (t *Table) shapes(height, width, last int) ([][]int, error) {
	shapes := make([][]int, last+1)
	for _, i := range t.upTo(last) {
		if err := t.shape(shapes, height, width, i); err != nil {
			return nil, err
		}
	}
	return shapes, nil
}

// shape adds one layer's shape to those before it.
func (t *Table) shape(shapes [][]int, height, width, i int) (err error) {
	l := t.net.Layers[i]
	inputs := t.inputs(l, shapes, height, width)
	if slices.ContainsFunc(inputs, func(shape []int) bool { return shape == nil }) {
		return fmt.Errorf("%s: what it takes has no shape", l.Name)
	}
	if shapes[i], err = l.Op.Shape(inputs...); err != nil {
		shapes[i] = nil
		return fmt.Errorf("%s: %w", l.Name, err)
	}
	for role, shape := range l.Op.Weights(inputs...) {
		if w, given := l.Weights[role]; given && !slices.Equal(w.Shape, shape) {
			shapes[i] = nil
			return fmt.Errorf("%s: its %s is for another size: it has the shape %v, needed is %v", l.Name, role, w.Shape, shape)
		}
	}
	return nil
}

// inputs are the shapes of what a layer takes.
func (t *Table) inputs(l layer.Layer, shapes [][]int, height, width int) [][]int {
	inputs := make([][]int, len(l.Inputs))
	for k, name := range l.Inputs {
		if name == layer.Picture {
			inputs[k] = []int{height, width, t.channels()}
		} else {
			inputs[k] = shapes[t.at[name]]
		}
	}
	return inputs
}

// channels is how many the network's pictures have.
func (t *Table) channels() int { return t.net.Input.Channels }

// usualSide is the side of the pictures that most networks are made for, in pixels.
const usualSide = 224

// OwnSize is the height and width of the pictures that the network was made for: 224 if it doesn't say.
func (t *Table) OwnSize() (height, width int) {
	in := t.net.Input
	if in.Height > 0 && in.Width > 0 {
		return in.Height, in.Width
	}
	return usualSide, usualSide
}

// usual are the shapes of all layers for a picture of the network's own size; of those that it doesn't fit, nil.
func (t *Table) usual() [][]int {
	height, width := t.OwnSize()
	shapes := make([][]int, len(t.net.Layers))
	for i := range t.net.Layers {
		_ = t.shape(shapes, height, width, i)
	}
	return shapes
}

// weights are the shapes of a layer's weights.
func (t *Table) weights(i int, shapes [][]int) map[string][]int {
	l := t.net.Layers[i]
	height, width := t.OwnSize()
	all := make(map[string][]int)
	if inputs := t.inputs(l, shapes, height, width); !slices.ContainsFunc(inputs, func(shape []int) bool { return shape == nil }) {
		all = l.Op.Weights(inputs...)
	}
	for role, w := range l.Weights {
		if all == nil {
			all = make(map[string][]int)
		}
		all[role] = w.Shape
	}
	return all
}

// silent says whether a layer's output can be silent: by its own activation, or as the maximum of such a layer's.
func (t *Table) silent(i int) bool {
	for {
		l := t.net.Layers[i]
		if l.Activation != nil {
			return l.Activation.Silent()
		}
		if _, pool := l.Op.(layer.MaxPool); !pool || l.Inputs[0] == layer.Picture {
			return false
		}
		i = t.at[l.Inputs[0]]
	}
}

// activation is what makes a layer's output of its value before the activation, for a layer that can be silent.
func (t *Table) activation(i int) layer.Activation {
	for t.net.Layers[i].Activation == nil {
		i = t.at[t.net.Layers[i].Inputs[0]]
	}
	return t.net.Layers[i].Activation
}

// volume is how many values a shape has.
func volume(shape []int) int64 {
	n := int64(1)
	for _, dim := range shape {
		if dim > 0 && n > math.MaxInt64/int64(dim) {
			return math.MaxInt64
		}
		n *= int64(dim)
	}
	return n
}

// Summary is the network's table for people, as display.Table takes it: one row a layer with its kind, the shape of
// its output for a picture of height x width pixels, its number of parameters, and how many pixels of the picture one
// of its positions sees.
func (t *Table) Summary(height, width int) (header []string, rows [][]string) {
	header = []string{"layer", "kind", "output", "filters", "parameters", "sees (pixels)"}
	shapes, total := make([][]int, len(t.layers)), int64(0)
	for i, l := range t.layers {
		output, sees := "-", "all"
		if err := t.shape(shapes, height, width, i); err == nil {
			output = times(shapes[i])
		}
		if l.field > 0 {
			sees = times([]int{l.field, l.field})
		}
		total += l.parameters
		rows = append(rows, []string{l.Name, l.Kind, output, fmt.Sprint(l.Filters), humanize.Comma(l.parameters), sees})
	}
	return header, append(rows, []string{"total", "", "", "", humanize.Comma(total), ""})
}

// times writes a shape as people do.
func times(shape []int) string {
	text := ""
	for i, dim := range shape {
		if i > 0 {
			text += " x "
		}
		text += fmt.Sprint(dim)
	}
	return text
}
