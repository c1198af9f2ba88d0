// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/recipe"
)

// Channel is the book's target: a picture that excites one filter of a layer. See [Model.Channels].
func (m *Model) Channel(layer string, filter int) (ascent.Target, error) {
	return m.Channels(layer, filter)
}

// MustChannel is [Model.Channel] for notebook cells: errors panic.
func (m *Model) MustChannel(layer string, filter int) ascent.Target {
	return m.MustChannels(layer, filter)
}

// Channels is the target of [ascent.Run] for several filters of a layer: for each a picture that maximises the mean of
// the layer's output at that filter, or, after a softmax, of what goes into that. The layer may be any of
// [Table.Layers]; filters count from 0.
func (m *Model) Channels(layer string, filters ...int) (ascent.Target, error) {
	found, err := m.find(layer, filters)
	if err != nil {
		return ascent.Target{}, err
	}
	return m.target(found, filters, m.climb(found)), nil
}

// target is what the climb leads to for those filters.
func (m *Model) target(layer Layer, filters []int, climb *climb) ascent.Target {
	return ascent.Target{
		Climber: climb.climber, Channels: m.channels(), Layer: layer.Name, Filters: filters,
		Backend: m.device.Name(), Load: m.origin.Load,
		Origin: climb, CheckOptions: func(o ascent.Options) error { return climb.checkHeld(filters, o) },
		CheckSize: layer.CheckSize,
		Bound:     func(filter int, photographic bool) (float64, bool) { return m.bound(layer, filter, photographic) },
		Responses: func(pictures *tensors.Tensor, photographic bool) (means, peaks [][]float32, err error) {
			responses, err := m.Responses(pictures, photographic, layer.Name)
			if err != nil {
				return nil, nil, err
			}
			return responses[0].Mean, responses[0].Peak, nil
		},
		PictureBytes: layer.pictureBytes,
		FixedBytes:   m.weightBytes(layer),
		Memory:       m.device.MemoryAvailable,
		AtOnce:       m.picturesAtOnce(),
	}
}

// picturesAtOnce is how many pictures climb at once on the model's device: on a graphics card a whole sheet, as each
// of its steps has far too little to do for one.
func (m *Model) picturesAtOnce() int {
	if m.device.Kind() == device.GPU {
		return 64
	}
	return 0
}

// MustChannels is [Model.Channels] for notebook cells: errors panic.
func (m *Model) MustChannels(layer string, filters ...int) ascent.Target {
	target, err := m.Channels(layer, filters...)
	if err != nil {
		panic(err)
	}
	return target
}

// weightBytes estimates the memory that a run takes whatever its pictures: the weights up to the layer in the file and
// on the device; with the backend's own convolutions their kernels once more, turned for the way back and packed, and
// with our own the largest one transformed, which is four times as large; and what the compiler takes or the allocator
// keeps of what programs worked with.
func (m *Model) weightBytes(l Layer) int64 {
	const float, transformed, working = 4, 4, 192 << 20
	var kernels, largest float64
	needed, _ := m.net.UpTo(l.Name) // there is such a layer
	for _, below := range needed {
		for role, w := range below.Weights {
			if role == kernelRole {
				kernel := float64(volume(w.Shape))
				kernels += kernel
				largest = max(largest, kernel)
			}
		}
	}
	if kernels == 0 {
		return 0 // a program put them into the store
	}
	copies := 2.
	if m.device.Convolution() == recipe.Direct {
		copies = 4
	}
	return whole((kernels*copies+largest*transformed)*float + working)
}
