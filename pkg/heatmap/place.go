// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"image"
)

// Peak is the row and the column of the largest value, the first of equals.
func (m *Map) Peak() (row, column int) {
	at := 0
	for i, v := range m.Values {
		if v > m.Values[at] {
			at = i
		}
	}
	return at / m.Width, at % m.Width
}

// PeakPixel is the middle of the peak's place, in pixels of Photo.
func (m *Map) PeakPixel() image.Point {
	row, column := m.Peak()
	high, wide := m.steps()
	return image.Pt(int((float64(column)+0.5)*wide), int((float64(row)+0.5)*high))
}

// ReceptiveField is the square of Photo that the place sees, cut at the picture's edges, or all of it. Convolutions
// see the middle of it more than the rest.
func (m *Map) ReceptiveField(row, column int) image.Rectangle {
	if m.Field == 0 {
		return m.Photo.Bounds()
	}
	high, wide := m.steps()
	top, left := int((float64(row)+0.5)*high-float64(m.Field)/2), int((float64(column)+0.5)*wide-float64(m.Field)/2)
	return image.Rect(left, top, left+m.Field, top+m.Field).Intersect(m.Photo.Bounds())
}

// steps are how many pixels of Photo a row and a column span.
func (m *Map) steps() (high, wide float64) {
	if m.Stride > 0 {
		return float64(m.Stride), float64(m.Stride)
	}
	bounds := m.Photo.Bounds()
	return float64(bounds.Dy()) / float64(m.Height), float64(bounds.Dx()) / float64(m.Width)
}

// spread scales values [Height, Width] to the pixels of Photo by bilinear interpolation between the middles of the
// places; pixels beyond the outermost middles take the nearest place's value.
func (m *Map) spread(values []float32) []float32 {
	bounds := m.Photo.Bounds()
	high, wide := m.steps()
	rows, columns := between(bounds.Dy(), m.Height, high), between(bounds.Dx(), m.Width, wide)
	out := make([]float32, 0, len(rows)*len(columns))
	for _, r := range rows {
		for _, c := range columns {
			above := values[r.first*m.Width+c.first]*(1-c.part) + values[r.first*m.Width+c.second]*c.part
			below := values[r.second*m.Width+c.first]*(1-c.part) + values[r.second*m.Width+c.second]*c.part
			out = append(out, above*(1-r.part)+below*r.part)
		}
	}
	return out
}

// mix is a pixel between two places: so much of the second.
type mix struct {
	first, second int
	part          float32
}

// between finds each pixel's places.
func between(pixels, places int, step float64) []mix {
	all := make([]mix, pixels)
	for p := range all {
		at := min(max((float64(p)+0.5)/step-0.5, 0), float64(places-1))
		first := int(at)
		all[p] = mix{first, min(first+1, places-1), float32(at - float64(first))}
	}
	return all
}
