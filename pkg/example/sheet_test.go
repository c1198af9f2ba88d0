// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example_test

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/example"
)

// plain is a picture of one colour.
func plain(width, height int, c color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	return img
}

func TestSheet(t *testing.T) {
	red, blue := color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 255, A: 255}
	first := example.Filter{Examples: []example.Example{{Image: plain(3, 3, red)}, {}, {Image: plain(40, 20, blue)}}}
	second := example.Filter{Examples: []example.Example{{Image: plain(1, 500, blue)}}}
	require.Len(t, first.Tiles(16), 2, "what is not cut out has no tile")
	sheet := example.Sheet([][]image.Image{first.Tiles(16), second.Tiles(16)}, 16)
	require.Equal(t, example.SheetSize(2, 2, 16), sheet.Bounds().Size())
	require.Equal(t, image.Pt(16+3+16, 16+3+16), sheet.Bounds().Size())
	require.Equal(t, red, sheet.At(0, 0), "scaled up")
	require.Equal(t, blue, sheet.At(19+8, 8), "in its proportions")
	ground := sheet.At(17, 17)
	require.Equal(t, ground, sheet.At(19+8, 1))
	require.Equal(t, blue, sheet.At(7, 19+15), "however thin")
	require.Equal(t, ground, sheet.At(0, 19+8))
	require.Nil(t, example.Sheet([][]image.Image{nil, {}}, 16))
}
