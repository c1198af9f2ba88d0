// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

func TestTensorTakesTheMiddle(t *testing.T) {
	photo := image.NewNRGBA(image.Rect(10, 10, 40, 20)) // red, green, blue squares side by side
	for x := range 30 {
		for y := range 10 {
			photo.Set(10+x, 10+y, []color.Color{color.NRGBA{R: 255, A: 255}, color.NRGBA{G: 255, A: 255},
				color.NRGBA{B: 255, A: 255}}[x/10])
		}
	}
	x := picture.Tensor(photo, 6, 6)
	require.Equal(t, []int{1, 6, 6, 3}, x.Shape().Dimensions)
	values := tensors.MustCopyFlatData[float32](x)
	require.Equal(t, []float32{0, 255, 0}, values[3*14:3*15], "the middle square")
	back, err := picture.Clip(picture.Tensor(photo, 10, 30))
	require.NoError(t, err)
	require.Equal(t, color.NRGBA{B: 255, A: 255}, back[0].At(25, 5), "a picture of the same shape is whole")
}

func TestScaleTakesAll(t *testing.T) {
	wide := image.NewNRGBA(image.Rect(5, 5, 45, 15))
	for i := range wide.Pix {
		wide.Pix[i] = 255
	}
	for y := range 10 { // a red column at the left, a transparent one at the right
		for x := range 8 {
			wide.SetNRGBA(5+x, 5+y, color.NRGBA{255, 0, 0, 255})
			wide.SetNRGBA(44-x, 5+y, color.NRGBA{0, 0, 255, 0})
		}
	}
	squeezed := picture.Scale(wide, wide.Bounds(), 10, 10)
	require.Equal(t, image.Rect(0, 0, 10, 10), squeezed.Bounds())
	require.Equal(t, color.NRGBA{255, 0, 0, 255}, squeezed.NRGBAAt(0, 5))
	require.Equal(t, color.NRGBA{255, 255, 255, 255}, squeezed.NRGBAAt(9, 5), "white where it is transparent")
	same := picture.Scale(wide, wide.Bounds(), 10, 40)
	require.Equal(t, wide.NRGBAAt(20, 8), same.NRGBAAt(15, 3))
}

func TestBatch(t *testing.T) {
	black, white := image.NewGray(image.Rect(0, 0, 4, 4)), image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	batch := picture.Batch([]image.Image{black, white}, 2, 3)
	require.Equal(t, []int{2, 2, 3, 3}, batch.Shape().Dimensions)
	values := tensors.MustCopyFlatData[float32](batch)
	require.Equal(t, slices.Repeat([]float32{0}, 18), values[:18])
	require.Equal(t, slices.Repeat([]float32{255}, 18), values[18:])
}
