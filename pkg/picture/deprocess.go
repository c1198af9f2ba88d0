// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"errors"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// ErrShape is returned, wrapped, for a tensor that holds no pictures.
var ErrShape = errors.New("not a picture")

// ErrNotFinite is returned, wrapped, for a picture that holds NaN or infinity.
var ErrNotFinite = errors.New("not a finite number")

// Deprocess turns float pictures into images by the book's recipe: minus the mean, divided by the standard deviation
// (plus 1e-5), times 0.1, plus 0.5, clipped to [0, 1], times 255 (Chollet, "Deep Learning with Python", 1st edition,
// 5.4.2). Each picture has its own mean and deviation, over all its pixels and the channels that are shown.
//
// x is float32 [height, width, channels] or [pictures, height, width, channels]. One channel is shown as gray, three
// as red, green, blue in this order, any other number side by side, each as gray on the same scale. channels chooses
// some of them, in their order; none means all. It returns one image for each picture, or [ErrShape], or
// [ErrNotFinite].
func Deprocess(x *tensors.Tensor, channels ...int) ([]image.Image, error) {
	return Stretch(x, 0.1, channels...)
}

// Stretch is [Deprocess] with another contrast: the standard deviation becomes that part of the whole range, where the
// book's 1st edition has 0.1, its later ones 0.25 (64 of 255) and the example on keras.io 0.15. A part that is no
// number above 0 is an error.
func Stretch(x *tensors.Tensor, part float64, channels ...int) ([]image.Image, error) {
	if !(part > 0) || math.IsInf(part, 0) {
		return nil, fmt.Errorf("a contrast of %v: give a number above 0, such as the book's 0.1", part)
	}
	return each(x, channels, func(values []float32) func(float32) uint8 {
		mean, deviation := moments(values)
		return func(v float32) uint8 {
			scaled := (float64(v)-mean)/(deviation+1e-5)*part + 0.5
			return uint8(min(max(scaled, 0), 1) * 255)
		}
	})
}

// MustDeprocess is [Deprocess] for notebook cells: errors panic. It returns the first image.
func MustDeprocess(x *tensors.Tensor, channels ...int) image.Image {
	images, err := Deprocess(x, channels...)
	if err != nil {
		panic(err)
	}
	return images[0]
}

// Clip shows gray levels as they are: values below 0 become 0, above 255 become 255. Shapes, channels and errors are
// as in [Deprocess].
func Clip(x *tensors.Tensor, channels ...int) ([]image.Image, error) {
	return each(x, channels, func([]float32) func(float32) uint8 {
		return func(v float32) uint8 { return uint8(min(max(v, 0), 255)) }
	})
}

// MustClip is [Clip] for notebook cells: errors panic. It returns the first image.
func MustClip(x *tensors.Tensor, channels ...int) image.Image {
	images, err := Clip(x, channels...)
	if err != nil {
		panic(err)
	}
	return images[0]
}

// each makes one image of each picture in x, with a scale from floats to bytes of its own.
func each(x *tensors.Tensor, channels []int, scale func(values []float32) func(float32) uint8) ([]image.Image, error) {
	dims := x.Shape().Dimensions
	if len(dims) == 3 {
		dims = append([]int{1}, dims...)
	}
	if len(dims) != 4 || x.DType() != dtypes.Float32 || x.Size() == 0 {
		return nil, fmt.Errorf("%w: %s; needed is float32 [height, width, channels] or [pictures, height, "+
			"width, channels]", ErrShape, x.Shape())
	}
	if err := CheckChannels(dims[3], channels); err != nil {
		return nil, err
	}
	images := make([]image.Image, dims[0])
	var bad error
	err := tensors.ConstFlatData(x, func(flat []float32) {
		size := len(flat) / dims[0]
		for i := range images {
			values := flat[i*size : (i+1)*size]
			if at := slices.IndexFunc(values, func(v float32) bool { return v-v != 0 }); at >= 0 { // NaN, as of infinities
				bad = fmt.Errorf("picture %d holds %v at value %d: %w", i, values[at], at, ErrNotFinite)
				return
			}
			shown := dims[3]
			if len(channels) > 0 {
				values, shown = choose(values, dims[3], channels), len(channels)
			}
			images[i] = paint(dims[2], dims[1], shown, values, scale(values))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("reading the pictures: %w", err)
	}
	if bad != nil {
		return nil, bad
	}
	return images, nil
}

// CheckChannels returns an error when a picture of that many channels lacks a chosen one.
func CheckChannels(channels int, chosen []int) error {
	for _, c := range chosen {
		if c < 0 || c >= channels {
			return fmt.Errorf("no channel %d to show: the pictures have %d, counted from 0", c, channels)
		}
	}
	return nil
}

// choose copies some of the interleaved channels.
func choose(values []float32, channels int, chosen []int) []float32 {
	out := make([]float32, 0, len(values)/channels*len(chosen))
	for pixel := range slices.Chunk(values, channels) {
		for _, c := range chosen {
			out = append(out, pixel[c])
		}
	}
	return out
}

// paint makes an image of interleaved channels: gray, coloured, or a sheet of them.
func paint(width, height, channels int, values []float32, scale func(float32) uint8) image.Image {
	if channels == 1 || channels == 3 {
		return fill(width, height, channels, values, scale)
	}
	tiles := make([]image.Image, channels)
	for c := range tiles {
		tiles[c] = fill(width, height, 1, choose(values, channels, []int{c}), scale)
	}
	return newSheet(tiles)
}

// fill paints an image from interleaved values of one channel or three.
func fill(width, height, channels int, values []float32, scale func(float32) uint8) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	green, blue := 1, 2
	if channels < 3 {
		green, blue = 0, 0
	}
	for i, p := 0, 0; i < len(values); i, p = i+channels, p+4 {
		img.Pix[p] = scale(values[i])
		img.Pix[p+1] = scale(values[i+green])
		img.Pix[p+2] = scale(values[i+blue])
		img.Pix[p+3] = 255
	}
	return img
}

// moments returns the mean and the standard deviation, summed in float64.
func moments(values []float32) (mean, deviation float64) {
	for _, v := range values {
		mean += float64(v)
	}
	mean /= float64(len(values))
	for _, v := range values {
		d := float64(v) - mean
		deviation += d * d
	}
	return mean, math.Sqrt(deviation / float64(len(values)))
}

// Trim cuts pixels off at each side, none for numbers below 1, as the book's later editions do with 25: next to the
// border a pattern shows the zeros around the picture. A picture that would have nothing left stays as it is. Channels
// side by side are trimmed each.
func Trim(img image.Image, pixels int) image.Image {
	if s, is := img.(*sheet); is && pixels > 0 {
		tiles := make([]image.Image, len(s.tiles))
		for i, tile := range s.tiles {
			tiles[i] = Trim(tile, pixels)
		}
		return newSheet(tiles)
	}
	inner := img.Bounds().Inset(pixels)
	part, ok := img.(interface {
		SubImage(image.Rectangle) image.Image
	})
	if pixels <= 0 || inner.Empty() || !ok {
		return img
	}
	return part.SubImage(inner)
}
