// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"image"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

// most is how many pixels a picture has at most.
const most = 1 << 26

// TestSizesAreBounded gives absurd numbers to all that makes larger pictures: none takes more memory than a large
// photo does.
func TestSizesAreBounded(t *testing.T) {
	small := image.NewGray(image.Rect(0, 0, 30, 20))
	for name, make := range map[string]func() image.Point{
		"enlarged":         func() image.Point { return picture.GridOptions{Scale: math.MaxInt}.Size(1, 20, 30) },
		"a grid's scale":   func() image.Point { return picture.GridOptions{Scale: 1 << 40}.Size(64, 64, 64) },
		"a grid's margin":  func() image.Point { return picture.GridOptions{Margin: math.MaxInt}.Size(9, 20, 30) },
		"no grid":          func() image.Point { return picture.GridOptions{}.Size(-5, 20, 30) },
		"a negative scale": func() image.Point { return picture.GridOptions{Scale: -3}.Size(4, 20, 30) },
		"a legend":         func() image.Point { return picture.Legend(picture.Jet, 0, 1, math.MaxInt).Bounds().Size() },
		"no width":         func() image.Point { return picture.Fit(small, -7).Bounds().Size() },
		"a long caption": func() image.Point {
			return picture.Strip([]image.Image{small}, []string{strings.Repeat("W", 1_000_000)}).Bounds().Size()
		},
		"no board": func() image.Point {
			return picture.NewBoard(-1, -2, -3, picture.GridOptions{}).Image().Bounds().Size()
		},
	} {
		t.Run(name, func(t *testing.T) {
			size := make()
			require.LessOrEqual(t, size.X*size.Y, most)
		})
	}
	require.Equal(t, image.Pt(2*1000+3*30, 2*1000+3*20), picture.GridOptions{Margin: math.MaxInt}.Size(9, 20, 30))
	require.Equal(t, image.Pt(14*547, 14*547), picture.GridOptions{Scale: 1 << 40}.Size(64, 64, 64),
		"14 times, as 15 times have more")
	require.Equal(t, image.Pt(2*30+5, 2*20+5), picture.GridOptions{Scale: -3}.Size(4, 20, 30))
	require.Equal(t, 1, picture.Fit(small, -7).Bounds().Dx())
	for _, size := range []image.Point{{1, 5000}, {5000, 1}, {30, 20}, {0, 0}, {1, 1 << 26}} {
		fitted := picture.Fitted(size, math.MaxInt)
		require.LessOrEqual(t, fitted.X*fitted.Y, most+fitted.X, "%v", size) // the height is at least a pixel
		require.Positive(t, fitted.Y)
	}
}

func TestCheckSize(t *testing.T) {
	require.NoError(t, picture.CheckSize(8192, 8192))
	for _, size := range [][2]int{{0, 5}, {5, -1}, {20000, 20000}, {math.MaxInt, math.MaxInt}, {1, math.MaxInt}} {
		err := picture.CheckSize(size[0], size[1])
		require.Error(t, err)
		img := image.NewGray(image.Rect(0, 0, 3, 3))
		require.PanicsWithError(t, err.Error(), func() { picture.Tensor(img, size[0], size[1]) })
		require.PanicsWithError(t, err.Error(), func() { picture.Scale(img, img.Rect, size[0], size[1]) })
	}
	require.ErrorIs(t, picture.CheckSize(20000, 20000), picture.ErrTooLarge)
}

func TestContrastsAndNumbers(t *testing.T) {
	x := tensors.FromFlatDataAndDimensions([]float32{1, 2, 3}, 1, 1, 3)
	for _, part := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		_, err := picture.Stretch(x, part)
		require.ErrorContains(t, err, "give a number above 0")
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		bad := tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4, float32(v), 6}, 2, 1, 1, 3)
		_, err := picture.Deprocess(bad)
		require.ErrorIs(t, err, picture.ErrNotFinite)
		require.ErrorContains(t, err, "picture 1 holds")
		_, err = picture.Clip(bad)
		require.ErrorIs(t, err, picture.ErrNotFinite)
	}
	require.NoError(t, picture.Colormap("").Check())
	require.ErrorContains(t, picture.Colormap("pink").Check(), "viridis")
}

// TestOverlayTakesAnyStrength clamps the share as its documentation says.
func TestOverlayTakesAnyStrength(t *testing.T) {
	photo, heat := image.NewUniform(red), image.NewUniform(blue)
	at := func(strength float64) any {
		one := image.NewNRGBA(image.Rect(0, 0, 1, 1))
		two := image.NewNRGBA(image.Rect(0, 0, 1, 1))
		one.Set(0, 0, photo.C)
		two.Set(0, 0, heat.C)
		return picture.Overlay(one, two, strength).At(0, 0)
	}
	require.Equal(t, any(red), at(-1))
	require.Equal(t, any(red), at(math.NaN()))
	require.Equal(t, any(blue), at(7))
	require.Equal(t, any(blue), at(math.Inf(1)))
}

// TestOneCaptionOfMany leaves the pictures of a row where they are below a caption that is wider than the first.
func TestOneCaptionOfMany(t *testing.T) {
	dot := image.NewGray(image.Rect(0, 0, 30, 20))
	width := func(captions ...string) int {
		return picture.Strip([]image.Image{dot, dot, dot, dot}, captions).Bounds().Dx()
	}
	require.Equal(t, 4*30+3*16, width())
	require.Equal(t, width(), width("wider than 30"))
	require.Greater(t, width("wider than 30", ""), width())
	require.Greater(t, width(strings.Repeat("wider than all ", 9)), width(), "nothing is cut off")
}
