// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
)

// Bound is the largest activation that a filter can reach at any place, for any picture of gray levels 0 to 255: its
// bias plus, for each of its weights, the largest product with what the channel below can be. photographic says that
// the picture is fed as a photograph, see [Preprocess]. It is exact in block1_conv1, and loose from there on: a bound
// above zero says little, one below that the filter is inert.
//
// Errors are those of [Model.Channels]; random weights have no bound.
func (m *Model) Bound(layer string, filter int, photographic bool) (float64, error) {
	found, err := m.find(layer, []int{filter})
	if err != nil {
		return 0, err
	}
	bound, known := m.bound(found, filter, photographic)
	if !known {
		return 0, fmt.Errorf("no bound is known for %s", m.Weights())
	}
	return bound, nil
}

// bound is Bound for a filter that there is. Intervals of what each channel can be are carried from layer to layer,
// and kept.
func (m *Model) bound(layer Layer, filter int, photographic bool) (bound float64, known bool) {
	if m.file == nil {
		return 0, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	low, high := make([]float64, 3), []float64{255, 255, 255}
	if photographic {
		for c, mean := range Means {
			low[c], high[c] = -float64(mean), 255-float64(mean)
		}
	}
	for _, below := range layer.upTo() {
		if below.Kind == Pool {
			continue
		}
		key := boundKey{below.Name, photographic}
		tops := m.bounds[key]
		if tops == nil {
			var err error
			if tops, err = m.tops(below, low, high); err != nil {
				return 0, false
			}
			m.bounds[key] = tops
		}
		low, high = make([]float64, len(tops)), make([]float64, len(tops)) // after the ReLU nothing is below zero
		for c, top := range tops {
			high[c] = max(top, 0)
		}
		bound = tops[filter%len(tops)]
	}
	return bound, true
}

// boundKey tells which bounds are known.
type boundKey struct {
	layer        string
	photographic bool
}

// tops are the largest pre-activations of a layer's filters when the channels below lie between low and high. Beyond
// the border they are zero.
func (m *Model) tops(layer Layer, low, high []float64) ([]float64, error) {
	dims, kernel, err := m.file.Tensor(layer.Name + "/" + kernelName)
	if err != nil {
		return nil, err
	}
	_, bias, err := m.file.Tensor(layer.Name + "/" + biasName)
	if err != nil {
		return nil, err
	}
	in, out := dims[2], dims[3]
	tops := make([]float64, out)
	for o := range tops {
		tops[o] = float64(bias[o])
	}
	for k := range places {
		for c := range in {
			row := kernel[(k*in+c)*out : (k*in+c+1)*out]
			for o, w := range row {
				weight := float64(w)
				most := max(weight*low[c], weight*high[c])
				if k != places/2 {
					most = max(most, 0) // this place may lie beyond the border; the middle never does
				}
				tops[o] += most
			}
		}
	}
	return tops, nil
}
