// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import "convscope/internal/progress"

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

// BarHTML is what a progress bar shows.
func BarHTML(what string, done, total int64) string {
	return newBar(what, total, progress.Steps).markup(done)
}
