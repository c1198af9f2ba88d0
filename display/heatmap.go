// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"fmt"
	"image"

	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
)

// Heatmap shows what the network saw, the heatmap over it, and its colours; without a colormap in jet, as the book
// does. Where nothing speaks for the class, or something else is wrong with the map, a line says so. In a terminal it
// prints one line.
func Heatmap(m *heatmap.Map, colors ...picture.Colormap) {
	c := picture.Jet
	if len(colors) > 0 {
		c = colors[0]
	}
	strength := 0.4 // the book's
	if c == picture.RedBlue {
		strength = 0.6 // white is much of it
	}
	row := []image.Image{m.Photo, m.Overlay(c, strength), m.Legend(c)}
	Row(row, "what the network sees", fmt.Sprintf("%s for %s, %.1f %%", m.Method, m.Name, 100*m.Probability))
	if note := m.Note(); note != "" {
		Text("%s", note)
	}
}
