// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"fmt"
	"image"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Levels are the lowest and the highest value of each of a picture's three channels in a model's convention; of
// pictures with another number of channels only gray levels can be told. The zero
// value is gray levels, 0 to 255.
type Levels [3][2]float32

// grayLevels are what an image has.
var grayLevels = Levels{{0, 255}, {0, 255}, {0, 255}}

// CheckInput returns an error for pictures that are not what Graph takes: not float32 [n, height, width, channels],
// not numbers, preprocessed twice or not at all, in 0 to 1 instead of gray levels, or preprocessed with a mistyped
// mean.
func (t *Target) CheckInput(pictures *tensors.Tensor) error {
	shape := pictures.Shape()
	if shape.DType != dtypes.Float32 || shape.Rank() != 4 || shape.Dim(3) != t.channels() || shape.Size() == 0 {
		return fmt.Errorf("the pictures are %s: give float32 [n, height, width, %d]", shape, t.channels())
	}
	values, err := tensors.CopyFlatData[float32](pictures)
	if err != nil {
		return fmt.Errorf("reading the pictures: %w", err)
	}
	return t.Levels.check(values, t.channels())
}

// check is CheckInput for the values alone.
func (l Levels) check(values []float32, channels int) error {
	gray := l == Levels{}
	if gray {
		l = grayLevels
	}
	channel := func(i int) int { return min(i%channels, 2) } // what is beyond three is judged with the third
	var low, high Levels                                     // of what there is
	for c := range 3 {
		low[c][0], high[c][1] = float32(math.Inf(1)), float32(math.Inf(-1))
	}
	for i, v := range values {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("the pictures hold %v at value %d: give finite numbers", v, i)
		}
		c := channel(i)
		low[c][0], high[c][1] = min(low[c][0], v), max(high[c][1], v)
	}
	least, most := min(low[0][0], low[1][0], low[2][0]), max(high[0][1], high[1][1], high[2][1])
	switch {
	case gray && least < 0:
		return fmt.Errorf("the pictures go from %.4g to %.4g, but the model preprocesses them itself: give gray "+
			"levels from 0 to 255 as they are", least, most)
	case gray && most > 0 && most <= 1:
		return fmt.Errorf("the pictures go from %.4g to %.4g, but the model takes gray levels from 0 to 255: "+
			"multiply by 255", least, most)
	}
	for c, name := range []string{"first", "second", "third"} {
		const rounding = 0.5
		if low[c][0] < l[c][0]-rounding || high[c][1] > l[c][1]+rounding {
			return fmt.Errorf("the pictures' %s channel goes from %.4g to %.4g, but the weights were trained on "+
				"%.4g to %.4g: check the preprocessing",
				name, low[c][0], high[c][1], l[c][0], l[c][1])
		}
	}
	if !gray && most > least && most-least <= 2 {
		return fmt.Errorf("the pictures go from %.4g to %.4g, but the weights were trained on %.4g to %.4g: check "+
			"the preprocessing", least, most, l[0][0], l[0][1])
	}
	return nil
}

// shown is a picture of values [height, width, channels] in the model's convention, to look at: gray of one channel,
// the first three of more.
func (l Levels) shown(values []float32, height, width, channels int) *image.NRGBA {
	if (l == Levels{}) {
		l = grayLevels
	}
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for p := range height * width {
		for k := range 3 {
			c := min(k, channels-1)
			part := (values[p*channels+c] - l[c][0]) / (l[c][1] - l[c][0])
			img.Pix[4*p+k] = uint8(min(max(part, 0), 1)*255 + 0.5)
		}
		img.Pix[4*p+3] = 255
	}
	return img
}
