// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"image"

	"convscope/pkg/album"
)

// Example is a piece of a photograph that a filter answers to.
type Example struct {
	// Photo is the photograph's path, relative to the folder that was searched, with slashes.
	Photo string
	// Place is the piece in the photograph as a viewer shows it, in its own pixels: what the position sees, cut at the
	// border of what the network saw.
	Place image.Rectangle
	// Activation is the filter's at that position.
	Activation float32
	// Scale is the one of [Options.Scales] at which the photograph was looked at.
	Scale float64
	// Image is the piece, once it is cut: see [Result.Cut].
	Image image.Image
}

// Filter is what one filter answered to.
type Filter struct {
	Filter int
	// Examples are the strongest first; of equal ones the photograph's name, the scale and then the place decides, from
	// the upper left.
	Examples  []Example
	Histogram Histogram
	// Fires is the share, 0 to 1, of the photographs in which the filter answers anywhere.
	Fires float64
}

// Result is what the photographs showed of one layer.
type Result struct {
	Layer string
	// Filters are all of the layer, in order.
	Filters []Filter
	// Photos counts the photographs that were read; Skipped says of each of the others why not.
	Photos  int
	Skipped []album.Skipped
	// Alike is the correlation, -1 to 1, of each two filters' activations over all positions: [filters][filters]. Of a
	// filter that is the same everywhere it is 0. It is nil where a layer has more than 2048 filters.
	Alike [][]float32
}
