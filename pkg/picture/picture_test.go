// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// ramp is a float picture [height, width, 3] whose values climb evenly.
func ramp(height, width int) *tensors.Tensor {
	values := make([]float32, height*width*3)
	for i := range values {
		values[i] = float32(i)
	}
	return tensors.FromFlatDataAndDimensions(values, height, width, 3)
}

func TestDeprocessIsTheBooksRecipe(t *testing.T) {
	const height, width = 7, 5
	images, err := picture.Deprocess(ramp(height, width))
	require.NoError(t, err)
	n := float64(height * width * 3)
	mean, std := (n-1)/2, math.Sqrt((n*n-1)/12) // of 0, 1, ..., n-1
	for _, i := range []int{0, 1, 52, 77, 104} {
		scaled := (float64(i)-mean)/(std+1e-5)*0.1 + 0.5
		want := uint8(math.Min(math.Max(scaled, 0), 1) * 255)
		at := i / 3
		c := images[0].At(at%width, at/width).(color.NRGBA)
		require.Equal(t, want, []uint8{c.R, c.G, c.B}[i%3], "value %d", i)
	}
}

func TestDeprocessClips(t *testing.T) {
	values := make([]float32, 10*10*3)
	values[0], values[1] = 1000, -1000
	images, err := picture.Deprocess(tensors.FromFlatDataAndDimensions(values, 1, 10, 10, 3))
	require.NoError(t, err)
	require.Equal(t, color.NRGBA{R: 255, G: 0, B: 127, A: 255}, images[0].At(0, 0))
}

func TestDeprocessFlatPicture(t *testing.T) {
	images, err := picture.Deprocess(tensors.FromScalarAndDimensions(float32(140), 4, 4, 3))
	require.NoError(t, err)
	require.Equal(t, color.NRGBA{R: 127, G: 127, B: 127, A: 255}, images[0].At(2, 2), "no spread is middle gray, not NaN")
}

// TestChannels shows pictures of one channel gray, of three coloured, and of others as a sheet of their channels.
func TestChannels(t *testing.T) {
	gray := func(v uint8) color.NRGBA { return color.NRGBA{v, v, v, 255} }
	black := gray(0)
	for name, c := range map[string]struct {
		pixel  []float32
		chosen []int
		want   [][]color.NRGBA // rows
	}{
		"one":   {[]float32{9}, nil, [][]color.NRGBA{{gray(9)}}},
		"two":   {[]float32{9, 200}, nil, [][]color.NRGBA{{gray(9), black, gray(200)}}},
		"three": {[]float32{9, 8, 7}, nil, [][]color.NRGBA{{{9, 8, 7, 255}}}},
		"four": {[]float32{9, 8, 7, 200}, nil, [][]color.NRGBA{
			{gray(9), black, gray(8)}, {black, black, black}, {gray(7), black, gray(200)}}},
		"six": {[]float32{1, 2, 3, 4, 5, 6}, nil, [][]color.NRGBA{
			{gray(1), black, gray(2), black, gray(3)}, {black, black, black, black, black},
			{gray(4), black, gray(5), black, gray(6)}}},
		"three of six":     {[]float32{1, 2, 3, 4, 5, 6}, []int{5, 0, 2}, [][]color.NRGBA{{{6, 1, 3, 255}}}},
		"one of six":       {[]float32{1, 2, 3, 4, 5, 6}, []int{3}, [][]color.NRGBA{{gray(4)}}},
		"two of six":       {[]float32{1, 2, 3, 4, 5, 6}, []int{3, 1}, [][]color.NRGBA{{gray(4), black, gray(2)}}},
		"colours reversed": {[]float32{9, 8, 7}, []int{2, 1, 0}, [][]color.NRGBA{{{7, 8, 9, 255}}}},
	} {
		t.Run(name, func(t *testing.T) {
			img := picture.MustClip(tensors.FromFlatDataAndDimensions(c.pixel, 1, 1, len(c.pixel)), c.chosen...)
			require.Equal(t, image.Pt(len(c.want[0]), len(c.want)), img.Bounds().Size())
			for y, row := range c.want {
				for x, want := range row {
					require.Equal(t, want, img.At(x, y), "row %d, column %d", y, x)
				}
			}
			if c.chosen == nil {
				require.Equal(t, img.Bounds().Size(), picture.SheetSize(len(c.pixel), 1, 1))
			}
		})
	}
	for _, chosen := range [][]int{{4}, {-1}, {0, 1, 1 << 40}} {
		_, err := picture.Deprocess(tensors.FromScalarAndDimensions(float32(1), 2, 2, 4), chosen...)
		require.ErrorContains(t, err, "the pictures have 4, counted from 0")
	}
	sheet := picture.MustDeprocess(tensors.FromScalarAndDimensions(float32(1), 6, 8, 2))
	require.Equal(t, image.Pt(17, 6), sheet.Bounds().Size())
	require.Equal(t, image.Pt(9, 2), picture.Trim(sheet, 2).Bounds().Size(), "each channel is trimmed")
	require.Equal(t, sheet.Bounds(), picture.Trim(sheet, 3).Bounds(), "nothing would be left")
	values := []float32{0, 100, 10, 90} // two pixels of two channels
	two := tensors.FromFlatDataAndDimensions(values, 1, 2, 2)
	require.NotEqual(t, picture.MustDeprocess(two).At(0, 0), picture.MustDeprocess(two, 0).At(0, 0),
		"channels side by side have one scale")
	photo := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	photo.SetNRGBA(0, 0, color.NRGBA{200, 100, 50, 255})
	brightness := tensors.MustCopyFlatData[float32](picture.TensorOf(photo, 1, 1, 1))
	require.Equal(t, []float32{124}, brightness, "as Pillow's L")
	require.Equal(t, []float32{200, 100, 50, 0}, tensors.MustCopyFlatData[float32](picture.TensorOf(photo, 1, 1, 4)))
}

