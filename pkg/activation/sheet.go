// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package activation

import (
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
	// Gap is the space between channels in pixels; 0 means none, as in the book's 1st edition (its 2nd has 1).
	Gap int
	// Colormap is how levels are coloured; "" means viridis.
	Colormap picture.Colormap
}

// Sheet draws all channels of a layer's output, float32 [1, h, w, channels], row by row, one pixel a place. Each channel is scaled by itself, by the
// book's formula (Chollet, "Deep Learning with Python", 1st edition, 5.4.1): minus its mean, divided by its standard deviation, times 64, plus
// 128, cut to whole levels from 0 to 255. The colormap spans 0 to 255, whatever levels occur.
//
// A channel without any spread, such as a silent one, is at level 0, the colormap's first colour, as the book's 2nd edition leaves it (the 1st divides by 0). Gaps, and
// places of the last row that no channel fills, are black. The error is [ErrShape].
func Sheet(output *tensors.Tensor, so SheetOptions) (image.Image, error) {
	o, err := read(output)
	if err != nil {
		return nil, err
	}
	perRow := so.PerRow
	if perRow <= 0 {
		perRow = 16
	}
	perRow = min(perRow, len(o.channels))
	rows, gap := (len(o.channels)+perRow-1)/perRow, max(so.Gap, 0)
	sheet := image.NewNRGBA(image.Rect(0, 0, perRow*(o.width+gap)-gap, rows*(o.height+gap)-gap))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(color.Black), image.Point{}, draw.Src)
	for c, values := range o.channels {
		tile := so.Colormap.Draw(levels(values), o.height, o.width, 0, 255)
		corner := image.Pt(c%perRow*(o.width+gap), c/perRow*(o.height+gap))
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

// average returns a channel's mean. It is exact for a channel that is the same everywhere, so that such a one has no deviation.
func average(values []float32) float64 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v) - float64(values[0])
	}
	return float64(values[0]) + sum/float64(len(values))
}
