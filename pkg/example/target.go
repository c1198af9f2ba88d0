// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
)

// Target is what photographs are shown to: some layers of a network.
type Target struct {
	Layers []Layer
	// Height and Width are the pictures' that the network was made for, in pixels, Channels counts their channels.
	Height, Width, Channels int
	// CheckSize returns an error for pictures of a size that a layer can't take.
	CheckSize func(height, width int) error
	// Sight says what of such a picture a layer's positions see.
	Sight func(layer string, height, width int) (layer.Sight, error)
	// Batch is how many pictures of that size, of so many that there are, are computed at once.
	Batch func(height, width, pictures int) (int, error)
	// Run computes for pictures of gray levels, float32 [n, height, width, channels], three arrays for each layer: the
	// activations [n, rows, columns, filters], as they would be without a ceiling; for those with it, their means over
	// the positions [n, filters], and of each two filters the sum over the positions of the products of what differs from
	// the means [n, filters, filters]. The last two are [n, 1] of nothing for a layer with more filters than [MostAlike].
	Run func(pictures *tensors.Tensor) ([]*tensors.Tensor, error)
}

// Layer is one of a target's.
type Layer struct {
	Name    string
	Filters int
	// Silence is the activation above which a filter fires: 0 but for activations that rest at another.
	Silence float32
	// Ceiling is the largest activation that there can be, as 6 for ReLU6; infinity for none. Of places that reach it
	// those come first that would go beyond the most.
	Ceiling float32
}
