// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"image"
	"math"
	"strconv"

	"convscope/pkg/picture"
)

// Layout says how a grid's pictures are laid out.
type Layout struct {
	// Margin is the space between the pictures in pixels, 0 to 1000.
	Margin int `json:"margin"`
	// Order is how the grid is filled: "column" or "row".
	Order string `json:"order"`
	// Scale enlarges each pixel to a square of that many pixels, 1 to 64.
	Scale int `json:"scale"`
	// Labels says whether each picture carries its filter's number.
	Labels bool `json:"labels"`
}

// NewLayout describes the options of a grid. Labels are taken to be the filters' numbers.
func NewLayout(o picture.GridOptions) *Layout {
	l := &Layout{Margin: o.Margin, Order: o.Order.String(), Scale: max(o.Scale, 1), Labels: o.Labels != nil}
	switch {
	case o.Margin == 0:
		l.Margin = bookMargin
	case o.Margin < 0:
		l.Margin = 0
	}
	return l
}

// bookMargin is what the zero [picture.GridOptions] has.
const bookMargin = 5

// options is the reverse of NewLayout.
func (l *Layout) options(filters []int) picture.GridOptions {
	o := picture.GridOptions{Margin: l.Margin, Scale: l.Scale}
	if l.Margin == 0 {
		o.Margin = picture.NoMargin
	}
	if l.Order == picture.Row.String() {
		o.Order = picture.Row
	}
	if l.Labels {
		for _, filter := range filters {
			o.Labels = append(o.Labels, strconv.Itoa(filter))
		}
	}
	return o
}

// Draw puts the filters' pictures together as the recipe says: a pattern is the picture itself, a grid a sheet with
// the badges in the corners. images and badges hold one for each filter.
func (r Recipe) Draw(images []image.Image, badges []string) image.Image {
	if r.Layout == nil {
		return images[0]
	}
	o := r.Layout.options(r.Filters)
	o.Badges = badges
	return picture.Grid(images, o)
}

// Bytes estimates the memory that the finished pictures and the sheet take.
func (r Recipe) Bytes() int64 {
	const floats, pixel = 2 * 3 * 4, 4 // the pictures with a copy on their way out, in bytes for a pixel
	bytes := float64(len(r.Filters)) * float64(r.Height) * float64(r.Width) * (floats + pixel)
	if l := r.Layout; l != nil {
		rows, columns := l.options(nil).Shape(len(r.Filters))
		height := float64(rows) * float64(r.Height+l.Margin) * float64(l.Scale)
		width := float64(columns) * float64(r.Width+l.Margin) * float64(l.Scale)
		bytes += height * width * pixel
	}
	return int64(math.Min(bytes, math.MaxInt64/2)) // a forged recipe may ask for more than there are numbers
}
