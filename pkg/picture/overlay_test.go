// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

// plain is an image of one colour.
func plain(bounds image.Rectangle, colour color.Color) *image.NRGBA {
	img := image.NewNRGBA(bounds)
	draw.Draw(img, bounds, image.NewUniform(colour), image.Point{}, draw.Src)
	return img
}

func TestOverlayMixes(t *testing.T) {
	bounds := image.Rect(5, 7, 45, 37)
	photo, heat := plain(bounds, color.NRGBA{R: 200, G: 100, B: 50, A: 255}),
		plain(image.Rect(0, 0, 4, 3), color.NRGBA{R: 0, G: 100, B: 250, A: 255})
	for _, test := range []struct {
		name     string
		strength float64
		want     color.NRGBA
	}{
		{"none", 0, color.NRGBA{R: 200, G: 100, B: 50, A: 255}},
		{"some", 0.4, color.NRGBA{R: 120, G: 100, B: 130, A: 255}},
		{"all", 1, color.NRGBA{R: 0, G: 100, B: 250, A: 255}},
		{"more than all", 3, color.NRGBA{R: 0, G: 100, B: 250, A: 255}},
		{"less than none", -1, color.NRGBA{R: 200, G: 100, B: 50, A: 255}},
		{"not a number", math.NaN(), color.NRGBA{R: 200, G: 100, B: 50, A: 255}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out := picture.Overlay(photo, heat, test.strength)
			require.Equal(t, bounds, out.Bounds())
			for _, at := range []image.Point{{5, 7}, {44, 36}, {20, 20}} {
				near(t, test.want, out.At(at.X, at.Y), 0)
			}
		})
	}
}

func TestOverlayIsSmooth(t *testing.T) {
	heat := image.NewGray(image.Rect(0, 0, 2, 1))
	heat.SetGray(1, 0, color.Gray{Y: 255})
	out := picture.Overlay(plain(image.Rect(0, 0, 64, 8), color.Black), heat, 1)
	for x := 1; x < 64; x++ {
		step := int(out.NRGBAAt(x, 4).R) - int(out.NRGBAAt(x-1, 4).R)
		require.GreaterOrEqual(t, step, 0, "column %d", x)
		require.Less(t, step, 12, "column %d", x)
	}
	require.Equal(t, uint8(0), out.NRGBAAt(0, 0).R)
	require.Equal(t, uint8(255), out.NRGBAAt(63, 0).R)
}

func TestOverlayOfStrangePictures(t *testing.T) {
	clear := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	require.Equal(t, color.NRGBA{R: 255, G: 255, B: 255, A: 255}, picture.Overlay(clear, clear, 0).NRGBAAt(1, 1),
		"transparent is white")
	require.Equal(t, uint8(255), picture.Overlay(clear, clear, 0.5).NRGBAAt(1, 1).A)
	none := image.NewNRGBA(image.Rectangle{})
	require.True(t, picture.Overlay(none, clear, 0.5).Bounds().Empty())
	require.Equal(t, clear.Bounds(), picture.Overlay(clear, none, 0.5).Bounds())
}

func TestBox(t *testing.T) {
	gray := color.NRGBA{R: 90, G: 90, B: 90, A: 255}
	bounds := image.Rect(10, 10, 110, 90)
	for _, test := range []struct {
		name           string
		box            image.Rectangle
		on, off        []image.Point // places on the outline's dark line, and beside the outline
		bright, either image.Point
	}{
		{"inside", image.Rect(30, 40, 60, 70), []image.Point{{30, 40}, {59, 69}, {45, 40}, {30, 55}},
			[]image.Point{{29, 39}, {60, 70}, {45, 55}}, image.Pt(45, 41), image.Pt(31, 55)},
		{"beyond the corner", image.Rect(-50, -50, 40, 40), []image.Point{{10, 10}, {39, 39}, {10, 39}},
			[]image.Point{{25, 25}, {40, 20}}, image.Pt(11, 20), image.Pt(20, 11)},
		{"larger than the image", image.Rect(-500, -500, 500, 500), []image.Point{{10, 10}, {109, 89}},
			[]image.Point{{60, 50}}, image.Pt(108, 50), image.Pt(50, 88)},
	} {
		t.Run(test.name, func(t *testing.T) {
			photo := plain(bounds, gray)
			out := picture.Box(photo, test.box)
			require.Equal(t, bounds, out.Bounds())
			for _, at := range test.on {
				require.Equal(t, color.NRGBA{A: 255}, out.NRGBAAt(at.X, at.Y), "%v", at)
			}
			for _, at := range test.off {
				require.Equal(t, gray, out.NRGBAAt(at.X, at.Y), "%v", at)
			}
			for _, at := range []image.Point{test.bright, test.either} {
				require.Greater(t, out.NRGBAAt(at.X, at.Y).R, uint8(200), "%v", at)
			}
			require.Equal(t, plain(bounds, gray).Pix, photo.Pix, "the photo itself stays as it is")
		})
	}
	for name, box := range map[string]image.Rectangle{"outside": image.Rect(200, 200, 300, 300), "empty": {}} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, plain(bounds, gray).Pix, picture.Box(plain(bounds, gray), box).Pix)
		})
	}
	require.Equal(t, color.NRGBA{A: 255}, picture.Box(plain(bounds, gray), image.Rect(50, 50, 51, 51)).NRGBAAt(50, 50),
		"a single pixel shows")
}
