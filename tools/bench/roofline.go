// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"fmt"

	"github.com/erkkah/margaid"
)

// Roofline draws the convolutions below the roof of the machine as an SVG, both axes logarithmic: how many operations
// the products of each take for a byte that it moves at least, and how many it reaches in a second (Williams and
// others 2009, doi:10.1145/1498765.1498785).
func Roofline(roof Roof, all []Layer) (string, error) {
	const giga = 1e9
	low, high := 1.0, 1.0
	forward, backward, line := margaid.NewSeries(), margaid.NewSeries(), margaid.NewSeries()
	for _, l := range all {
		intensity := l.Fewest() / l.Moved()
		high = max(high, 2*intensity)
		point := margaid.MakeValue(intensity, l.Fewest()/l.Seconds/giga)
		if l.Backward {
			backward.Add(point)
		} else {
			forward.Add(point)
		}
	}
	ridge := max(low, roof.FLOPS/roof.Bytes)
	high = max(high, 2*ridge)
	for _, x := range []float64{low, ridge, high} {
		line.Add(margaid.MakeValue(x, min(roof.FLOPS, x*roof.Bytes)/giga))
	}
	plot := margaid.New(640, 400,
		margaid.WithProjection(margaid.XAxis, margaid.Log), margaid.WithProjection(margaid.YAxis, margaid.Log),
		margaid.WithRange(margaid.XAxis, low, high),
		margaid.WithRange(margaid.YAxis, min(1, roof.Bytes/giga), 2*roof.FLOPS/giga),
		margaid.WithBackgroundColor("white"), margaid.WithPadding(2), margaid.WithInset(60),
		margaid.WithTitleFont("sans-serif", 12))
	axes := margaid.UsingAxes(margaid.XAxis, margaid.YAxis)
	plot.Line(line, axes, margaid.UsingStrokeWidth(2))
	plot.Line(forward, axes, margaid.UsingMarker("filled-circle"), margaid.UsingStrokeWidth(0))
	plot.Line(backward, axes, margaid.UsingMarker("filled-square"), margaid.UsingStrokeWidth(0))
	plot.Axis(line, margaid.XAxis, plot.ValueTicker('g', 3, 10), false, "operations for each byte moved")
	plot.Axis(line, margaid.YAxis, plot.ValueTicker('g', 3, 10), true, "GFLOP/s")
	plot.Title("Convolutions of VGG16 below the roof: forward (dots), back (squares)")
	plot.Frame()
	var buffer bytes.Buffer
	if err := plot.Render(&buffer); err != nil {
		return "", fmt.Errorf("drawing the roofline: %w", err)
	}
	return buffer.String(), nil
}
