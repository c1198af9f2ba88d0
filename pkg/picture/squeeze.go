// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// Squeeze scales all of the image to height x width pixels, whatever its proportions, smoothly, on white where it is transparent. An image of that size stays as it is.
func Squeeze(img image.Image, height, width int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	if bounds := img.Bounds(); bounds.Dx() == width && bounds.Dy() == height {
		draw.Draw(out, out.Bounds(), img, bounds.Min, draw.Over)
	} else {
		draw.CatmullRom.Scale(out, out.Bounds(), img, bounds, draw.Over, nil)
	}
	return out
}
