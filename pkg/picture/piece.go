// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"
	"math"

	"golang.org/x/image/draw"
)

// Quarters returns an image and its four quarters, for images that can be cut; others come back alone.
func Quarters(img image.Image) []image.Image {
	parts := []image.Image{img}
	whole, ok := img.(interface {
		SubImage(image.Rectangle) image.Image
	})
	b := img.Bounds()
	if !ok || b.Dx() < 2 || b.Dy() < 2 {
		return parts
	}
	middle := image.Pt(b.Min.X+b.Dx()/2, b.Min.Y+b.Dy()/2)
	for _, quarter := range []image.Rectangle{
		{Min: b.Min, Max: middle},
		image.Rect(middle.X, b.Min.Y, b.Max.X, middle.Y),
		image.Rect(b.Min.X, middle.Y, middle.X, b.Max.Y),
		{Min: middle, Max: b.Max},
	} {
		parts = append(parts, whole.SubImage(quarter))
	}
	return parts
}

// Fit scales an image to that many pixels of width, at least 1, smoothly. A width that makes more than 67,108,864
// pixels is lowered to what does not.
func Fit(img image.Image, width int) image.Image {
	b := img.Bounds()
	scaled := image.NewNRGBA(image.Rectangle{Max: fitted(b.Size(), width)})
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), img, b, draw.Src, nil)
	return scaled
}

// fitted is the size that [Fit] gives a picture of that size.
func fitted(size image.Point, width int) image.Point {
	tall := float64(size.Y) / float64(max(size.X, 1)) // the height for each pixel of width
	width = max(min(width, maxPixels, int(math.Sqrt(maxPixels/max(tall, 1./maxPixels)))), 1)
	return image.Pt(width, max(size.Y*width/max(size.X, 1), 1))
}
