// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"image"
	"image/draw"

	"convscope/pkg/picture"
)

const (
	tile = 160 // width of a channel's pictures in the figure, in pixels
	tall = 240 // height of the photo and its heatmap
	gap  = 12  // between rows
)

// Figure draws the story: the photo and its heatmap, and below them a column for each channel: where it answers, and
// what it likes to see.
func (s *Story) Figure() image.Image {
	m := s.Heatmap
	bounds := m.Photo.Bounds()
	width := max(bounds.Dx()*tall/max(bounds.Dy(), 1), 1)
	top := []image.Image{picture.Fit(m.Photo, width), picture.Fit(m.Overlay(picture.Jet, 0), width)}
	captions := []string{"photo", fmt.Sprintf("%s for %s (%.0f %%), %s", m.Method, m.Name, 100*m.Probability, m.Layer)}
	high := max(tile*bounds.Dy()/max(bounds.Dx(), 1), 1) // of an activation, in the photo's proportions
	var answers, patterns []image.Image
	var where, what []string
	for _, c := range s.Channels {
		answers, where = append(answers, picture.Scale(c.Activation, c.Activation.Bounds(), high, tile)),
			append(where, fmt.Sprintf("filter %d: %.3g", c.Filter, c.Mean))
		patterns, what = append(patterns, picture.Fit(c.Pattern, tile)), append(what, c.caption())
	}
	return stack(picture.Strip(top, captions), picture.Strip(answers, where), picture.Strip(patterns, what))
}

// caption says in a few words what the channel adds to the class.
func (c Channel) caption() string {
	switch {
	case !c.Fate.Shown():
		return string(c.Fate.Life) + ", no pattern"
	case c.Share == 0:
		return "adds nothing"
	case c.Share > 0:
		return fmt.Sprintf("for it: +%.1f %%", 100*c.Share)
	}
	return fmt.Sprintf("against it: %.1f %%", 100*c.Share)
}

// stack lays rows one below the other, on white.
func stack(rows ...image.Image) image.Image {
	width, height := 0, gap*(len(rows)-1)
	for _, row := range rows {
		width, height = max(width, row.Bounds().Dx()), height+row.Bounds().Dy()
	}
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	y := 0
	for _, row := range rows {
		size := row.Bounds().Size()
		corner := image.Pt((width-size.X)/2, y)
		draw.Draw(out, image.Rectangle{Min: corner, Max: corner.Add(size)}, row, row.Bounds().Min, draw.Src)
		y += size.Y + gap
	}
	return out
}
