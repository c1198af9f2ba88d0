// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

// near requires two colours to differ by no more than that many levels in each channel.
func near(t *testing.T, want, got color.Color, levels float64, about ...any) {
	t.Helper()
	w, g := color.NRGBAModel.Convert(want).(color.NRGBA), color.NRGBAModel.Convert(got).(color.NRGBA)
	for _, pair := range [][2]uint8{{w.R, g.R}, {w.G, g.G}, {w.B, g.B}, {w.A, g.A}} {
		require.InDelta(t, float64(pair[0]), float64(pair[1]), levels,
			append([]any{"want %v, got %v: %v", w, g}, about...)...)
	}
}

// The colours are matplotlib 3.11.2's: matplotlib.colormaps[name](v, bytes=True) at 0, 0.125, ..., 1; redblue is its
// RdBu_r.
func TestColormapsAreMatplotlibs(t *testing.T) {
	for name, want := range map[picture.Colormap][9][3]uint8{
		picture.Viridis: {{68, 1, 84}, {71, 44, 123}, {58, 82, 139}, {44, 114, 142}, {32, 144, 140}, {40, 174, 127},
			{94, 201, 97}, {173, 220, 48}, {253, 231, 36}},
		picture.Jet: {{0, 0, 127}, {0, 0, 255}, {0, 128, 255}, {21, 255, 225}, {124, 255, 121}, {228, 255, 18},
			{255, 148, 0}, {255, 29, 0}, {127, 0, 0}},
		picture.Turbo: {{48, 18, 59}, {70, 107, 227}, {40, 187, 235}, {50, 241, 151}, {164, 252, 59}, {237, 207, 57},
			{250, 125, 32}, {208, 47, 4}, {122, 4, 2}},
		picture.RedBlue: {{5, 48, 97}, {41, 113, 177}, {107, 172, 208}, {194, 221, 235}, {247, 246, 246},
			{250, 204, 180}, {228, 128, 101}, {185, 39, 50}, {103, 0, 31}},
	} {
		t.Run(string(name), func(t *testing.T) {
			for i, rgb := range want {
				near(t, color.NRGBA{R: rgb[0], G: rgb[1], B: rgb[2], A: 255}, name.At(float64(i)/8), 1, float64(i)/8)
			}
		})
	}
}

func TestColormapAtBeyondItsRange(t *testing.T) {
	for _, name := range picture.Colormaps() {
		t.Run(name, func(t *testing.T) {
			c := picture.Colormap(name)
			require.Equal(t, c.At(0), c.At(-7))
			require.Equal(t, c.At(0), c.At(math.Inf(-1)))
			require.Equal(t, c.At(1), c.At(1e300))
			require.Equal(t, c.At(1), c.At(math.Inf(1)))
			require.Equal(t, color.NRGBA{R: 128, G: 128, B: 128, A: 255}, c.At(math.NaN()))
			require.NotEqual(t, c.At(0), c.At(1))
		})
	}
}

func TestParseColormap(t *testing.T) {
	for _, name := range picture.Colormaps() {
		c, err := picture.ParseColormap(name)
		require.NoError(t, err)
		require.Equal(t, picture.Colormap(name), c)
	}
	_, err := picture.ParseColormap("Rainbow")
	require.EqualError(t, err, `unknown colormap "Rainbow": choose viridis, jet, turbo, redblue`)
}

func TestColormapDraw(t *testing.T) {
	nan := float32(math.NaN())
	gray := color.NRGBA{R: 128, G: 128, B: 128, A: 255}
	c := picture.Turbo
	for _, test := range []struct {
		name          string
		colormap      picture.Colormap
		values        []float32
		height, width int
		low, high     float64
		want          []color.NRGBA // row by row
	}{
		{"spread", c, []float32{2, 3, 4, 6, 1, 9}, 2, 3, 2, 6, []color.NRGBA{c.At(0), c.At(.25), c.At(.5),
			c.At(1), c.At(0), c.At(1)}},
		{"NaN", c, []float32{nan, 1}, 1, 2, 0, 1, []color.NRGBA{gray, c.At(1)}},
		{"no range", c, []float32{0, 0, nan}, 1, 3, 0, 0, []color.NRGBA{c.At(0), c.At(0), gray}},
		{"no range, signed", picture.RedBlue, []float32{0, 0}, 1, 2, 0, 0,
			[]color.NRGBA{picture.RedBlue.At(.5), picture.RedBlue.At(.5)}},
		{"range turned round", c, []float32{1, 2}, 1, 2, 2, 1, []color.NRGBA{c.At(0), c.At(0)}},
		{"range of NaN", c, []float32{1}, 1, 1, math.NaN(), math.NaN(), []color.NRGBA{c.At(0)}},
		{"too few values", c, []float32{1}, 1, 2, 0, 1, []color.NRGBA{c.At(1), gray}},
		{"no pixels", c, nil, -1, 4, 0, 1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			img := test.colormap.Draw(test.values, test.height, test.width, test.low, test.high)
			require.Equal(t, image.Pt(max(test.width, 0), max(test.height, 0)), img.Bounds().Size())
			for i, want := range test.want {
				require.Equal(t, want, img.NRGBAAt(i%test.width, i/test.width), "pixel %d", i)
			}
		})
	}
}

func TestLegend(t *testing.T) {
	for _, name := range picture.Colormaps() {
		t.Run(name, func(t *testing.T) {
			c := picture.Colormap(name)
			legend := picture.Legend(c, -1.5, 1.5, 100)
			require.Equal(t, 100, legend.Bounds().Dy())
			require.Equal(t, c.At(1), legend.At(3, 0))
			near(t, c.At(.5), legend.At(3, 50), 6)
			require.Equal(t, c.At(0), legend.At(3, 99))
			for _, rows := range [][2]int{{0, 14}, {43, 57}, {86, 100}} {
				require.Positive(t, dark(legend, image.Rect(20, rows[0], legend.Bounds().Dx(), rows[1])),
					"a label stands in rows %v", rows)
			}
			require.Zero(t, dark(legend, image.Rect(20, 16, legend.Bounds().Dx(), 40)))
		})
	}
	require.Positive(t, picture.Legend(picture.Jet, 0, 0, -5).Bounds().Dy(), "too small a height is made larger")
}

// dark counts the dark pixels in a part of an image.
func dark(img image.Image, part image.Rectangle) (count int) {
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 128 {
				count++
			}
		}
	}
	return count
}
