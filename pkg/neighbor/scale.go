// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor

import (
	"math"

	"convscope/pkg/layer"
)

// scale returns what a layer multiplies each of its channels with, beside what no weight tells; nil where that can't
// be said.
func (t *tracer) scale(i int) []float64 {
	known, done := t.scales[i]
	if !done {
		known = t.multiplier(i)
		t.scales[i] = known
	}
	return known
}

func (t *tracer) multiplier(i int) []float64 {
	scales := make([]float64, t.channels(i))
	for c := range scales {
		scales[c] = 1
	}
	gamma := func(none bool) []float64 {
		if none {
			return scales
		}
		return times(scales, t.weight(i, "gamma"))
	}
	switch op := t.net.Layers[i].Op.(type) {
	case layer.BatchNorm:
		variance := t.weight(i, "variance")
		if len(variance) != len(scales) {
			return nil
		}
		for c := range scales {
			scales[c] = 1 / math.Sqrt(float64(variance[c])+op.Epsilon)
		}
		return gamma(op.NoScale)
	case layer.LayerNorm: // the mean and the deviation over the channels are not known here
		return gamma(op.NoScale)
	case layer.GroupNorm:
		return gamma(op.NoScale)
	case layer.Rescale:
		values := make([]float32, len(op.Scale))
		for c := range values {
			values[c] = float32(op.Scale[c])
		}
		if len(values) == 0 {
			return scales
		}
		return times(scales, values)
	case layer.Arithmetic:
		return t.constant(i, op, scales)
	}
	return nil
}

// constant is what arithmetic multiplies channels with.
func (t *tracer) constant(i int, op layer.Arithmetic, scales []float64) []float64 {
	terms := len(t.net.Layers[i].Inputs)
	if op.Constant != nil {
		terms++
	}
	switch {
	case op.Operation == layer.Average:
		for c := range scales {
			scales[c] = 1 / float64(terms)
		}
		return scales
	case op.Constant == nil || op.Operation != layer.Multiply && op.Operation != layer.Divide:
		return scales
	case op.Operation == layer.Divide && op.ConstantFirst:
		return nil
	}
	values := t.weight(i, "constant")
	if op.Operation == layer.Divide {
		for c, v := range values {
			values[c] = 1 / v
		}
	}
	if len(op.Constant) > 0 && last(op.Constant) != len(values) { // it differs from position to position
		return nil
	}
	return times(scales, values)
}

// times multiplies numbers with a weight for each channel, or with one for all; nil if there is no such weight.
func times(scales []float64, weight []float32) []float64 {
	if len(weight) != 1 && len(weight) != len(scales) {
		return nil
	}
	for c := range scales {
		scales[c] *= float64(weight[c%len(weight)])
	}
	return scales
}

// direction is 1 for an activation that rises, -1 for one that falls. Of others nothing can be said.
func direction(a layer.Activation) (sign float64, known bool) {
	switch a := a.(type) {
	case nil:
		return 1, true
	case layer.ReLU:
		return 1, a.NegativeSlope >= 0
	case layer.HardSigmoid:
		return math.Copysign(1, a.Alpha), true
	case layer.Function:
		switch a {
		case layer.Negative:
			return -1, true
		case layer.Absolute, layer.Square, layer.Reciprocal, layer.Softmax, layer.LogSoftmax:
			return 0, false
		}
	}
	return 1, true
}
