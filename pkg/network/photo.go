// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"image"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/picture"
)

// PhotoTensor turns a photo into what the network sees of photographs before it preprocesses them: float32 [1, height,
// width, channels] in gray levels, its middle scaled to that size, see [picture.TensorOf].
func (t *Table) PhotoTensor(photo image.Image, height, width int) *tensors.Tensor {
	return picture.TensorOf(photo, height, width, t.channels())
}

// scaled says that the network takes no gray levels, so that they are always preprocessed.
func (t *Table) scaled() bool {
	return slices.ContainsFunc(t.net.Input.Deviation, func(deviation float64) bool { return deviation != 1 })
}

// black is about what a black photograph is to the network, in the gray levels that methods start from when they feed
// them as they are: minus the mean, to tens.
func (t *Table) black() float32 {
	if t.scaled() {
		return 0
	}
	sum := 0.
	for c := range t.channels() {
		black, _ := t.net.Input.Range(c)
		sum += black
	}
	return float32(math.Trunc(sum/float64(t.channels())/10) * 10)
}

// PictureChannels is how many channels the network's pictures have: 1 for gray ones, 3 for coloured ones.
func (t *Table) PictureChannels() int { return t.channels() }
