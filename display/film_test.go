// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/display"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/vgg16"
)

// filmed runs a small model with a film; stop ends it after that many picture-steps, 0 never.
func filmed(t *testing.T, options display.FilmOptions, steps, stop int, filters ...int) *display.Film {
	t.Helper()
	dev := device.MustNew(device.Options{Kind: device.Go})
	t.Cleanup(dev.Close)
	target := vgg16.Random(dev, 16, 1).MustChannels("block1_conv2", filters...)
	film := display.NewFilm(target, options)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := ascent.Run(ctx, target, ascent.Options{Size: 16, Steps: steps, Batch: 2,
		Progress: ascent.Both(film.Step, func(p ascent.Progress) {
			if p.Done == stop {
				cancel()
			}
		})})
	require.NoError(t, err)
	return film
}

func TestFilm(t *testing.T) {
	tests := map[string]struct {
		options     display.FilmOptions
		steps, stop int
		filters     []int
		frames      int
		width       int
	}{
		"one picture":       {steps: 5, filters: []int{1}, frames: 5, width: 16},
		"many steps":        {steps: 60, filters: []int{1}, frames: 24, width: 16},
		"few frames":        {options: display.FilmOptions{Frames: 3}, steps: 9, filters: []int{1}, frames: 3, width: 16},
		"a grid of batches": {steps: 4, filters: []int{0, 1, 2}, frames: 4, width: 37},
		"stopped":           {steps: 6, stop: 4, filters: []int{0, 1, 2}, frames: 2, width: 37},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			film := filmed(t, test.options, test.steps, test.stop, test.filters...)
			var file bytes.Buffer
			require.NoError(t, film.WritePNG(&file))
			require.Equal(t, test.frames, bytes.Count(file.Bytes(), []byte("fcTL")))
			last, err := png.Decode(&file)
			require.NoError(t, err)
			require.Equal(t, test.width, last.Bounds().Dx())
			require.Contains(t, shown(t, func() { film.Play("growing") }), "frames: growing]")

			page := display.FilmHTML(film, "a <title>")
			require.NotContains(t, page, "<title>", "text is escaped")
			require.NotRegexp(t, regexp.MustCompile(`src="http|<script src|//[a-z]+\.`), page, "nothing from the network")
			require.Equal(t, test.frames+1, strings.Count(page, "data:image/jpeg"),
				"the frames, and the last one where scripts don't run")
		})
	}
}

// TestLastFrameIsThePicture films each method, on one picture and on a grid.
func TestLastFrameIsThePicture(t *testing.T) {
	dev := device.MustNew(device.Options{Kind: device.Go})
	t.Cleanup(dev.Close)
	net := vgg16.Random(dev, 16, 1)
	methods := map[string]ascent.Method{"octaves": ascent.MustMethod("book,octaves=3"),
		"border cut off": {Trim: 3, Stretch: 0.4}}
	for _, m := range ascent.Methods() {
		m.Transforms = nil // these cost time, and show nothing
		methods[m.Name] = m.Method
	}
	for name, method := range methods {
		for _, filters := range [][]int{{1}, {1, 3}} {
			t.Run(fmt.Sprint(name, " ", len(filters)), func(t *testing.T) {
				target := net.MustChannels("block1_conv2", filters...)
				film := display.NewFilm(target, display.FilmOptions{})
				var thumbnail string
				result, err := ascent.Run(t.Context(), target, ascent.Options{
					Method: method, Size: 24, Steps: 3, NoRescue: true,
					Progress: ascent.Both(film.Step, func(p ascent.Progress) { thumbnail = display.Thumbnail(p) }),
				})
				require.NoError(t, err)
				want, err := result.Images()
				require.NoError(t, err)
				var file bytes.Buffer
				require.NoError(t, film.WritePNG(&file))
				last, err := png.Decode(&file)
				require.NoError(t, err)
				if len(want) == 1 {
					same(t, want[0], last)
					return
				}
				size := want[0].Bounds().Size()
				require.Equal(t, image.Pt(size.X, 2*size.Y+5), last.Bounds().Size())
				for i, img := range want { // one below the other, with a label in the upper half
					corner := image.Pt(0, i*(size.Y+5)+size.Y-1)
					for x := range size.X {
						require.Equal(t, rgba(img, x+img.Bounds().Min.X, size.Y-1+img.Bounds().Min.Y),
							rgba(last, corner.X+x, corner.Y), "tile %d", i)
					}
				}
				_, encoded, _ := strings.Cut(thumbnail, "base64,")
				encoded, _, _ = strings.Cut(encoded, `"`)
				small, err := png.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded)))
				require.NoError(t, err)
				same(t, want[0], small)
			})
		}
	}
}

