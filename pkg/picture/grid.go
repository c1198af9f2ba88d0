// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Order says how a grid is filled.
type Order int

const (
	// Column fills columns first, as the book's first edition draws its grids: picture i + rows*j stands in row i,
	// column j.
	Column Order = iota
	// Row fills rows first, as the later editions and most other tools do.
	Row
)

// ParseOrder reads "column" or "row".
func ParseOrder(name string) (Order, error) {
	switch name {
	case "column":
		return Column, nil
	case "row":
		return Row, nil
	}
	return Column, fmt.Errorf("unknown order %q: choose column (the book's) or row", name)
}

// String returns "column" or "row".
func (o Order) String() string {
	if o == Row {
		return "row"
	}
	return "column"
}

// NoMargin is the margin of a grid without one.
const NoMargin = -1

// maxMargin is more than anybody wants; it keeps a mistyped one from filling the memory.
const maxMargin = 1000

// GridOptions lay a grid out. The zero value is the book's: square, 5 black pixels between tiles, filled by columns.
type GridOptions struct {
	// Margin is the space between tiles in pixels, at most 1000; 0 means 5, [NoMargin] none.
	Margin int
	// Order is how the grid is filled; whatever is not [Row] is [Column].
	Order Order
	// Labels, when not nil, are written into the tiles' corners, one each.
	Labels []string
	// Badges, when not nil, are the words in the tiles' lower corners, one each. Tiles that are "dead" or "inert" show
	// no pattern: they are dimmed and crossed out.
	Badges []string
	// Scale enlarges each pixel to a square of that many pixels, margins too; 0 means 1. One that makes more than
	// 67,108,864 pixels is lowered to what does not.
	Scale int
}

// Grid lays pictures of one size out in a square on black: 64 pictures of 64 pixels make the book's 547 x 547.
// A last row or column that the pictures don't fill stays black. It returns nil for no pictures.
func Grid(pictures []image.Image, o GridOptions) image.Image {
	if len(pictures) == 0 {
		return nil
	}
	size := pictures[0].Bounds().Size()
	board := NewBoard(len(pictures), size.Y, size.X, o)
	for i, picture := range pictures {
		label := ""
		if i < len(o.Labels) {
			label = o.Labels[i]
		}
		badge := ""
		if i < len(o.Badges) {
			badge = o.Badges[i]
		}
		board.Put(i, picture, label, badge)
	}
	return board.canvas
}

// Shape returns how many rows and columns a grid of that many pictures has: the smallest square that holds them, less
// the rows or columns that stay empty.
func (o GridOptions) Shape(pictures int) (rows, columns int) {
	side := int(math.Ceil(math.Sqrt(float64(max(pictures, 0)))))
	if side == 0 {
		return 0, 0
	}
	rest := (pictures + side - 1) / side
	if o.Order == Row {
		return rest, side
	}
	return side, rest
}

// Size is how large the grid of that many pictures of height x width pixels is, in pixels.
func (o GridOptions) Size(pictures, height, width int) image.Point {
	return o.sizeAt(o.scale(pictures, height, width), pictures, height, width)
}

func (o GridOptions) sizeAt(scale, pictures, height, width int) image.Point {
	rows, columns := o.Shape(pictures)
	margin := o.margin()
	return image.Pt(max(columns*(width+margin)-margin, 0), max(rows*(height+margin)-margin, 0)).Mul(scale)
}

// scale resolves the zero value and lowers what is too large.
func (o GridOptions) scale(pictures, height, width int) int {
	return within(max(o.Scale, 1), o.sizeAt(1, pictures, height, width))
}

// Place returns the row and column of picture i.
func (o GridOptions) Place(i, rows, columns int) (row, column int) {
	if o.Order == Row {
		return i / columns, i % columns
	}
	return i % rows, i / rows
}

// margin resolves the zero value.
func (o GridOptions) margin() int {
	switch {
	case o.Margin == 0:
		return 5
	case o.Margin < 0:
		return 0
	}
	return min(o.Margin, maxMargin)
}

// cross dims a tile and draws its two diagonals in red.
func cross(canvas *image.NRGBA, tile image.Rectangle) {
	dim := image.NewUniform(color.NRGBA{A: 150})
	draw.Draw(canvas, tile, dim, image.Point{}, draw.Over)
	red := color.NRGBA{R: 230, G: 60, B: 60, A: 255}
	width, height := tile.Dx(), tile.Dy()
	long := max(width, height)
	for k := range long {
		x, y := k*width/long, k*height/long
		for thick := range max(long/48, 1) {
			canvas.Set(tile.Min.X+min(x+thick, width-1), tile.Min.Y+y, red)
			canvas.Set(tile.Max.X-1-min(x+thick, width-1), tile.Min.Y+y, red)
		}
	}
}
