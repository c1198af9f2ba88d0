// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/erkkah/margaid"
)

// Curve shows values against their index, from 0, as a line (SVG), such as the loss against the step. In a terminal it
// prints the first and the last value. Of more than 1000 values every second, third and so on is drawn; those that are
// no finite numbers are left out.
func Curve(title string, values []float32) {
	if len(values) == 0 {
		Text("[%s: no values]", title)
		return
	}
	showCurve(title, values, "")
}

// curve draws the line.
func curve(title string, values []float32) (string, error) {
	const most = 1000
	series := margaid.NewSeries()
	for i := 0; i < len(values); i += (len(values) + most - 1) / most {
		if v := float64(values[i]); !math.IsNaN(v) && !math.IsInf(v, 0) {
			series.Add(margaid.MakeValue(float64(i), v))
		}
	}
	if series.Size() == 0 {
		return "", errors.New("there is no finite number to draw")
	}
	low, high := series.MinY(), series.MaxY()
	if low == high {
		pad := max(1, math.Abs(low)/2)
		low, high = low-pad, high+pad
	}
	plot := margaid.New(560, 300,
		// Of fewer than four values margaid would number halves of a step, rounded: 0, 0, 1, 1.
		margaid.WithRange(margaid.XAxis, 0, float64(max(len(values)-1, 3))),
		margaid.WithRange(margaid.YAxis, low, high),
		margaid.WithBackgroundColor("white"), margaid.WithPadding(2), margaid.WithInset(60))
	plot.Line(series, margaid.UsingAxes(margaid.XAxis, margaid.YAxis), margaid.UsingStrokeWidth(2))
	plot.Axis(series, margaid.XAxis, plot.ValueTicker('f', 0, 10), false, "")
	plot.Axis(ticks(low, high), margaid.YAxis, plot.LabeledTicker(func(v float64) string {
		return strconv.FormatFloat(v, 'f', decimals(high-low), 64)
	}), true, "")
	plot.Title(title) // it escapes it
	plot.Frame()
	var buffer bytes.Buffer
	if err := plot.Render(&buffer); err != nil {
		return "", fmt.Errorf("drawing the curve: %w", err)
	}
	return inOrder(buffer.String()), nil
}

var (
	attribute  = regexp.MustCompile(` [\w:-]+="[^"]*"`)
	attributes = regexp.MustCompile(`(?:` + attribute.String() + `)+`)
)

// inOrder sorts the attributes of each element: margaid's come in another order in each run, and what a notebook keeps
// would differ each time.
func inOrder(svg string) string {
	return attributes.ReplaceAllStringFunc(svg, func(all string) string {
		return strings.Join(slices.Sorted(slices.Values(attribute.FindAllString(all, -1))), "")
	})
}

// ticks are two to five round numbers of a range; margaid's own are often only one.
func ticks(low, high float64) *margaid.Series {
	step := math.Pow(10, math.Floor(math.Log10(high-low)))
	switch parts := (high - low) / step; {
	case parts < 2:
		step /= 2
	case parts > 4:
		step *= 2
	}
	all := margaid.NewSeries()
	for i := math.Ceil(low/step) + 0; i*step <= high; i++ { // + 0: Ceil gives -0, which would be written so
		all.Add(margaid.MakeValue(0, i*step))
	}
	return all
}

// decimals is how many digits behind the point tell ticks of a range apart.
func decimals(span float64) int {
	return max(0, 1-int(math.Floor(math.Log10(span))))
}
