// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// flatten lays an image on white, opaque and with 8 bits, on a canvas with those bounds.
func flatten(img image.Image, bounds image.Rectangle) *image.NRGBA {
	canvas := image.NewRGBA(bounds) // image/draw is fast on this type only
	draw.Draw(canvas, canvas.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(canvas, img.Bounds(), img, img.Bounds().Min, draw.Over)
	return &image.NRGBA{Pix: canvas.Pix, Stride: canvas.Stride, Rect: canvas.Rect} // the same for opaque pixels
}
