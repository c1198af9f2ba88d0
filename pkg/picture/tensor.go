// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"
	"math"

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

// TensorOf is [Tensor] for networks that take pictures of so many channels, float32 [1, height, width, channels]: of
// one channel their brightness, of more than three the colours and then zeros.
func TensorOf(img image.Image, height, width, channels int) *tensors.Tensor {
	colours := Tensor(img, height, width)
	if channels == 3 {
		return colours
	}
	values := tensors.MustCopyFlatData[float32](colours)
	out := make([]float32, height*width*channels)
	for p := range height * width {
		rgb := values[3*p : 3*p+3]
		if channels == 1 {
			out[p] = brightness(rgb[0], rgb[1], rgb[2])
			continue
		}
		copy(out[p*channels:(p+1)*channels], rgb)
	}
	return tensors.FromFlatDataAndDimensions(out, 1, height, width, channels)
}

// brightness is what a colour is in a gray picture, as ITU-R BT.601 weighs red, green and blue: what Pillow and Keras
// load as grayscale. Gray levels of a gray picture stay what they are.
func brightness(red, green, blue float32) float32 {
	if red == green && green == blue {
		return red
	}
	return float32(math.Round(0.299*float64(red) + 0.587*float64(green) + 0.114*float64(blue)))
}

// Batch is [Tensor] for several images, float32 [images, height, width, 3]: what a network is trained on. There must
// be one at least.
func Batch(images []image.Image, height, width int) *tensors.Tensor {
	var values []float32
	for _, img := range images {
		values = append(values, tensors.MustCopyFlatData[float32](Tensor(img, height, width))...)
	}
	return tensors.FromFlatDataAndDimensions(values, len(images), height, width, 3)
}
