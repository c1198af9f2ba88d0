// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"fmt"
	"image"
	"strconv"
	"strings"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

// Grid shows all pictures of a run in the book's layout, each with its filter's number; dead filters are dimmed and
// crossed out, and named below. In a terminal it prints one line.
func Grid(result *ascent.Result) { grid(result, "") }

// grid shows the sheet in the place of the live one with that id, or as a new output.
func grid(result *ascent.Result, id string) {
	images, err := result.Images()
	if err != nil {
		panic(err) // a run's pictures are pictures
	}
	for i, loss := range result.Loss {
		if len(loss) == 0 { // stopped before its turn: still noise
			images[i] = image.NewGray(images[i].Bounds())
		}
	}
	options := picture.GridOptions{Labels: labels(result.Filters), Badges: result.Badges(),
		Scale: boardScale(len(images), images[0].Bounds().Dx())}
	rows, columns := options.Shape(len(images))
	sheet := picture.Grid(images, options)
	text := fmt.Sprintf("%s: %d filters of %s in %d rows and %d columns",
		result.Layer, len(images), span(result.Filters), rows, columns)
	show(sheet, text, id)
	if result.Stopped {
		begun := 0
		for _, loss := range result.Loss {
			begun += min(len(loss), 1)
		}
		Text("stopped early: %d of %d pictures were begun, the last ones have taken %d of %d steps",
			begun, len(images),
			len(result.Loss[max(begun-1, 0)]), result.Options.Steps)
	}
	if note := deadNote(result); note != "" {
		Text("%s", note)
	}
}

// boardScale enlarges a sheet of few or small pictures, until it is twice as wide as a picture should at least be.
func boardScale(pictures, width int) int {
	_, columns := picture.GridOptions{}.Shape(pictures)
	scale := 1
	for sheet := columns*(width+5) - 5; sheet*(scale+1) <= wanted*2; {
		scale++
	}
	return scale
}

// Pattern shows the pictures of a run one beside the other with their captions: the layer, the filter, and whether it
// is dead or was stopped early.
func Pattern(result *ascent.Result) { pattern(result, "") }

// pattern shows the pictures in the place of the live one with that id, or as a new output.
func pattern(result *ascent.Result, id string) {
	images, err := result.Images()
	if err != nil {
		panic(err) // a run's pictures are pictures
	}
	captions := make([]string, len(images))
	for i := range images {
		captions[i] = result.Caption(i)
	}
	row(images, captions, id)
}

// labels are the filters' numbers as text.
func labels(filters []int) []string {
	texts := make([]string, len(filters))
	for i, filter := range filters {
		texts[i] = strconv.Itoa(filter)
	}
	return texts
}

// span names the range of the filters.
func span(filters []int) string {
	low, high := filters[0], filters[0]
	for _, filter := range filters {
		low, high = min(low, filter), max(high, filter)
	}
	return fmt.Sprintf("%d to %d", low, high)
}

// deadNote says which filters of a run are dead, or nothing when none is.
func deadNote(result *ascent.Result) string {
	dead := result.DeadFilters()
	if len(dead) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d filters never answered from this start (crossed out: they show "+
		"noise, not a pattern): %s",
		len(dead), len(result.Filters), strings.Join(labels(dead), ", "))
}
