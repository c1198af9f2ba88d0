// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"fmt"
	"strconv"
	"strings"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

// Grid shows all pictures of a run in the book's layout, each with its filter's number; dead filters are dimmed and crossed
// out, and named below. In a terminal it prints one line.
func Grid(result *ascent.Result) {
	images, err := picture.Deprocess(result.Pictures)
	if err != nil {
		panic(err) // a run's pictures are pictures
	}
	options := picture.GridOptions{Labels: labels(result.Filters), Dead: result.Dead}
	rows, columns := options.Shape(len(images))
	grid := picture.Grid(images, options)
	for scale := 2; grid.Bounds().Dx()*scale <= wanted*2; scale++ {
		options.Scale = scale
	}
	if options.Scale > 1 {
		grid = picture.Grid(images, options)
	}
	text := fmt.Sprintf("%s: %d filters of %s in %d rows and %d columns", result.Layer, len(images), span(result.Filters), rows, columns)
	show(grid, text)
	if note := deadNote(result); note != "" {
		Text("%s", note)
	}
}

// Pattern shows the pictures of a run one beside the other with their captions: the layer, the filter, and whether it is dead.
func Pattern(result *ascent.Result) {
	images, err := picture.Deprocess(result.Pictures)
	if err != nil {
		panic(err) // a run's pictures are pictures
	}
	captions := make([]string, len(images))
	for i := range images {
		captions[i] = result.Caption(i)
	}
	Row(images, captions...)
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
	return fmt.Sprintf("%d of %d filters never answered from this start (crossed out: they show noise, not a pattern): %s",
		len(dead), len(result.Filters), strings.Join(labels(dead), ", "))
}
