// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
)

// place is a channel of a layer.
type place struct{ layer, filter int }

// source is a channel of a layer with kernels, and what lies on the way from it.
type source struct {
	place
	// scale multiplies its values; window, if there is one, does too: a depthwise convolution's kernel.
	scale  float64
	window *window
}

// times puts a kernel at the end of the way. One of the two is of a single position.
func (s source) times(kernel window) window {
	if s.window == nil {
		return kernel.scaled(s.scale)
	}
	return s.window.scaled(s.scale * kernel.values[0])
}

// tracer follows channels back to the filters that they come from.
type tracer struct {
	net    *layer.Network
	places map[string]int
	shapes [][]int
	// end is a layer whose channels are followed no further, -1 for none.
	end      int
	traced   map[step][]source
	scales   map[int][]float64
	arranged map[int]*arrangement
	passed   map[int]*combination // depthwise convolutions
	err      error                // the first of reading weights
}

// step is a channel on the way; through says whether a depthwise convolution may be passed.
type step struct {
	place
	through bool
}

func newTracer(net *layer.Network) *tracer {
	t := &tracer{net: net, places: make(map[string]int), shapes: net.Shapes(net.Size()), end: -1,
		traced: make(map[step][]source), scales: make(map[int][]float64), arranged: make(map[int]*arrangement),
		passed: make(map[int]*combination)}
	for i := range net.Layers {
		t.places[net.Layers[i].Name] = i
	}
	return t
}

func (t *tracer) name(i int) string { return t.net.Layers[i].Name }

// picture stands for the network's input among layers' places.
const picture = -1

// inputs are the places of the layers that one takes, nil if one is not before it.
func (t *tracer) inputs(i int) []int {
	var inputs []int
	for _, name := range t.net.Layers[i].Inputs {
		at, known := t.places[name]
		switch {
		case name == layer.Picture:
			at = picture
		case !known || at >= i:
			return nil
		}
		inputs = append(inputs, at)
	}
	return inputs
}

// inputShapes are the shapes of what a layer takes, nil where one isn't known.
func (t *tracer) inputShapes(i int) [][]int {
	var shapes [][]int
	for _, at := range t.inputs(i) {
		shape := t.shape(at)
		if len(shape) == 0 {
			return nil
		}
		shapes = append(shapes, shape)
	}
	return shapes
}

// shape is that of a layer's output, or of the picture.
func (t *tracer) shape(i int) []int {
	if i == picture {
		height, width := t.net.Size()
		return []int{height, width, t.net.Input.Channels}
	}
	return t.shapes[i]
}

// channels counts a layer's channels, 0 where its shape isn't known.
func (t *tracer) channels(i int) int {
	if shape := t.shape(i); len(shape) > 0 {
		return last(shape)
	}
	return 0
}

func last(shape []int) int { return shape[len(shape)-1] }

// trace returns the filters that a channel comes from.
func (t *tracer) trace(i, channel int, through bool) []source {
	switch {
	case i == picture:
		return nil
	case i == t.end || t.mixes(i) || t.depthwise(i) > 0 && !through:
		return []source{{place: place{i, channel}, scale: 1}}
	}
	key := step{place{i, channel}, through}
	known, done := t.traced[key]
	if !done {
		known = t.through(i, channel, through)
		t.traced[key] = known
	}
	return known
}

// through is trace for a layer that doesn't make channels of its own: each of its inputs is followed to the channel
// that becomes this one.
func (t *tracer) through(i, channel int, through bool) []source {
	inputs, shapes, row := t.inputs(i), t.inputShapes(i), &t.net.Layers[i]
	if len(shapes) == 0 || t.shapes[i] == nil {
		return nil
	}
	sign, known := direction(row.Activation)
	if !known {
		return nil
	}
	if multiplier := t.depthwise(i); multiplier > 0 {
		c, known := t.passed[i]
		if !known {
			c = t.combination(i)
			t.passed[i] = c
		}
		if c == nil {
			return nil
		}
		kernel := c.kernel(channel/multiplier, channel)
		sources := scaled(t.trace(inputs[0], channel/multiplier, false), sign)
		for k := range sources {
			sources[k].window = &kernel
		}
		return sources
	}
	var all []source
	for _, part := range t.parts(i, channel, inputs, shapes) {
		all = joined(all, scaled(t.trace(part.layer, part.filter, through), part.scale*sign))
	}
	return all
}

// scaled are the sources with their values multiplied.
func scaled(sources []source, scale float64) []source {
	sources = slices.Clone(sources)
	for i := range sources {
		sources[i].scale *= scale
	}
	return sources
}

// joined adds sources to others; what comes on two ways is one source.
func joined(all, more []source) []source {
	for _, s := range more {
		at := slices.IndexFunc(all, func(other source) bool { return other.place == s.place })
		switch {
		case at < 0:
			all = append(all, s)
		case s.window == nil && all[at].window == nil:
			all[at].scale += s.scale
		default:
			sum := all[at].times(one).plus(s.times(one))
			all[at].scale, all[at].window = 1, &sum
		}
	}
	return all
}

// users are the layers with kernels that a layer's channels can reach without passing another that mixes them.
func (t *tracer) users(at int) (users []int) {
	reached := make([]bool, len(t.net.Layers))
	for i := at + 1; i < len(reached); i++ {
		for _, input := range t.inputs(i) {
			if input == at || input != picture && reached[input] && !t.mixes(input) {
				reached[i] = true
			}
		}
		if reached[i] && t.combines(i) {
			users = append(users, i)
		}
	}
	return users
}

// weight reads one of a layer's weights, nil if it has no such, or it can't be read.
func (t *tracer) weight(i int, role string) []float32 {
	w, known := t.net.Layers[i].Weights[role]
	if !known || w.Read == nil || t.err != nil {
		return nil
	}
	value, err := w.Read()
	if err == nil {
		var values []float32
		if values, err = tensors.CopyFlatData[float32](value); err == nil {
			return values
		}
	}
	t.err = fmt.Errorf("reading the %s of %s: %w", role, t.name(i), err)
	return nil
}
