// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"image"

	"convscope/internal/progress"
	"convscope/pkg/ascent"
)

// FilmHTML is what Play shows in a notebook.
func FilmHTML(f *Film, title string) string {
	images, lines := f.frames()
	return f.markup(title, images, lines)
}

// Thumbnail is the picture beside a progress bar, as HTML.
var Thumbnail = thumbnail

// TableHTML is what Table shows in a notebook, CurveSVG what Curve draws.
var (
	TableHTML = table
	CurveSVG  = curve
)

// GalleryHTML is the link that Gallery shows in a notebook, Previews the picture above it.
var (
	GalleryHTML = galleryLink
	Previews    = previews
)

// BarHTML is what a progress bar shows.
func BarHTML(what string, done, total int64) string {
	return newBar(what, total, progress.Steps).markup(done)
}

// LiveFrame is a frame of a live run in which all pictures, float32 [n, height, width, 3] in one piece, are new.
func LiveFrame(target ascent.Target, method ascent.Method, values []float32, height, width int) image.Image {
	fresh := make(map[int]tile)
	for i := range target.Filters {
		size := len(values) / len(target.Filters)
		fresh[i] = tile{values: values[i*size : (i+1)*size]}
	}
	return (&live{target: target, method: method}).draw(fresh, height, width)
}
