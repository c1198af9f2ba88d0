// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"fmt"
	"image"

	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
)

// legendRoom is what a row leaves for a colour bar, in pixels.
const legendRoom = 100

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
	// Enlarged before its colours are drawn beside it, so that their numbers stay sharp.
	width := m.Photo.Bounds().Dx()
	scale := max(min((wanted+width-1)/width, (widest-legendRoom)/(2*(width+16))), 1)
	photo, overlay := picture.Enlarge(m.Photo, scale), picture.Enlarge(m.Overlay(c, strength), scale)
	legend := m.Legend(c, photo.Bounds().Dy())
	captions := []string{"what the network sees", fmt.Sprintf("%s for %s, %.1f %%", m.Method, m.Name, 100*m.Probability)}
	show(picture.Strip([]image.Image{photo, overlay, legend}, captions),
		describe([]image.Image{m.Photo, overlay, legend}, captions), "")
	if note := m.Note(); note != "" {
		Text("%s", note)
	}
}