// TestLiveFrameIsThePicture draws finished pictures as a live run does: as their method shows them, in the size that
// the finished grid has.
func TestLiveFrameIsThePicture(t *testing.T) {
	values := make([]float32, 4*40*40*3)
	for i := range values {
		values[i] = float32(i * 7919 % 251)
	}
	pictures := tensors.FromFlatDataAndDimensions(values, 4, 40, 40, 3)
	for name, method := range map[string]ascent.Method{"the book's": {}, "another contrast": {Stretch: 0.3},
		"cut": {Trim: 5, Stretch: 0.2}, "as they are": {Color: ascent.Squashed}} {
		t.Run(name, func(t *testing.T) {
			want, err := method.Images(pictures)
			require.NoError(t, err)
			one := display.LiveFrame(ascent.Target{Filters: []int{3}}, method, values[:len(values)/4], 40, 40)
			same(t, want[0], one)
			grid := display.LiveFrame(ascent.Target{Filters: []int{0, 1, 2, 3}}, method, values, 40, 40)
			size := want[0].Bounds().Size()
			scale := (grid.Bounds().Dx()) / (2*size.X + 5)
			require.Equal(t, image.Pt(2*size.X+5, 2*size.Y+5).Mul(scale), grid.Bounds().Size())
			for i, img := range want {
				corner := image.Pt(i/2*(size.X+5), i%2*(size.Y+5)).Add(image.Pt(0, size.Y-1)).Mul(scale)
				for x := range size.X {
					require.Equal(t, rgba(img, img.Bounds().Min.X+x, img.Bounds().Max.Y-1),
						rgba(grid, corner.X+x*scale, corner.Y), "tile %d", i)
				}
			}
		})
	}
}

// TestLiveChannels draws pictures of four channels while they grow: each is as large as the finished one will be.
func TestLiveChannels(t *testing.T) {
	values := make([]float32, 3*20*30*4)
	for i := range values {
		values[i] = float32(i * i % 256)
	}
	for text, size := range map[string]image.Point{
		"book": image.Pt(61, 41), "book,show=3:0:1": image.Pt(30, 20), "book,trim=4,show=1:2": image.Pt(45, 12),
	} {
		t.Run(text, func(t *testing.T) {
			method := ascent.MustMethod(text)
			one := display.LiveFrame(ascent.Target{Filters: []int{7}}, method, values[:20*30*4], 20, 30)
			require.Equal(t, size, one.Bounds().Size())
			grid := display.LiveFrame(ascent.Target{Filters: []int{0, 1, 2}}, method, values, 20, 30).Bounds().Size()
			scale := grid.X / (2*size.X + 5)
			require.Equal(t, image.Pt(2*size.X+5, 2*size.Y+5).Mul(scale), grid)
		})
	}
}

// same compares pixels.
func same(t *testing.T, want, got image.Image) {
	t.Helper()
	a, b := want.Bounds(), got.Bounds()
	require.Equal(t, a.Size(), b.Size())
	for y := range a.Dy() {
		for x := range a.Dx() {
			require.Equal(t, rgba(want, a.Min.X+x, a.Min.Y+y), rgba(got, b.Min.X+x, b.Min.Y+y), "at %d, %d", x, y)
		}
	}
}

func rgba(img image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
}

func TestFilmKeepsItsBounds(t *testing.T) {
	for _, bound := range []int{60_000, 25_000, 14_000} {
		film := filmed(t, display.FilmOptions{MaxBytes: bound}, 30, 0, 0, 1, 2)
		require.LessOrEqual(t, len(display.FilmHTML(film, "small")), bound)
	}
	empty := display.NewFilm(ascent.Target{}, display.FilmOptions{})
	require.Error(t, empty.WritePNG(&bytes.Buffer{}))
	require.Contains(t, shown(t, func() { empty.Play("nothing") }), "no frames")
}
