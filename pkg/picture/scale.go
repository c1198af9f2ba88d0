// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"fmt"
	"image"

	"golang.org/x/image/draw"
)

// CheckSize returns an error for a size in pixels that no picture is scaled to: below 1, or [ErrTooLarge].
func CheckSize(height, width int) error {
	switch {
	case height < 1 || width < 1:
		return fmt.Errorf("%dx%d pixels are no picture: give height and width from 1", height, width)
	case width > maxPixels/height:
		return fmt.Errorf("%w: %dx%d pixels, where %d in all are allowed: choose a smaller size",
			ErrTooLarge, height, width, maxPixels)
	}
	return nil
}

// Scale scales a part of an image to height x width pixels, whatever its proportions, smoothly, on white where it is
// transparent. A part of that size stays as it is. It panics with the error of [CheckSize] if there is one.
func Scale(img image.Image, part image.Rectangle, height, width int) *image.NRGBA {
	if err := CheckSize(height, width); err != nil {
		panic(err)
	}
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	if part.Dx() == width && part.Dy() == height {
		draw.Draw(out, out.Bounds(), img, part.Min, draw.Over)
	} else {
		draw.CatmullRom.Scale(out, out.Bounds(), img, part, draw.Over, nil)
	}
	return out
}
