// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package activation_test

import (
	"encoding/json"
	"image"
	"image/color"
	"math"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/activation"
	"convscope/pkg/picture"
)

const height, width, channels = 5, 7, 19

// made is the output that testdata/make.py works on.
func made() *tensors.Tensor {
	values := make([]float32, height*width*channels)
	at := func(y, x, c int) *float32 { return &values[(y*width+x)*channels+c] }
	for y := range height {
		for x := range width {
			for c := range channels {
				*at(y, x, c) = float32(max((7*y*y+13*x+29*c*(x+1))%31-9, 0)) / 4
			}
			*at(y, x, 4), *at(y, x, 11), *at(y, x, 12) = 0, 0, 0.1
			*at(y, x, 15) = *at(y, x, 2)
		}
	}
	return tensors.FromFlatDataAndDimensions(values, 1, height, width, channels)
}

// numbers are NumPy's, made by testdata/make.py.
func numbers(t *testing.T) (n struct {
	Levels    [][]int
	Silent    float64
	Strongest []int
}) {
	text, err := os.ReadFile("testdata/numbers.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &n))
	require.Len(t, n.Levels, channels)
	return n
}

func TestSheetHasNumPysLevels(t *testing.T) {
	want := numbers(t).Levels
	for _, test := range []struct {
		name   string
		o      activation.SheetOptions
		perRow int
		size   image.Point
	}{
		{"the book's", activation.SheetOptions{}, 16, image.Pt(16*width, 2*height)},
		{"with gaps", activation.SheetOptions{PerRow: 4, Gap: 2, Colormap: picture.Turbo}, 4,
			image.Pt(4*width+3*2, 5*height+4*2)},
		{"one row", activation.SheetOptions{PerRow: 100}, channels, image.Pt(channels*width, height)},
	} {
		t.Run(test.name, func(t *testing.T) {
			sheet, err := activation.Sheet(made(), test.o)
			require.NoError(t, err)
			require.Equal(t, test.size, sheet.Bounds().Size())
			gap := test.o.Gap
			black := color.NRGBA{A: 255}
			for c := range (channels + test.perRow - 1) / test.perRow * test.perRow {
				corner := image.Pt(c%test.perRow*(width+gap), c/test.perRow*(height+gap))
				for i := range height * width {
					colour := black // a place that no channel fills
					if c < channels {
						colour = test.o.Colormap.At(float64(want[c][i]) / 255)
					}
					require.Equal(t, colour, sheet.At(corner.X+i%width, corner.Y+i/width), "channel %d, place %d", c, i)
				}
				if gap > 0 && c%test.perRow < test.perRow-1 {
					require.Equal(t, black, sheet.At(corner.X+width, corner.Y), "the gap after channel %d", c)
				}
			}
		})
	}
}

func TestSheetRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		o                       activation.SheetOptions
		channels, height, width int
		want                    string
	}{
		"a negative gap":     {activation.SheetOptions{Gap: -3}, 4, 2, 2, "a gap of -3 pixels: give 0 to 1000"},
		"a huge gap":         {activation.SheetOptions{Gap: math.MaxInt}, 4, 2, 2, "give 0 to 1000"},
		"a negative row":     {activation.SheetOptions{PerRow: -1}, 4, 2, 2, "-1 channels a row: give a number from 1"},
		"no such colormap":   {activation.SheetOptions{Colormap: "pink"}, 4, 2, 2, `unknown colormap "pink"`},
		"many pixels":        {activation.SheetOptions{}, 64, 5000, 5000, "too large: 20000x80000 pixels"},
		"more than any":      {activation.SheetOptions{}, 512, math.MaxInt / 2, math.MaxInt / 2, "too large"},
		"large and one wide": {activation.SheetOptions{PerRow: 1}, 1 << 20, 300, 1, "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.o.Size(test.channels, test.height, test.width)
			require.ErrorContains(t, err, test.want)
		})
	}
	size, err := activation.SheetOptions{Gap: 1}.Size(64, 224, 224)
	require.NoError(t, err)
	require.Equal(t, image.Pt(16*225-1, 4*225-1), size)
	for _, o := range []activation.SheetOptions{{Gap: -1}, {PerRow: -1}, {Colormap: "pink"}} {
		_, err := activation.Sheet(made(), o)
		require.Error(t, err)
	}
	_, err = activation.Channel(made(), 0, "pink")
	require.ErrorContains(t, err, "viridis")
}

