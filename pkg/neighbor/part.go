// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import "convscope/pkg/layer"

// part is a channel of an input that becomes a channel, and what its values are multiplied with.
type part struct {
	place
	scale float64
}

// parts are what a channel of a layer that keeps channels comes from; nil where nothing can be said.
func (t *tracer) parts(i, channel int, inputs []int, shapes [][]int) []part {
	own := func(channel int, scale float64) []part { return []part{{place{inputs[0], channel}, scale}} }
	switch op := t.net.Layers[i].Op.(type) {
	case layer.Activate:
		if sign, known := direction(op.Activation); known {
			return own(channel, sign)
		}
		return nil
	case layer.BatchNorm, layer.LayerNorm, layer.GroupNorm, layer.Rescale:
		if scales := t.scale(i); scales != nil {
			return own(channel, scales[channel])
		}
		return nil
	case layer.LRN: // the square sum over the channels beside changes how large it is, no more
		return own(channel, 1)
	case layer.Arithmetic:
		return t.computed(i, op, channel, inputs, shapes)
	case layer.Concat:
		if axis := op.Axis; axis != -1 && axis != len(shapes[0])-1 {
			parts := make([]part, len(inputs))
			for k, input := range inputs {
				parts[k] = part{place{input, channel}, 1}
			}
			return parts
		}
		for k, input := range inputs {
			if channel < last(shapes[k]) {
				return []part{{place{input, channel}, 1}}
			}
			channel -= last(shapes[k])
		}
		return nil
	case layer.Slice:
		if first, step := op.Along(shapes[0], -1); step != 0 {
			return own(first+channel*step, 1)
		}
		return nil
	case layer.Pad:
		if at := len(shapes[0]) - 1; at < len(op.Begin) {
			channel -= op.Begin[at]
		}
		if channel < 0 || channel >= last(shapes[0]) {
			return nil
		}
		return own(channel, 1)
	case layer.Flatten, layer.Reshape, layer.Permute, layer.Squeeze, layer.Expand:
		if from, channel := t.arrangement(i).of(channel); from >= 0 {
			return []part{{place{from, channel}, 1}}
		}
		return nil
	case layer.Channelwise: // pools, dropouts, resizing
		if len(inputs) == 1 && op.Channelwise(shapes...) {
			return own(channel, 1)
		}
	}
	return nil
}

// computed is parts for arithmetic.
func (t *tracer) computed(i int, op layer.Arithmetic, channel int, inputs []int, shapes [][]int) []part {
	scales := t.scale(i)
	if scales == nil {
		return nil
	}
	var parts []part
	for k, input := range inputs {
		from := channel
		if last(shapes[k]) == 1 { // for all channels
			from = 0
		}
		parts = append(parts, part{place{input, from}, scales[channel]})
	}
	switch op.Operation {
	case layer.Add, layer.Average, layer.Maximum, layer.Minimum:
		return parts
	case layer.Subtract:
		for k := range parts {
			if k > 0 || op.Constant != nil && op.ConstantFirst {
				parts[k].scale = -parts[k].scale
			}
		}
		return parts
	case layer.Multiply:
		if main := t.gated(inputs, shapes); main >= 0 {
			return parts[main : main+1]
		}
	case layer.Divide:
		if len(parts) == 1 {
			return parts
		}
	}
	return nil
}

// gated says which of several inputs that are multiplied carries the channels, -1 if that can't be told. The others
// are gates, which change how large a channel is and not what it answers to: one number for each channel (as squeeze
// and excitation has) or for each position, or made from the input itself (as x * sigmoid(x)).
func (t *tracer) gated(inputs []int, shapes [][]int) int {
	for main := range inputs {
		carries := true
		for k := range inputs {
			if k == main {
				continue
			}
			gate := last(shapes[k]) == 1 && last(shapes[main]) > 1 || positions(shapes[k]) == 1 && positions(shapes[main]) > 1
			carries = carries && (gate || t.derives(inputs[k], inputs[main]))
		}
		if carries {
			return main
		}
	}
	return -1
}

// derives says whether a layer is computed from another alone, value by value, and is not that one.
func (t *tracer) derives(i, from int) bool {
	if i == from {
		return false
	}
	for i != from {
		if i == picture {
			return false
		}
		inputs := t.inputs(i)
		if len(inputs) != 1 {
			return false
		}
		switch t.net.Layers[i].Op.(type) {
		case layer.Activate, layer.Arithmetic, layer.Rescale, layer.Identity:
			i = inputs[0]
		default:
			return false
		}
	}
	return true
}

// positions counts the places of a shape [..., channels].
func positions(shape []int) int {
	n := 1
	for _, size := range shape[:len(shape)-1] {
		n *= size
	}
	return n
}
