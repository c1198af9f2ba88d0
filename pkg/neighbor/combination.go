// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import "convscope/pkg/layer"

// combination is a layer whose filters have kernels over channels of its input.
type combination struct {
	// input is the layer that it takes, in counts that one's channels, filters its own.
	input, in, filters int
	// rows and columns are the kernels' size.
	rows, columns int
	// group is how many channels a filter reads, beside how many filters that read the same.
	group, beside int
	// at returns a weight at a place of the kernel.
	at func(place, channel, filter int) float64
}

// pointwise says whether the kernels see a single position.
func (c *combination) pointwise() bool { return c.rows*c.columns == 1 }

// kernel is the one of a filter over a channel that it reads.
func (c *combination) kernel(channel, filter int) window {
	w := window{c.rows, c.columns, make([]float64, c.rows*c.columns)}
	for i := range w.values {
		w.values[i] = c.at(i, channel, filter)
	}
	return w
}

// combines says whether a layer's filters have kernels.
func (t *tracer) combines(i int) bool { return t.mixes(i) || t.depthwise(i) > 0 }

// mixes says whether a layer makes new channels out of several.
func (t *tracer) mixes(i int) bool {
	switch t.net.Layers[i].Op.(type) {
	case layer.Conv, layer.ConvTranspose, layer.SeparableConv, layer.Dense:
		return t.depthwise(i) == 0
	}
	return false
}

// depthwise is how many kernels each channel has for itself, 0 where a filter's kernels go over several channels.
func (t *tracer) depthwise(i int) int {
	switch op := t.net.Layers[i].Op.(type) {
	case layer.DepthwiseConv:
		return max(op.Multiplier, 1)
	case layer.Conv:
		if inputs := t.inputShapes(i); op.Groups > 1 && inputs != nil && inputs[0][2] == op.Groups {
			return op.Filters / op.Groups
		}
	}
	return 0
}

// combination is the layer with its weights, nil where they aren't known.
func (t *tracer) combination(i int) *combination {
	inputs := t.inputShapes(i)
	if inputs == nil || t.shapes[i] == nil || len(inputs) != 1 {
		return nil
	}
	in, filters := last(inputs[0]), last(t.shapes[i])
	c := &combination{input: t.inputs(i)[0], in: in, filters: filters, rows: 1, columns: 1, group: in, beside: filters}
	grouped := func(groups int) {
		groups = max(groups, 1)
		c.group, c.beside = in/groups, filters/groups
	}
	switch op := t.net.Layers[i].Op.(type) {
	case layer.Conv:
		kernel := t.weight(i, "kernel") // [height, width, in/groups, filters]
		c.rows, c.columns = op.Kernel[0], op.Kernel[1]
		grouped(op.Groups)
		c.at = func(place, channel, filter int) float64 {
			return float64(kernel[(place*c.group+channel%c.group)*filters+filter])
		}
		return c.with(kernel)
	case layer.DepthwiseConv:
		kernel := t.weight(i, "kernel") // [height, width, in, multiplier]
		c.rows, c.columns = op.Kernel[0], op.Kernel[1]
		grouped(in)
		c.at = func(place, _, filter int) float64 { return float64(kernel[place*filters+filter]) }
		return c.with(kernel)
	case layer.SeparableConv:
		depthwise := t.weight(i, "depthwise_kernel") // [height, width, in, multiplier]
		pointwise := t.weight(i, "pointwise_kernel") // [1, 1, in*multiplier, filters]
		multiplier := max(op.Multiplier, 1)
		c.rows, c.columns = op.Kernel[0], op.Kernel[1]
		c.at = func(place, channel, filter int) (sum float64) {
			for m := channel * multiplier; m < (channel+1)*multiplier; m++ {
				sum += float64(depthwise[place*in*multiplier+m]) * float64(pointwise[m*filters+filter])
			}
			return sum
		}
		return c.with(depthwise, pointwise)
	case layer.ConvTranspose:
		kernel := t.weight(i, "kernel") // [height, width, filters/groups, in]
		c.rows, c.columns = op.Kernel[0], op.Kernel[1]
		grouped(op.Groups)
		c.at = func(place, channel, filter int) float64 {
			return float64(kernel[(place*c.beside+filter%c.beside)*in+channel])
		}
		return c.with(kernel)
	case layer.Dense:
		kernel := t.weight(i, "kernel") // [in, units]
		c.at = func(_, channel, filter int) float64 { return float64(kernel[channel*filters+filter]) }
		return c.with(kernel)
	}
	return nil
}

// with is the combination if its weights are known.
func (c *combination) with(weights ...[]float32) *combination {
	for _, w := range weights {
		if w == nil {
			return nil
		}
	}
	return c
}
