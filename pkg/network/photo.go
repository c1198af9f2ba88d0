// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"image"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/picture"
)

// PhotoTensor turns a photo into what the network sees of photographs before it preprocesses them: float32 [1, height,
// width, channels] in gray levels, its middle scaled to that size, see [picture.TensorOf].
func (t *Table) PhotoTensor(photo image.Image, height, width int) *tensors.Tensor {
	return picture.TensorOf(photo, height, width, t.channels())
}

// level is what a channel of the network's input, in its own order, gets for a gray level of a photograph.
func (t *Table) level(channel int, gray float64) float64 {
	in := t.net.Input
	return (gray - at(in.Mean, channel, 0)) / at(in.Deviation, channel, 1)
}

// at is the channel's number of those of all channels, which may be one for all, or none.
func at(numbers []float64, channel int, none float64) float64 {
	switch {
	case len(numbers) == 0:
		return none
	case channel < len(numbers):
		return numbers[channel]
	}
	return numbers[0]
}
