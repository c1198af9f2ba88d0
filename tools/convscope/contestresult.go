// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"convscope/internal/file"
	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

// line is a block's line of the table.
func (c *contest) line(block int, entries []*entry) string {
	won := 0
	for _, e := range entries {
		if e.scores[1].Robust > e.scores[0].Robust {
			won++
		}
	}
	of := func(k int, number func(ascent.Score) float64) float64 {
		values := make([]float64, len(entries))
		for i, e := range entries {
			values[i] = number(e.scores[k])
		}
		return median(values)
	}
	seconds := [2]float64{}
	for k := range seconds {
		for _, e := range entries {
			seconds[k] += e.scores[k].Seconds / float64(len(entries))
		}
	}
	cells := []string{fmt.Sprint(block), fmt.Sprint(len(entries)), fmt.Sprintf("%.0f %%",
		100*float64(won)/float64(len(entries)))}
	type column struct {
		number func(ascent.Score) float64
		format string
		scale  float64
	}
	columns := []column{
		{func(s ascent.Score) float64 { return s.Robust }, "%.4g", 1}, {ascent.Score.Kept, "%.0f %%", 100},
		{func(s ascent.Score) float64 { return s.HighFrequency }, "%.0f %%", 100},
	}
	if c.photos != "" {
		columns = append(columns, column{func(s ascent.Score) float64 { return s.Beaten }, "%.0f %%", 100})
	}
	for _, column := range columns {
		for k := range c.methods {
			cells = append(cells, fmt.Sprintf(column.format, column.scale*of(k, column.number)))
		}
	}
	cells = append(cells, fmt.Sprintf("%.2f", seconds[0]), fmt.Sprintf("%.2f", seconds[1]),
		fmt.Sprintf("%.1f", seconds[1]/seconds[0]))
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// sheetTile is how large a picture is in a contest's sheet, in pixels.
const sheetTile = 64

// path is the file of a block's sheets.
func (c *contest) path(block int) string {
	begin := c.out
	if ending := filepath.Ext(begin); slices.Contains(endings["a JPEG"], strings.ToLower(ending)) {
		begin = strings.TrimSuffix(begin, ending)
	}
	return fmt.Sprintf("%s-block%d.jpg", begin, block)
}

// write draws a block's two sheets side by side.
func (c *contest) write(block int, entries []*entry) error {
	if c.out == "" {
		return nil
	}
	var sheets []image.Image
	var captions []string
	for k, method := range c.methods {
		var tiles []image.Image
		var badges []string
		for _, e := range entries {
			tiles, badges = append(tiles, e.images[k]), append(badges, e.badges[k])
		}
		sheets = append(sheets, picture.Grid(tiles, picture.GridOptions{Order: picture.Row, Badges: badges}))
		captions = append(captions, fmt.Sprintf("block %d, %s", block, method))
	}
	return file.Write(c.path(block), func(w io.Writer) error {
		return jpeg.Encode(w, picture.Strip(sheets, captions), &jpeg.Options{Quality: 88})
	})
}
