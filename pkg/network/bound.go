// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
)

// The roles of a convolution's weights.
const (
	kernelRole = "kernel" // [height, width, in, filters]
	biasRole   = "bias"   // [filters]
)

// Bound is the largest value that a filter can reach before its activation at any place, for any picture of gray
// levels 0 to 255: its bias plus, for each of its weights, the largest product with what the channel below can be.
// photographic says that the picture is fed as a photograph, see [Model.Preprocess]. It is exact in the first layer,
// and loose from there on: a bound above zero says little, one below that the filter is inert.
//
// Errors are those of [Model.Channels]. A bound is known for plain convolutions with ReLUs, one after the other, and
// maximum pools between them, not for random weights.
func (m *Model) Bound(name string, filter int, photographic bool) (float64, error) {
	found, err := m.find(name, []int{filter})
	if err != nil {
		return 0, err
	}
	bound, known := m.bound(found, filter, photographic)
	if !known {
		return 0, fmt.Errorf("no bound is known for %s of %s", name, m.Weights())
	}
	return bound, nil
}

// boundKey tells which bounds are known.
type boundKey struct {
	layer        string
	photographic bool
}

// bound is Bound for a filter that there is. Intervals of what each channel can be are carried from layer to layer,
// and kept.
func (m *Model) bound(l Layer, filter int, photographic bool) (bound float64, known bool) {
	photographic = photographic || m.scaled()
	m.mu.Lock()
	defer m.mu.Unlock()
	low, high := m.span(photographic)
	below := layer.Picture
	needed, err := m.net.UpTo(l.Name)
	if err != nil {
		return 0, false
	}
	for _, row := range needed {
		if len(row.Inputs) != 1 || row.Inputs[0] != below {
			return 0, false
		}
		below = row.Name
		if pool, isPool := row.Op.(layer.MaxPool); isPool && row.Activation == nil &&
			pool.Padding == (layer.Padding{}) {
			continue
		}
		conv, isConv := row.Op.(layer.Conv)
		if relu := (layer.ReLU{}); !isConv || conv.Groups > 1 || conv.NoBias || row.Activation != relu ||
			row.Weights == nil {
			return 0, false
		}
		key := boundKey{row.Name, photographic}
		tops := m.bounds[key]
		if tops == nil {
			var err error
			if tops, err = m.tops(row.Name, conv, low, high); err != nil {
				return 0, false
			}
			m.bounds[key] = tops
		}
		low, high = make([]float64, len(tops)), make([]float64, len(tops)) // after the ReLU nothing is below zero
		for c, top := range tops {
			high[c] = max(top, 0)
		}
		bound, known = tops[filter%len(tops)], true
	}
	return bound, known
}

// span is what the channels of pictures go through on their way into the network.
func (m *Model) span(photographic bool) (low, high []float64) {
	for c := range m.channels() {
		least, most := 0., 255.
		if photographic && m.net.Input.BGR {
			least, most = m.net.Input.Range(m.channels() - 1 - c)
		} else if photographic {
			least, most = m.net.Input.Range(c)
		}
		low, high = append(low, min(least, most)), append(high, max(least, most))
	}
	return low, high
}

// tops are the largest pre-activations of a layer's filters when the channels below lie between low and high. Beyond
// the border they are zero.
func (m *Model) tops(name string, conv layer.Conv, low, high []float64) ([]float64, error) {
	dims, kernel, err := m.values(name, kernelRole)
	if err != nil {
		return nil, err
	}
	_, bias, err := m.values(name, biasRole)
	if err != nil {
		return nil, err
	}
	in, out := dims[2], dims[3]
	tops := make([]float64, out)
	for o := range tops {
		tops[o] = float64(bias[o])
	}
	places := dims[0] * dims[1]
	centred := conv.Padding.Same && dims[0]%2 == 1 && dims[1]%2 == 1
	for k := range places {
		inside := conv.Padding == (layer.Padding{}) || centred && k == places/2 // the middle never lies beyond the border
		for c := range in {
			row := kernel[(k*in+c)*out : (k*in+c+1)*out]
			for o, w := range row {
				weight := float64(w)
				most := max(weight*low[c], weight*high[c])
				if !inside {
					most = max(most, 0)
				}
				tops[o] += most
			}
		}
	}
	return tops, nil
}

// values are a layer's weights on the host.
func (m *Model) values(name, role string) (dims []int, values []float32, err error) {
	err = guard(func() error {
		variable := m.Store.GetVariable(layer.Variable(name, role))
		if variable == nil {
			return fmt.Errorf("%s has no %s", name, role)
		}
		value, err := variable.Value()
		if err != nil {
			return err
		}
		dims = value.Shape().Dimensions
		values, err = tensors.CopyFlatData[float32](value)
		return err
	})
	return dims, values, err
}
