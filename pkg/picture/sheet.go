// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"
	"image/draw"
)

// sheet is a picture's channels side by side, in gray: what pictures of other channels than one or three are shown as.
type sheet struct {
	*image.NRGBA
	tiles []image.Image
}

// newSheet lays the channels out row by row, a black line between them.
func newSheet(tiles []image.Image) *sheet {
	img := Grid(tiles, GridOptions{Order: Row, Margin: sheetMargin})
	all := image.NewNRGBA(img.Bounds())
	draw.Draw(all, all.Rect, img, img.Bounds().Min, draw.Src)
	return &sheet{all, tiles}
}

// sheetMargin is the space between channels in pixels.
const sheetMargin = 1

// SheetSize is how large the picture of so many channels of height x width pixels is that [Deprocess], [Stretch] and
// [Clip] make: larger than one channel where they are shown side by side.
func SheetSize(channels, height, width int) image.Point {
	if channels == 1 || channels == 3 {
		return image.Pt(width, height)
	}
	return GridOptions{Order: Row, Margin: sheetMargin}.Size(channels, height, width)
}
