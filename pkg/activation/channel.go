// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package activation

import (
	"fmt"
	"image"
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/picture"
)

// Channel draws one channel of a layer's output, float32 [1, h, w, channels], one pixel a place, from its smallest
// value to its largest over the colormap ("" is viridis), as matplotlib's matshow does. A channel that is the same
// everywhere has the colormap's first colour. Errors: [ErrShape], or that there is no such channel or colormap.
func Channel(output *tensors.Tensor, channel int, c picture.Colormap) (image.Image, error) {
	o, err := read(output)
	if err != nil {
		return nil, err
	}
	if channel < 0 || channel >= len(o.channels) {
		return nil, fmt.Errorf("there is no channel %d: the layer has %d, counted from 0", channel, len(o.channels))
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range o.channels[channel] {
		if v == v { // not NaN
			low, high = min(low, float64(v)), max(high, float64(v))
		}
	}
	return c.Draw(o.channels[channel], o.height, o.width, low, high), nil
}

// MustChannel is [Channel] for notebook cells: errors panic.
func MustChannel(output *tensors.Tensor, channel int, c picture.Colormap) image.Image {
	img, err := Channel(output, channel, c)
	if err != nil {
		panic(err)
	}
	return img
}
