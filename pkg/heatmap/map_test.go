// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap_test

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
)

// made is a map of 2 x 3 places on a black photo of 32 x 48 pixels.
func made(values ...float32) *heatmap.Map {
	photo := image.NewNRGBA(image.Rect(0, 0, 48, 32))
	for p := 3; p < len(photo.Pix); p += 4 {
		photo.Pix[p] = 255
	}
	return &heatmap.Map{Values: values, Height: 2, Width: 3, Photo: photo, Stride: 16, Field: 40, Layer: "conv",
		Name: "cat", Method: heatmap.GradCAM}
}

func TestPositive(t *testing.T) {
	for name, c := range map[string]struct {
		values, want []float32
		some         bool
		negative     bool
		note         string
	}{
		"mixed": {values: []float32{-2, 0, 1, 4, 2, -8}, want: []float32{0, 0, 0.25, 1, 0.5, 0}, some: true},
		"all negative": {values: []float32{-2, -1, -3, -4, -2, -8}, want: make([]float32, 6), negative: true,
			note: "nothing in conv speaks for cat: all of the map is negative, so it is drawn signed, the darkest " +
				"blue where most speaks against it"},
		"none above 0": {values: []float32{-2, 0, 0, 0, -2, 0}, want: make([]float32, 6), negative: true,
			note: "nothing in conv speaks for cat: all of the map is negative, so it is drawn signed, the darkest " +
				"blue where most speaks against it"},
		"zero": {values: make([]float32, 6), want: make([]float32, 6),
			note: "the map of cat is zero: nothing in conv speaks for it or against it by gradcam"},
		"constant": {values: []float32{3, 3, 3, 3, 3, 3}, want: []float32{1, 1, 1, 1, 1, 1}, some: true,
			note: "the map of cat is the same everywhere: it points nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			m := made(c.values...)
			got, some := m.Positive()
			require.Equal(t, c.want, got)
			require.Equal(t, c.some, some)
			require.Equal(t, c.negative, m.AllNegative())
			require.Equal(t, c.note, m.Note())
		})
	}
	sure := made(make([]float32, 6)...)
	sure.Softmax = true
	require.Contains(t, sure.Note(), "use the logit")
}

// TestColours looks at single pixels: no map is red where nothing speaks for the class.
func TestColours(t *testing.T) {
	at := func(v float64) color.NRGBA { return picture.Jet.At(v) }
	signed := func(v float64) color.NRGBA { return picture.RedBlue.At(v) }
	for name, c := range map[string]struct {
		values   []float32
		colormap picture.Colormap
		want     [6]color.NRGBA
	}{
		"mixed": {[]float32{-2, 0, 1, 4, 2, -8}, picture.Jet,
			[6]color.NRGBA{at(0), at(0), at(0.25), at(1), at(0.5), at(0)}},
		"all negative": {[]float32{-2, -1, -3, -4, -2, -8}, picture.Jet,
			[6]color.NRGBA{signed(0.375), signed(0.4375), signed(0.3125), signed(0.25), signed(0.375), signed(0)}},
		"signed": {[]float32{-2, 0, 1, 4, 2, -8}, picture.RedBlue,
			[6]color.NRGBA{signed(0.375), signed(0.5), signed(0.5625), signed(0.75), signed(0.625), signed(0)}},
		"zero": {make([]float32, 6), picture.Jet, [6]color.NRGBA{at(0), at(0), at(0), at(0), at(0), at(0)}},
		"zero, signed": {make([]float32, 6), picture.RedBlue, [6]color.NRGBA{signed(0.5), signed(0.5), signed(0.5),
			signed(0.5), signed(0.5), signed(0.5)}},
		"constant": {[]float32{3, 3, 3, 3, 3, 3}, picture.Jet,
			[6]color.NRGBA{at(0.5), at(0.5), at(0.5), at(0.5), at(0.5), at(0.5)}},
	} {
		t.Run(name, func(t *testing.T) {
			m := made(c.values...)
			small, heat, overlay := m.Image(c.colormap), m.Heat(c.colormap), m.Overlay(c.colormap, 0)
			require.Equal(t, image.Rect(0, 0, 3, 2), small.Bounds())
			require.Equal(t, m.Photo.Bounds(), heat.Bounds())
			require.Equal(t, m.Photo.Bounds(), overlay.Bounds())
			for i, want := range c.want {
				row, column := i/3, i%3
				require.Equal(t, want, small.NRGBAAt(column, row), "place %d", i)
				corner := image.Pt(47*column/2, 31*row) // pixels at the edge take the nearest place's value
				if column != 1 {
					require.Equal(t, want, heat.NRGBAAt(corner.X, corner.Y), "place %d", i)
					require.InDelta(t, 0.4*float64(want.R), float64(overlay.NRGBAAt(corner.X, corner.Y).R), 1,
						"the book's strength, on black")
				}
			}
			require.Equal(t, picture.Overlay(m.Photo, heat, 0.7), m.Overlay(c.colormap, 0.7))
		})
	}
	m := made(-2, 0, 1, 4, 2, -8)
	require.Equal(t, m.Overlay(picture.Jet, 0.4), m.Overlay("", 0), "the book's are the default")
}

