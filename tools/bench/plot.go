// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"fmt"

	"github.com/erkkah/margaid"
)

// Plot draws the time and the memory of a sweep against its knob as an SVG, both axes logarithmic, each relative to
// the first point: a line of slope 1 is linear growth, which is drawn as well.
func (s Sweep) Plot() (string, error) {
	first := s.Points[0]
	time, memory, linear := margaid.NewSeries(), margaid.NewSeries(), margaid.NewSeries()
	for _, p := range s.Points {
		x := p.X / first.X
		time.Add(margaid.MakeValue(x, p.Seconds/first.Seconds))
		memory.Add(margaid.MakeValue(x, float64(p.PeakBytes)/float64(first.PeakBytes)))
		linear.Add(margaid.MakeValue(x, x))
	}
	end := linear.MaxX()
	plot := margaid.New(640, 400,
		margaid.WithProjection(margaid.XAxis, margaid.Log), margaid.WithProjection(margaid.YAxis, margaid.Log),
		margaid.WithRange(margaid.XAxis, 1, end),
		margaid.WithRange(margaid.YAxis, 0.5, max(end, time.MaxY(), memory.MaxY())),
		margaid.WithBackgroundColor("white"), margaid.WithPadding(2), margaid.WithInset(60),
		margaid.WithTitleFont("sans-serif", 12))
	axes := margaid.UsingAxes(margaid.XAxis, margaid.YAxis)
	plot.Line(time, axes, margaid.UsingMarker("filled-circle"), margaid.UsingStrokeWidth(2))
	plot.Line(memory, axes, margaid.UsingMarker("filled-square"), margaid.UsingStrokeWidth(2))
	plot.Line(linear, axes, margaid.UsingStrokeWidth(1))
	plot.Axis(linear, margaid.XAxis, plot.ValueTicker('g', 3, 2), false, s.Against+", times "+first.Label)
	plot.Axis(linear, margaid.YAxis, plot.ValueTicker('g', 3, 2), true, "times as much")
	plot.Title(fmt.Sprintf("Growth with %s: time of a step (dots), peak memory (squares), linear (thin)", s.Knob))
	plot.Frame()
	var buffer bytes.Buffer
	if err := plot.Render(&buffer); err != nil {
		return "", fmt.Errorf("drawing the growth: %w", err)
	}
	return buffer.String(), nil
}
