// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"cmp"
	"image"

	"convscope/pkg/picture"
)

// bookStrength is the book's share of the heatmap in an overlay.
const bookStrength = 0.4

// Image draws the map itself, a pixel for each place: the positive values from 0 to the largest.
//
// With [picture.RedBlue] it draws the signed values, zero in the middle of the colormap. So it does with any colormap
// when no value is positive, see [Map.Note]. A map that is the same everywhere is drawn in the colormap's middle.
func (m *Map) Image(c picture.Colormap) *image.NRGBA {
	c, values, low, high := m.scale(c)
	return c.Draw(values, m.Height, m.Width, low, high)
}

// Heat is [Map.Image] spread over the pixels of Photo.
func (m *Map) Heat(c picture.Colormap) *image.NRGBA {
	c, values, low, high := m.scale(c)
	bounds := m.Photo.Bounds()
	return c.Draw(m.spread(values), bounds.Dy(), bounds.Dx(), low, high)
}

// Overlay lays [Map.Heat] over Photo: that share of the heatmap, above 0 and up to 1, and the rest of the photo. Zero
// values are the book's: "" means [picture.Jet], 0 means 0.4. Of shares beyond the nearer end counts, see
// [picture.Overlay].
func (m *Map) Overlay(c picture.Colormap, strength float64) *image.NRGBA {
	return picture.Overlay(m.Photo, m.Heat(cmp.Or(c, picture.Jet)), cmp.Or(strength, bookStrength))
}

// Legend is the colour bar of [Map.Image], that many pixels high, with the values at its ends.
func (m *Map) Legend(c picture.Colormap, height int) image.Image {
	c, _, low, high := m.scale(c)
	return picture.Legend(c, low, high, height)
}

// scale says how to draw the map: which values, from where to where, in which colours.
func (m *Map) scale(c picture.Colormap) (_ picture.Colormap, values []float32, low, high float64) {
	least, most := m.span()
	positive, some := m.Positive()
	switch {
	case c == picture.RedBlue || m.AllNegative():
		bound := max(float64(most), -float64(least))
		if bound == 0 {
			bound = 1
		}
		return picture.RedBlue, m.Values, -bound, bound
	case some && m.flat():
		return c, positive, 0, 2
	}
	return c, positive, 0, 1
}
