// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"maps"
	"strings"
)

// giveSlides says for each cell what it is when the notebook is shown as slides (nbconvert --to slides): a heading
// begins a slide, and all else lies below it, one cell at a time, so that a question comes before the code that
// answers it. The first code cell and the heading above it get the kernel ready, which no audience needs to see.
func (nb *Notebook) giveSlides() {
	setup := -1
	for i, cell := range nb.Cells {
		if cell.Kind == Code {
			setup = i
			break
		}
	}
	first := true
	for i, cell := range nb.Cells {
		kind := "subslide"
		switch {
		case i == setup, i == setup-1 && i > 0 && cell.hasHeading():
			kind = "skip"
		case first, cell.hasHeading():
			kind, first = "slide", false
		}
		cell.Metadata = maps.Clone(orEmpty(cell.Metadata))
		cell.Metadata["slideshow"] = map[string]any{"slide_type": kind}
	}
}

// hasHeading says whether the cell begins with one.
func (c *Cell) hasHeading() bool {
	return c.Kind == Markdown && strings.HasPrefix(firstLine(c.Source), "#")
}
