// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import (
	"slices"

	"convscope/pkg/layer"
)

// arrangement says which channel of a layer each channel of another is, after values were only laid out anew.
type arrangement struct {
	from     int
	channels []int // nil where positions and channels went through each other
	labels   []int // of each value, in the layout's order, the channel that it comes from
}

// of is the channel of which layer a channel is; layer is picture where nothing can be said.
func (a *arrangement) of(channel int) (layer, from int) {
	if a == nil || a.channels == nil {
		return picture, 0
	}
	return a.from, a.channels[channel]
}

// arrangement follows a run of layers that lay values out back to what it begins with, such as the shuffle of channels
// that is written as a reshape, a permutation and a reshape. It is nil where there is none.
func (t *tracer) arrangement(i int) *arrangement {
	if known, done := t.arranged[i]; done {
		return known
	}
	a := t.lay(i)
	t.arranged[i] = a
	return a
}

func (t *tracer) lay(i int) *arrangement {
	const most = 1 << 23 // values, above which it takes too much memory
	inputs, shapes := t.inputs(i), t.inputShapes(i)
	if len(inputs) != 1 || len(shapes) != 1 || t.shapes[i] == nil || inputs[0] == picture {
		return nil
	}
	in, out := shapes[0], t.shapes[i]
	below := &arrangement{from: inputs[0]}
	if row := &t.net.Layers[inputs[0]]; inputs[0] != t.end && row.Activation == nil && arranges(row.Op) {
		below = t.arrangement(inputs[0])
	} else if size := positions(in) * last(in); size <= most {
		below.labels = make([]int, size)
		for k := range below.labels {
			below.labels[k] = k % last(in)
		}
	}
	if below == nil || below.labels == nil {
		return nil
	}
	a := &arrangement{from: below.from, labels: below.labels}
	switch op := t.net.Layers[i].Op.(type) {
	case layer.Permute:
		a.labels = permuted(below.labels, in, op.Axes)
	case layer.Flatten:
		if op.ChannelsFirst {
			axes := []int{len(in) - 1}
			for axis := range len(in) - 1 {
				axes = append(axes, axis)
			}
			a.labels = permuted(below.labels, in, axes)
		}
	}
	if len(out) == 0 || last(out) != t.channels(a.from) {
		return a
	}
	for k, label := range a.labels {
		if label != a.labels[k%last(out)] {
			return a
		}
	}
	a.channels = a.labels[:last(out)]
	return a
}

// arranges says whether an Op lays values out anew and does nothing else.
func arranges(op layer.Op) bool {
	switch op.(type) {
	case layer.Flatten, layer.Reshape, layer.Permute, layer.Squeeze, layer.Expand:
		return true
	}
	return false
}

// permuted puts the axes of values of that shape in another order.
func permuted(values []int, shape, axes []int) []int {
	strides := make([]int, len(shape)) // of the input, by the output's axes
	sizes := make([]int, len(shape))
	for k, axis := range axes {
		if axis < 0 {
			axis += len(shape)
		}
		sizes[k], strides[k] = shape[axis], 1
		for _, size := range shape[axis+1:] {
			strides[k] *= size
		}
	}
	out := make([]int, 0, len(values))
	index := make([]int, len(shape))
	for at := 0; len(out) < len(values); {
		out = append(out, values[at])
		for k, axis := range slices.Backward(sizes) {
			index[k]++
			at += strides[k]
			if index[k] < axis {
				break
			}
			at -= index[k] * strides[k]
			index[k] = 0
		}
	}
	return out
}
