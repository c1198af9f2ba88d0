// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"

	"github.com/gomlx/gomlx/core/tensors"
)

// Tensor turns an image into a float picture to start an ascent from, float32 [1, height, width, 3]: the middle of the
// image, as large as the shape allows, scaled to height x width pixels, as whole gray levels from 0 to 255 in the
// order red, green, blue. It panics with the error of [CheckSize] if there is one.
func Tensor(img image.Image, height, width int) *tensors.Tensor {
	if err := CheckSize(height, width); err != nil {
		panic(err)
	}
	bounds := img.Bounds()
	cut := image.Pt(bounds.Dx(), bounds.Dx()*height/width)
	if cut.Y > bounds.Dy() {
		cut = image.Pt(bounds.Dy()*width/height, bounds.Dy())
	}
	cut.X, cut.Y = max(cut.X, 1), max(cut.Y, 1)
	corner := bounds.Min.Add(image.Pt((bounds.Dx()-cut.X)/2, (bounds.Dy()-cut.Y)/2))
	scaled := Scale(img, image.Rectangle{Min: corner, Max: corner.Add(cut)}, height, width)
	values := make([]float32, 0, height*width*3)
	for p := 0; p < len(scaled.Pix); p += 4 {
		values = append(values, float32(scaled.Pix[p]), float32(scaled.Pix[p+1]), float32(scaled.Pix[p+2]))
	}
	return tensors.FromFlatDataAndDimensions(values, 1, height, width, 3)
}
