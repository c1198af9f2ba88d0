// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

// FilmHTML is what Play shows in a notebook.
func FilmHTML(f *Film, title string) string {
	images, lines := f.frames()
	return f.markup(title, images, lines)
}

// Thumbnail is the picture beside a progress bar, as HTML.
var Thumbnail = thumbnail
