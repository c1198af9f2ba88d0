// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dustin/go-humanize"

	"convscope/pkg/layer"
)

// Table is what is known of a network without a device: its layers with their sizes, and what they can take.
type Table struct {
	net *layer.Network
	at  map[string]int // by name
	all func() []Layer
}

// NewTable looks at a network, which [layer.Network.Check] finds nothing wrong with, but for weights.
func NewTable(net *layer.Network) *Table {
	t := &Table{net: net, at: make(map[string]int)}
	for i, l := range net.Layers {
		t.at[l.Name] = i
	}
	t.all = sync.OnceValue(t.rows)
	return t
}

// rows are the layers as people ask for them.
func (t *Table) rows() []Layer {
	height, width := t.OwnSize()
	shapes := t.net.Shapes(height, width)
	var all []Layer
	for i, l := range t.net.Layers {
		row := Layer{Name: l.Name, Kind: l.Class, index: i, table: t}
		_, row.Kernels = l.Op.(layer.Filtering)
		row.Silent, _ = t.net.Silent(l.Name)
		if shape := shapes[i]; len(shape) > 0 {
			row.Filters = shape[len(shape)-1]
		}
		if field, err := t.net.ReceptiveField(l.Name); err == nil && !field.All() {
			row.field = max(field.Size[0], field.Size[1])
			if len(shapes[i]) == 3 {
				row.Stride = int(max(field.Stride[0], field.Stride[1]) + 0.5)
			}
		}
		inputs := t.inputs(l, shapes, height, width)
		if len(inputs) > 0 && len(inputs[0]) > 0 {
			row.In = inputs[0][len(inputs[0])-1]
		}
		for _, shape := range weightsOf(l, inputs) {
			row.parameters += volume(shape)
		}
		all = append(all, row)
	}
	return all
}

// inputs are the shapes of what a layer takes, of those of all layers for pictures of that size; nil if one has none.
func (t *Table) inputs(l layer.Layer, shapes [][]int, height, width int) [][]int {
	inputs := make([][]int, len(l.Inputs))
	for k, name := range l.Inputs {
		inputs[k] = []int{height, width, t.channels()}
		if name != layer.Picture {
			inputs[k] = shapes[t.at[name]]
		}
		if inputs[k] == nil {
			return nil
		}
	}
	return inputs
}

// weightsOf are the shapes of a layer's weights: those it has, or those that its operation takes.
func weightsOf(l layer.Layer, inputs [][]int) map[string][]int {
	if len(l.Weights) == 0 && inputs != nil {
		return l.Op.Weights(inputs...)
	}
	all := make(map[string][]int)
	for role, w := range l.Weights {
		all[role] = w.Shape
	}
	return all
}

// Network is the table of layers as data.
func (t *Table) Network() *layer.Network { return t.net }

// Layers returns the layers in order.
func (t *Table) Layers() []Layer { return slices.Clone(t.all()) }

// Find returns the layer of that name or alias, or a [*layer.UnknownLayerError].
func (t *Table) Find(name string) (Layer, error) {
	found, err := t.net.Find(name)
	if err != nil {
		return Layer{}, err
	}
	return t.all()[t.at[found.Name]], nil
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
		if _, err := t.net.Find(name); err != nil {
			return err
		}
	}
	return nil
}

// channels is how many the network's pictures have.
func (t *Table) channels() int { return t.net.Input.Channels }

// OwnSize is the height and width of the pictures that the network was made for, in pixels, see [layer.Network.Size].
func (t *Table) OwnSize() (height, width int) { return t.net.Size() }

// activationOf is the layer's activation, or that which is the layer; nil if it has none.
func activationOf(l layer.Layer) layer.Activation {
	if op, is := l.Op.(layer.Activate); is && l.Activation == nil {
		return op.Activation
	}
	return l.Activation
}

// volume is how many values a shape has.
func volume(shape []int) int64 {
	n := int64(1)
	for _, dim := range shape {
		n *= int64(dim)
	}
	return n
}

// Summary is the network's table for people, as display.Table takes it: one row a layer with its kind, the shape of
// its output for a picture of height x width pixels, its number of parameters, and how many pixels of the picture one
// of its positions sees.
func (t *Table) Summary(height, width int) (header []string, rows [][]string) {
	header = []string{"layer", "kind", "output", "filters", "parameters", "sees (pixels)"}
	shapes, total := t.net.Shapes(height, width), int64(0)
	for i, l := range t.all() {
		output, sees := "-", "all"
		if shapes[i] != nil {
			output = times(shapes[i]...)
		}
		if l.field > 0 {
			sees = times(l.field, l.field)
		}
		total += l.parameters
		rows = append(rows, []string{l.Name, l.Kind, output, fmt.Sprint(l.Filters),
			humanize.Comma(l.parameters), sees})
	}
	return header, append(rows, []string{"total", "", "", "", humanize.Comma(total), ""})
}

// times writes a shape as people do.
func times(shape ...int) string {
	texts := make([]string, len(shape))
	for i, dim := range shape {
		texts[i] = fmt.Sprint(dim)
	}
	return strings.Join(texts, " x ")
}