// TestSpread checks the bilinear interpolation between the middles of the places.
func TestSpread(t *testing.T) {
	m := made(0, 16, 0, 0, 16, 0)
	heat := m.Heat(picture.Viridis)
	for x, want := range map[int]float64{0: 0, 7: 0, 8: 0.5 / 16, 15: 7.5 / 16, 16: 8.5 / 16, 23: 15.5 / 16,
		24: 15.5 / 16, 40: 0, 47: 0} {
		require.Equal(t, picture.Viridis.At(want), heat.NRGBAAt(x, 11), "pixel %d", x)
	}
}

func TestPlaces(t *testing.T) {
	m := made(-2, 0, 1, 4, 2, 4)
	row, column := m.Peak()
	require.Equal(t, [2]int{1, 0}, [2]int{row, column}, "the first of equals")
	require.Equal(t, image.Pt(8, 24), m.PeakPixel())
	require.Equal(t, image.Rect(0, 4, 28, 32), m.ReceptiveField(1, 0), "40 pixels around it, cut at the edges")
	require.Equal(t, image.Rect(4, 0, 44, 28), m.ReceptiveField(0, 1))
	m.Stride = 0
	m.Photo = image.NewNRGBA(image.Rect(0, 0, 60, 20))
	require.Equal(t, image.Pt(10, 15), m.PeakPixel(), "evenly spread")

	// VGG16's block5_conv3: place 6 of 14 spans the pixels 96 to 111, and sees 196 around them.
	m = &heatmap.Map{Values: make([]float32, 14*14), Height: 14, Width: 14,
		Photo: image.NewNRGBA(image.Rect(0, 0, 224, 224)), Stride: 16, Field: 196}
	require.Equal(t, image.Rect(6, 6, 202, 202), m.ReceptiveField(6, 6))
	_, err := m.By(heatmap.LayerCAM)
	require.ErrorContains(t, err, "not made by Explain")
}

func TestLegend(t *testing.T) {
	m := &heatmap.Map{Values: []float32{0, 4, -2, 1}, Height: 2, Width: 2,
		Photo: image.NewNRGBA(image.Rect(0, 0, 20, 90))}
	require.Equal(t, picture.Legend(picture.Jet, 0, 1, 90), m.Legend(picture.Jet, 90))
	require.Equal(t, picture.Legend(picture.RedBlue, -4, 4, 90), m.Legend(picture.RedBlue, 90))
	m.Values = []float32{-1, -4, -2, -1}
	require.Equal(t, picture.Legend(picture.RedBlue, -4, 4, 90), m.Legend(picture.Turbo, 90), "all negative: signed")
}
