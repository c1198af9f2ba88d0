// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// Box returns a copy of the image with a rectangle's outline drawn inside the rectangle's edges: a bright line with a
// dark one around it, so that it shows on any ground. Of a rectangle that reaches beyond the image the part inside is
// outlined; one that lies outside altogether draws nothing. The rectangle is in the image's own coordinates.
func Box(img image.Image, r image.Rectangle) *image.NRGBA {
	out := flatten(img, img.Bounds())
	r = r.Intersect(out.Rect)
	thick := max(min(out.Rect.Dx(), out.Rect.Dy())/150, 1)
	outline(out, r, thick, color.NRGBA{A: 255})
	outline(out, r.Inset(thick), thick, color.NRGBA{R: 255, G: 225, B: 60, A: 255})
	return out
}

// outline draws the rectangle's four sides, inside its edges.
func outline(canvas *image.NRGBA, r image.Rectangle, thick int, colour color.NRGBA) {
	inner := r.Inset(thick)
	for _, side := range []image.Rectangle{
		{Min: r.Min, Max: image.Pt(r.Max.X, inner.Min.Y)},
		{Min: image.Pt(r.Min.X, inner.Max.Y), Max: r.Max},
		{Min: r.Min, Max: image.Pt(inner.Min.X, r.Max.Y)},
		{Min: image.Pt(inner.Max.X, r.Min.Y), Max: r.Max},
	} {
		draw.Draw(canvas, side.Intersect(r), image.NewUniform(colour), image.Point{}, draw.Src)
	}
}
