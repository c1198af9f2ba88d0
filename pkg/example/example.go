// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import "image"

// Example is a piece of a photograph that a filter answers to.
type Example struct {
	// Photo is the photograph's path, relative to the folder that was searched.
	Photo string
	// Place is the piece in the photograph as it lies on the disk, in pixels: what the position sees, cut at the border.
	Place image.Rectangle
	// Activation is the filter's at that position.
	Activation float32
	// Image is the piece.
	Image image.Image
}

// Filter is what one filter answered to.
type Filter struct {
	Filter int
	// Examples are the strongest first.
	Examples  []Example
	Histogram Histogram
	// Fires is the share, 0 to 1, of the photographs in which the filter answers anywhere.
	Fires float64
}

// Histogram counts a filter's activations over all positions of all photographs.
type Histogram struct {
	// From and To bound the bins, which are of equal width.
	From, To float64
	Counts   []int64
}

// Result is what the photographs showed.
type Result struct {
	Layer   string
	Filters []Filter
	// Photos counts the photographs that were read; Skipped says of each of the others why not.
	Photos  int
	Skipped []Skipped
	// Alike is the correlation, -1 to 1, of each two filters' activations over all positions: [filters][filters].
	Alike [][]float32
}

// Skipped is a photograph that could not be used.
type Skipped struct {
	Photo string
	Err   error
}
