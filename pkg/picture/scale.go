// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// Scale scales a part of an image to height x width pixels, whatever its proportions, smoothly, on white where it is transparent. A part of that size stays as it is.
func Scale(img image.Image, part image.Rectangle, height, width int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	if part.Dx() == width && part.Dy() == height {
		draw.Draw(out, out.Bounds(), img, part.Min, draw.Over)
	} else {
		draw.CatmullRom.Scale(out, out.Bounds(), img, part, draw.Over, nil)
	}
	return out
}
