// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// Legend is a vertical colour bar of that height in pixels (at least three lines of text, at most 65,536), on white:
// high on top, low at the bottom, the two and their middle written beside it with three digits.
func Legend(c Colormap, low, high float64, height int) image.Image {
	const bar, gap = 16, 5
	drawing.Lock()
	defer drawing.Unlock()
	face := labelFace()
	line := face.Metrics().Height.Ceil()
	height = min(max(height, 3*line), 1<<16)
	labels := []string{number(high), number(low/2 + high/2), number(low)}
	width := 0
	for _, label := range labels {
		width = max(width, font.MeasureString(face, label).Ceil())
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, bar+gap+width+gap, height))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	for y := range height {
		colour := c.At(1 - float64(y)/float64(height-1))
		draw.Draw(canvas, image.Rect(0, y, bar, y+1), image.NewUniform(colour), image.Point{}, draw.Src)
	}
	text := font.Drawer{Dst: canvas, Src: image.NewUniform(color.Gray{Y: 40}), Face: face}
	for i, label := range labels {
		top := i * (height - line) / 2
		text.Dot = fixed.P(bar+gap, top+face.Metrics().Ascent.Ceil())
		text.DrawString(label)
	}
	return canvas
}

// number writes a number with three digits.
func number(v float64) string { return fmt.Sprintf("%.3g", v) }
