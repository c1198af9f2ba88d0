// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package activation

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/picture"
)

// SheetOptions lay a sheet out. The zero value is the book's.
type SheetOptions struct {
	// PerRow is how many channels stand in a row; 0 means 16.
	PerRow int
	// Gap is the space between channels in pixels, up to 1000; 0 means none, as in the book's 1st edition (its 2nd has
	// 1).
	Gap int
	// Colormap is how levels are coloured; "" means viridis.
	Colormap picture.Colormap
}

const (
	perRow = 16
	maxGap = 1000
	// maxPixels bounds a sheet: a gibibyte of them.
	maxPixels = 1 << 28
)

// ErrTooLarge is returned, wrapped, for a sheet of more than 268,435,456 pixels. It is found out before memory is
// taken.
var ErrTooLarge = errors.New("the sheet is too large")

// Size is how large a sheet of that many channels of height x width places is, in pixels. Errors name the option that
// can't be, or are [ErrTooLarge].
func (so SheetOptions) Size(channels, height, width int) (image.Point, error) {
	columns, rows, err := so.shape(channels)
	if err != nil {
		return image.Point{}, err
	}
	if width > maxPixels || height > maxPixels { // so that the products below are none of an overflow
		return image.Point{}, fmt.Errorf("%w: channels of %dx%d places", ErrTooLarge, height, width)
	}
	size := image.Pt(columns*(width+so.Gap)-so.Gap, rows*(height+so.Gap)-so.Gap)
	if size.X > maxPixels/max(size.Y, 1) {
		return image.Point{}, fmt.Errorf("%w: %dx%d pixels, where %d in all are allowed: choose a smaller picture, "+
			"or one channel", ErrTooLarge, size.Y, size.X, maxPixels)
	}
	return size, nil
}

// shape is how many channels stand in a row and in a column.
func (so SheetOptions) shape(channels int) (columns, rows int, err error) {
	switch {
	case so.PerRow < 0:
		return 0, 0, fmt.Errorf("%d channels a row: give a number from 1, or 0 for %d", so.PerRow, perRow)
	case so.Gap < 0 || so.Gap > maxGap:
		return 0, 0, fmt.Errorf("a gap of %d pixels: give 0 to %d", so.Gap, maxGap)
	}
	columns = min(cmp.Or(so.PerRow, perRow), channels)
	return columns, (channels + columns - 1) / max(columns, 1), so.Colormap.Check()
}

// Sheet draws all channels of a layer's output, float32 [1, h, w, channels], row by row, one pixel a place. Each
// channel is scaled by itself, by the book's formula (Chollet, "Deep Learning with Python", 1st edition, 5.4.1): minus
// its mean, divided by its standard deviation, times 64, plus 128, cut to whole levels from 0 to 255. The colormap
// spans 0 to 255, whatever levels occur.
//
// A channel without any spread, such as a silent one, is at level 0, the colormap's first colour, as the book's 2nd
// edition leaves it (the 1st divides by 0). Gaps, and places of the last row that no channel fills, are black. Errors
// are [ErrShape], and those of [SheetOptions.Size].
func Sheet(output *tensors.Tensor, so SheetOptions) (image.Image, error) {
	o, err := read(output)
	if err != nil {
		return nil, err
	}
	columns, _, err := so.shape(len(o.channels))
	if err != nil {
		return nil, err
	}
	size, err := so.Size(len(o.channels), o.height, o.width)
	if err != nil {
		return nil, err
	}
	sheet := image.NewNRGBA(image.Rectangle{Max: size})
	draw.Draw(sheet, sheet.Rect, image.NewUniform(color.Black), image.Point{}, draw.Src)
	for c, values := range o.channels {
		tile := so.Colormap.Draw(levels(values), o.height, o.width, 0, 255)
		corner := image.Pt(c%columns*(o.width+so.Gap), c/columns*(o.height+so.Gap))
		draw.Draw(sheet, tile.Rect.Add(corner), tile, image.Point{}, draw.Src)
	}
	return sheet, nil
}

// levels scales a channel by the book's formula, to whole levels from 0 to 255.
func levels(values []float32) []float32 {
	mean, deviation := moments(values)
	scaled := make([]float32, len(values))
	if deviation == 0 {
		return scaled
	}
	for i, v := range values {
		scaled[i] = float32(math.Trunc(min(max((float64(v)-mean)/deviation*64+128, 0), 255)))
	}
	return scaled
}

// moments returns a channel's mean and standard deviation over all its places.
func moments(values []float32) (mean, deviation float64) {
	mean = average(values)
	for _, v := range values {
		deviation += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, math.Sqrt(deviation / float64(len(values)))
}

// average returns a channel's mean. It is exact for a channel that is the same everywhere, so that such a one has no
// deviation.
func average(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v) - float64(values[0])
	}
	return float64(values[0]) + sum/float64(len(values))
}
