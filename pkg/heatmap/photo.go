// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"image"
)

// levels are an opaque picture's gray levels, [height, width, 3] in the order red, green, blue.
func levels(img *image.NRGBA) []float32 {
	values := make([]float32, 0, len(img.Pix)/4*3)
	for p := 0; p < len(img.Pix); p += 4 {
		values = append(values, float32(img.Pix[p]), float32(img.Pix[p+1]), float32(img.Pix[p+2]))
	}
	return values
}

// shown is a picture of values [height, width, 3] in the model's convention, to look at.
func (l Levels) shown(values []float32, height, width int) *image.NRGBA {
	if (l == Levels{}) {
		l = grayLevels
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i, v := range values {
		part := (v - l[i%3][0]) / (l[i%3][1] - l[i%3][0])
		img.Pix[i/3*4+i%3] = uint8(min(max(part, 0), 1)*255 + 0.5)
	}
	for p := 3; p < len(img.Pix); p += 4 {
		img.Pix[p] = 255
	}
	return img
}