func TestSheetOfSilence(t *testing.T) {
	sheet, err := activation.Sheet(tensors.FromScalarAndDimensions(float32(0), 1, 4, 4, 3), activation.SheetOptions{})
	require.NoError(t, err)
	require.Equal(t, image.Pt(12, 4), sheet.Bounds().Size(), "no wider than the channels there are")
	require.Equal(t, picture.Viridis.At(0), sheet.At(5, 2), "a silent channel is dark")
}

func TestChannel(t *testing.T) {
	output := made()
	values := tensors.MustCopyFlatData[float32](output)
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for i := 3; i < len(values); i += channels {
		low, high = min(low, values[i]), max(high, values[i])
	}
	img, err := activation.Channel(output, 3, picture.Jet)
	require.NoError(t, err)
	require.Equal(t, image.Pt(width, height), img.Bounds().Size())
	for i := range height * width {
		share := float64(values[i*channels+3]-low) / float64(high-low)
		require.Equal(t, picture.Jet.At(share), img.At(i%width, i/width), "place %d", i)
	}

	img, err = activation.Channel(output, 12, "")
	require.NoError(t, err)
	require.Equal(t, picture.Viridis.At(0), img.At(0, 0), "no spread is the first colour")
	for _, channel := range []int{-1, channels} {
		_, err = activation.Channel(output, channel, picture.Viridis)
		require.ErrorContains(t, err, "the layer has 19, counted from 0")
	}
}

func TestChannelWithNaN(t *testing.T) {
	nan := float32(math.NaN())
	img, err := activation.Channel(tensors.FromFlatDataAndDimensions([]float32{nan, 1, 3, 2}, 1, 2, 2, 1),
		0, picture.Viridis)
	require.NoError(t, err)
	require.Equal(t, color.NRGBA{R: 128, G: 128, B: 128, A: 255}, img.At(0, 0))
	require.Equal(t, picture.Viridis.At(1), img.At(0, 1))
}

func TestSilentAndStrongest(t *testing.T) {
	want := numbers(t)
	require.Equal(t, want.Silent, activation.Silent(made()))
	require.Equal(t, want.Strongest, activation.Strongest(made(), channels))
	for _, test := range []struct{ n, want int }{{3, 3}, {0, 0}, {-1, 0}, {100, channels}} {
		require.Equal(t, want.Strongest[:test.want], activation.Strongest(made(), test.n), "%d", test.n)
	}
	require.Equal(t, 1.0, activation.Silent(tensors.FromScalarAndDimensions(float32(0), 1, 2, 2, 5)))
	require.Equal(t, []int{0, 1, 2}, activation.Strongest(tensors.FromScalarAndDimensions(float32(7), 1, 2, 2, 5), 3),
		"of equal ones the lower number")
	require.Zero(t, activation.Silent(tensors.FromScalarAndDimensions(float32(math.NaN()), 1, 2, 2, 5)),
		"NaN is not silence")
}

func TestNotAnOutput(t *testing.T) {
	for name, x := range map[string]*tensors.Tensor{
		"none":         nil,
		"three axes":   tensors.FromScalarAndDimensions(float32(1), 4, 4, 3),
		"two pictures": tensors.FromScalarAndDimensions(float32(1), 2, 4, 4, 3),
		"doubles":      tensors.FromScalarAndDimensions(1.0, 1, 4, 4, 3),
		"no channels":  tensors.FromScalarAndDimensions(float32(1), 1, 4, 4, 0),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := activation.Sheet(x, activation.SheetOptions{})
			require.ErrorIs(t, err, activation.ErrShape)
			_, err = activation.Channel(x, 0, picture.Viridis)
			require.ErrorIs(t, err, activation.ErrShape)
			require.Zero(t, activation.Silent(x))
			require.Empty(t, activation.Strongest(x, 3))
		})
	}
}
