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

// PictureChannels is how many channels the network's pictures have: 1 for gray ones, 3 for coloured ones.
func (t *Table) PictureChannels() int { return t.channels() }
