// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"image"
	"image/color"
	"image/draw"

	"convscope/pkg/picture"
)

// margin is the space between the pieces of a sheet, in pixels.
const margin = 3

// ground is what lies between and around the pieces.
var ground = color.NRGBA{R: 32, G: 32, B: 32, A: 255}

// Tiles are a filter's examples that are cut out, each scaled into the middle of a square of size pixels.
func (f Filter) Tiles(size int) []image.Image {
	var all []image.Image
	for _, e := range f.Examples {
		if e.Image != nil {
			all = append(all, Tile(e.Image, size))
		}
	}
	return all
}

// Tile scales an image, in its own proportions, into the middle of a square of size pixels.
func Tile(img image.Image, size int) image.Image {
	b := img.Bounds()
	long := max(b.Dx(), b.Dy(), 1)
	inside := image.Pt(max(b.Dx()*size/long, 1), max(b.Dy()*size/long, 1))
	tile := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.Draw(tile, tile.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	corner := image.Pt((size-inside.X)/2, (size-inside.Y)/2)
	middle := image.Rectangle{Min: corner, Max: corner.Add(inside)}
	draw.Draw(tile, middle, picture.Scale(img, b, inside.Y, inside.X), image.Point{}, draw.Src)
	return tile
}

// Sheet lays tiles of size pixels out in rows, with a thin margin between them. It returns nil for no tiles.
func Sheet(rows [][]image.Image, size int) image.Image {
	columns := 0
	for _, row := range rows {
		columns = max(columns, len(row))
	}
	if columns == 0 {
		return nil
	}
	sheet := image.NewNRGBA(image.Rectangle{Max: SheetSize(len(rows), columns, size)})
	draw.Draw(sheet, sheet.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	for y, row := range rows {
		for x, tile := range row {
			corner := image.Pt(x, y).Mul(size + margin)
			place := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(size, size))}
			draw.Draw(sheet, place, tile, tile.Bounds().Min, draw.Src)
		}
	}
	return sheet
}

// SheetSize is how large a sheet of so many tiles of size pixels is, in pixels.
func SheetSize(rows, columns, size int) image.Point {
	return image.Pt(columns*(size+margin)-margin, rows*(size+margin)-margin)
}
