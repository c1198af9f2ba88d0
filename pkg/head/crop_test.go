// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package head_test

import (
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/head"
)

// slope is a photo whose red grows to the right and whose green grows downwards.
func slope(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x * 255 / (width - 1)), uint8(y * 255 / (height - 1)), 0, 255})
		}
	}
	return img
}

// span are the least and the largest red and green of pictures.
func span(crops []image.Image) (low, high color.NRGBA) {
	low, high = color.NRGBA{255, 255, 255, 255}, color.NRGBA{}
	for _, crop := range crops {
		img := crop.(*image.NRGBA)
		for p := 0; p < len(img.Pix); p += 4 {
			low.R, high.R = min(low.R, img.Pix[p]), max(high.R, img.Pix[p])
			low.G, high.G = min(low.G, img.Pix[p+1]), max(high.G, img.Pix[p+1])
		}
	}
	return low, high
}

func TestCrops(t *testing.T) {
	wide, tall := slope(200, 100), slope(100, 200)
	crops := head.MustCrops(wide, 20, 16, head.CropOptions{Seed: 3})
	require.Len(t, crops, 20)
	require.Equal(t, crops, head.MustCrops(wide, 20, 16, head.CropOptions{Seed: 3}))
	require.NotEqual(t, crops, head.MustCrops(wide, 20, 16, head.CropOptions{Seed: 4}))
	mirrored := 0
	for _, crop := range crops {
		require.Equal(t, image.Rect(0, 0, 16, 16), crop.Bounds())
		left, right := crop.(*image.NRGBA).NRGBAAt(0, 8), crop.(*image.NRGBA).NRGBAAt(15, 8)
		if left.R > right.R {
			mirrored++
		}
	}
	require.Greater(t, mirrored, 3)
	require.Less(t, mirrored, 17)
	for _, crop := range head.MustCrops(wide, 20, 16, head.CropOptions{NoFlip: true}) {
		require.Less(t, crop.(*image.NRGBA).NRGBAAt(0, 8).R, crop.(*image.NRGBA).NRGBAAt(15, 8).R)
	}

	// The two parts of a photo share no pixel: red, or green of a tall photo, tells where a crop is from.
	const border = 153 // 60 % of 255
	_, high := span(head.MustCrops(wide, 50, 16, head.CropOptions{Part: head.First}))
	require.LessOrEqual(t, high.R, uint8(border))
	low, _ := span(head.MustCrops(wide, 50, 16, head.CropOptions{Part: head.Second}))
	require.GreaterOrEqual(t, low.R, uint8(border))
	_, high = span(head.MustCrops(tall, 50, 16, head.CropOptions{Part: head.First}))
	require.LessOrEqual(t, high.G, uint8(border))
	low, _ = span(head.MustCrops(tall, 50, 16, head.CropOptions{Part: head.Second}))
	require.GreaterOrEqual(t, low.G, uint8(border))

	// Crops of the whole shorter side show all of its slope.
	for _, crop := range head.MustCrops(wide, 5, 100, head.CropOptions{Low: 1, High: 1}) {
		low, high := span([]image.Image{crop})
		require.Equal(t, [2]uint8{0, 255}, [2]uint8{low.G, high.G})
	}

	for name, c := range map[string]struct {
		photo       image.Image
		count, size int
		options     head.CropOptions
		problem     string
	}{
		"count":  {wide, 0, 16, head.CropOptions{}, "0 crops"},
		"size":   {wide, 1, 1 << 20, head.CropOptions{}, "give 1 to 4096"},
		"range":  {wide, 1, 16, head.CropOptions{Low: 0.5, High: 0.2}, "the lower first"},
		"beyond": {wide, 1, 16, head.CropOptions{Low: 0.5, High: 2}, "up to 1"},
		"NaN":    {wide, 1, 16, head.CropOptions{Low: math.NaN(), High: 1}, "the lower first"},
		"many":   {wide, 1_000_000_000, 64, head.CropOptions{}, "give at most 65536 of that size"},
		"part":   {wide, 1, 16, head.CropOptions{Part: 7}, "part 7 of a photo"},
		"tiny": {image.NewGray(image.Rect(0, 0, 1, 1)), 1, 16, head.CropOptions{Part: head.First},
			"a photo of 1x1 pixels is too small"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := head.Crops(c.photo, c.count, c.size, c.options)
			require.ErrorContains(t, err, c.problem)
			require.Panics(t, func() { head.MustCrops(c.photo, c.count, c.size, c.options) })
		})
	}
}

// TestCollage finds each photo's pixels where they are said to be, and nowhere else.
func TestCollage(t *testing.T) {
	red, blue := image.NewUniform(color.NRGBA{255, 0, 0, 255}), image.NewUniform(color.NRGBA{0, 0, 255, 255})
	solid := func(c image.Image) image.Image {
		img := image.NewNRGBA(image.Rect(0, 0, 30, 30))
		for y := range 30 {
			for x := range 30 {
				img.Set(x, y, c.At(x, y))
			}
		}
		return img
	}
	lefts, places := 0, make(map[image.Rectangle]bool)
	for seed := range uint64(20) {
		c := head.MustCollage(solid(red), solid(blue), 50, seed)
		require.Equal(t, image.Rect(0, 0, 100, 50), c.Picture.Bounds())
		require.True(t, c.First.In(c.FirstHalf))
		require.True(t, c.Second.In(c.SecondHalf))
		require.False(t, c.FirstHalf.Overlaps(c.SecondHalf))
		require.GreaterOrEqual(t, c.First.Dx(), 35)
		require.Equal(t, c.First.Dx(), c.First.Dy())
		for y := range 50 {
			for x := range 100 {
				got := c.Picture.NRGBAAt(x, y)
				switch at := image.Pt(x, y); {
				case at.In(c.First):
					require.Equal(t, color.NRGBA{255, 0, 0, 255}, got)
				case at.In(c.Second):
					require.Equal(t, color.NRGBA{0, 0, 255, 255}, got)
				default:
					require.Equal(t, color.NRGBA{124, 117, 104, 255}, got)
				}
			}
		}
		if c.FirstHalf.Min.X == 0 {
			lefts++
		}
		places[c.First] = true
		require.Equal(t, c, head.MustCollage(solid(red), solid(blue), 50, seed))
	}
	require.Greater(t, lefts, 4)
	require.Less(t, lefts, 16)
	require.Greater(t, len(places), 10)
	_, err := head.MakeCollage(solid(red), solid(blue), 1, 1)
	require.ErrorContains(t, err, "a collage of 1 pixels")
	_, err = head.MakeCollage(image.NewGray(image.Rectangle{}), solid(blue), 50, 1)
	require.ErrorContains(t, err, "has no pixels")
}
