// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP reads a WebP picture in its right colours. Lossy WebP keeps brightness in 16 to 235 and colour in 16 to
// 240 (ITU-R BT.601), the decoder hands these levels out as if they went from 0 to 255, and black would come out dark
// gray.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	switch lossy := img.(type) {
	case *image.YCbCr:
		widen(lossy)
	case *image.NYCbCrA:
		widen(&lossy.YCbCr)
	}
	return img, err
}

// widen spreads the levels of BT.601 over a byte's whole range.
func widen(img *image.YCbCr) {
	var brightness, colour [256]uint8
	for i := range 256 {
		brightness[i] = uint8(min(max((float64(i)-16)*255/219, 0), 255) + 0.5)
		colour[i] = uint8(min(max((float64(i)-128)*255/224+128, 0), 255) + 0.5)
	}
	for i, v := range img.Y {
		img.Y[i] = brightness[v]
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = colour[img.Cb[i]], colour[img.Cr[i]]
	}
}
