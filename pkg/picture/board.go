// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// Board is a grid that is filled tile by tile, in any order and again and again: a grid that is still growing. It is
// not safe for use by several goroutines at once.
type Board struct {
	canvas        *image.NRGBA
	options       GridOptions
	size          image.Point // of a tile, enlarged
	rows, columns int
}

// NewBoard lays out a grid for that many pictures of height x width pixels, black so far. Labels and Badges of the
// options are not used.
func NewBoard(pictures, height, width int, o GridOptions) *Board {
	height, width = max(height, 0), max(width, 0)
	o.Scale = o.scale(pictures, height, width)
	b := &Board{options: o, size: image.Pt(width, height).Mul(o.Scale)}
	b.rows, b.columns = o.Shape(pictures)
	b.canvas = image.NewNRGBA(image.Rectangle{Max: o.Size(pictures, height, width)})
	draw.Draw(b.canvas, b.canvas.Bounds(), image.Black, image.Point{}, draw.Src)
	return b
}

// Put draws picture i, enlarged as the options say, with a label in its upper corner and a badge in the lower one (""
// for none). A "dead" or "inert" one is dimmed and crossed out. A nil picture leaves the tile black.
func (b *Board) Put(i int, picture image.Image, label, badge string) {
	tile := b.tile(i)
	draw.Draw(b.canvas, tile, image.Black, image.Point{}, draw.Src)
	if picture != nil {
		picture = Enlarge(picture, b.options.Scale)
		draw.Draw(b.canvas, tile, picture, picture.Bounds().Min, draw.Src)
	}
	switch badge {
	case "":
	case "dead", "inert":
		cross(b.canvas, tile)
		stamp(b.canvas, tile, badge, color.NRGBA{R: 200, G: 40, B: 40, A: 255})
	default:
		stamp(b.canvas, tile, badge, color.NRGBA{R: 30, G: 110, B: 60, A: 255})
	}
	if label != "" {
		write(b.canvas, tile, label)
	}
}

// Image is the grid as it stands; it changes with the next Put.
func (b *Board) Image() image.Image { return b.canvas }

func (b *Board) margin() int { return b.options.margin() * b.options.Scale }

// tile is where picture i goes.
func (b *Board) tile(i int) image.Rectangle {
	row, column := b.options.Place(i, b.rows, b.columns)
	corner := image.Pt(column*(b.size.X+b.margin()), row*(b.size.Y+b.margin()))
	return image.Rectangle{Min: corner, Max: corner.Add(b.size)}
}

// stamp writes a word into the tile's lower right corner. A tile that is too small goes without.
func stamp(canvas *image.NRGBA, tile image.Rectangle, word string, ground color.NRGBA) {
	width, height := labelSize(word)
	if width > tile.Dx() || 2*height > tile.Dy() {
		return
	}
	writeOn(canvas, image.Rect(tile.Max.X-width, tile.Max.Y-height, tile.Max.X, tile.Max.Y), word, ground)
}