func TestNotAPicture(t *testing.T) {
	for name, x := range map[string]*tensors.Tensor{
		"two axes":    tensors.FromScalarAndDimensions(float32(1), 4, 3),
		"no channels": tensors.FromScalarAndDimensions(float32(1), 4, 4, 0),
		"five axes":   tensors.FromScalarAndDimensions(float32(1), 1, 1, 4, 4, 3),
		"doubles":     tensors.FromScalarAndDimensions(1.0, 4, 4, 3),
		"none":        tensors.FromScalarAndDimensions(float32(1), 0, 4, 4, 3),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := picture.Deprocess(x)
			require.ErrorIs(t, err, picture.ErrShape)
			_, err = picture.Clip(x)
			require.ErrorIs(t, err, picture.ErrShape)
			require.Panics(t, func() { picture.MustDeprocess(x) })
		})
	}
}

// tiles are plain pictures, each of its own gray: tile i is 3*i.
func tiles(count, size int) []image.Image {
	images := make([]image.Image, count)
	for i := range images {
		img := image.NewGray(image.Rect(0, 0, size, size))
		for p := range img.Pix {
			img.Pix[p] = uint8(3 * i)
		}
		images[i] = img
	}
	return images
}

func TestGridIsTheBooks(t *testing.T) {
	grid := picture.Grid(tiles(64, 64), picture.GridOptions{})
	require.Equal(t, image.Rect(0, 0, 547, 547), grid.Bounds())
	for row := range 8 {
		for column := range 8 {
			r, _, _, _ := grid.At(column*69+32, row*69+32).RGBA()
			require.Equal(t, 3*(row+8*column), int(r>>8), "row %d, column %d shows filter row + 8*column", row, column)
		}
	}
	require.Equal(t, color.NRGBA{A: 255}, grid.At(66, 10), "margins are black")
}

func TestGridLayouts(t *testing.T) {
	tests := map[string]struct {
		count         int
		options       picture.GridOptions
		rows, columns int
		size          image.Point
		row, column   int // of the last tile
	}{
		"one":         {1, picture.GridOptions{}, 1, 1, image.Pt(10, 10), 0, 0},
		"two":         {2, picture.GridOptions{}, 2, 1, image.Pt(10, 25), 1, 0},
		"two by row":  {2, picture.GridOptions{Order: picture.Row}, 1, 2, image.Pt(25, 10), 0, 1},
		"ten":         {10, picture.GridOptions{Margin: 2}, 4, 3, image.Pt(34, 46), 1, 2},
		"no margin":   {9, picture.GridOptions{Margin: picture.NoMargin}, 3, 3, image.Pt(30, 30), 2, 2},
		"nine scaled": {9, picture.GridOptions{Scale: 2}, 3, 3, image.Pt(80, 80), 2, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rows, columns := test.options.Shape(test.count)
			require.Equal(t, [2]int{test.rows, test.columns}, [2]int{rows, columns})
			require.Equal(t, test.size, picture.Grid(tiles(test.count, 10), test.options).Bounds().Size())
			row, column := test.options.Place(test.count-1, rows, columns)
			require.Equal(t, [2]int{test.row, test.column}, [2]int{row, column})
		})
	}
	require.Nil(t, picture.Grid(nil, picture.GridOptions{}))
}

func TestOrder(t *testing.T) {
	for _, order := range []picture.Order{picture.Column, picture.Row} {
		got, err := picture.ParseOrder(order.String())
		require.NoError(t, err)
		require.Equal(t, order, got)
	}
	_, err := picture.ParseOrder("diagonal")
	require.ErrorContains(t, err, "column")
}

// TestGolden compares drawn pictures with those in testdata: at most 2 gray levels apart in any channel.
func TestGolden(t *testing.T) {
	four := tiles(4, 48)
	pictures := map[string]image.Image{
		"grid.png": picture.Grid(four, picture.GridOptions{
			Labels: []string{"0", "17", "305", "511"}, Badges: []string{"", "", "dead", ""},
		}),
		"strip.png": picture.Strip(
			[]image.Image{picture.Enlarge(four[3], 2), picture.MustDeprocess(ramp(40, 40))},
			[]string{"a caption wider than its picture", "ramp"}),
	}
	for name, got := range pictures {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name)
			if *update {
				file, err := os.Create(path)
				require.NoError(t, err)
				require.NoError(t, png.Encode(file, got))
				require.NoError(t, file.Close())
			}
			file, err := os.Open(path)
			require.NoError(t, err)
			defer file.Close()
			want, err := png.Decode(file)
			require.NoError(t, err)
			require.Equal(t, want.Bounds(), got.Bounds())
			require.LessOrEqual(t, largest(got, want), 2)
		})
	}
}

// largest is the largest difference of two pictures in any channel, in gray levels.
func largest(a, b image.Image) int {
	most := 0
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			r1, g1, b1, a1 := a.At(x, y).RGBA()
			r2, g2, b2, a2 := b.At(x, y).RGBA()
			for _, pair := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}, {a1, a2}} {
				most = max(most, int(math.Abs(float64(pair[0]>>8)-float64(pair[1]>>8))))
			}
		}
	}
	return most
}

// A tensor from an ascent becomes a sheet of tiles.
func Example() {
	values := make([]float32, 4*16*16*3)
	for i := range values {
		values[i] = float32(i % 256)
	}
	images, err := picture.Deprocess(tensors.FromFlatDataAndDimensions(values, 4, 16, 16, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(picture.Grid(images, picture.GridOptions{}).Bounds().Size())
	// Output: (37,37)
}
