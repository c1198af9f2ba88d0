// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import "image"

// turn shows an image the way that an EXIF orientation says: the value names the sides of the scene at which the
// stored rows and columns begin (Exif 3.0, tag 0x0112).
func turn(img *image.NRGBA, orientation int) *image.NRGBA {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	right, bottom := width-1, height-1
	var from func(x, y int) (int, int) // where a pixel of the result stands in the stored image
	switch orientation {
	case 2:
		from = func(x, y int) (int, int) { return right - x, y }
	case 3:
		from = func(x, y int) (int, int) { return right - x, bottom - y }
	case 4:
		from = func(x, y int) (int, int) { return x, bottom - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, bottom - x }
	case 7:
		from = func(x, y int) (int, int) { return right - y, bottom - x }
	case 8:
		from = func(x, y int) (int, int) { return right - y, x }
	default:
		return img
	}
	if orientation > 4 {
		width, height = height, width
	}
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fromX, fromY := from(x, y)
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(fromX, fromY):][:4])
		}
	}
	return out
}
