// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Sampling is how a resized position is computed from those around it.
type Sampling string

// The samplings.
const (
	// Nearest takes the nearest position.
	Nearest Sampling = ""
	// Bilinear takes the four around.
	Bilinear Sampling = "bilinear"
)

// Coordinates are where the i-th position of the result lies in the input; scale is output / input.
type Coordinates string

// The coordinates, by ONNX's names.
const (
	// HalfPixel is (i + 0.5) / scale - 0.5: Keras' bilinear up-sampling and Resizing.
	HalfPixel Coordinates = ""
	// Asymmetric is i / scale.
	Asymmetric Coordinates = "asymmetric"
	// AlignCorners is i * (input - 1) / (output - 1).
	AlignCorners Coordinates = "align_corners"
	// TorchHalfPixel is HalfPixel, but 0 where the result is one position.
	TorchHalfPixel Coordinates = "pytorch_half_pixel"
)

// Rounding is which position is the nearest.
type Rounding string

// The roundings, by ONNX's names.
const (
	// Floor is the one before.
	Floor Rounding = "floor"
	// PreferFloor is the nearest, the lower one of two.
	PreferFloor Rounding = ""
	// PreferCeil is the nearest, the higher one of two.
	PreferCeil Rounding = "round_prefer_ceil"
	// Ceil is the next.
	Ceil Rounding = "ceil"
)

// Resize makes the picture larger or smaller. Keras' UpSampling2D "nearest" is Scale with everything else left as it
// is.
type Resize struct {
	// Height and Width are the result's, in positions; 0 leaves it to Scale.
	Height, Width int
	// Scale is output / input, for rows and columns; the result is rounded down. 0 stands for 1.
	Scale [2]float64
	// Sampling, Coordinates and Rounding say how; Rounding counts with Nearest alone. Keras' Resizing with "nearest"
	// is HalfPixel and PreferCeil.
	Sampling    Sampling
	Coordinates Coordinates
	Rounding    Rounding
}

// Shape is [height, width, channels].
func (r Resize) Shape(inputs ...[]int) ([]int, error) {
	in, err := positions(inputs)
	if err != nil {
		return nil, err
	}
	out := []int{r.Height, r.Width, in[2]}
	for i := range 2 {
		if out[i] == 0 {
			size := math.Floor(float64(in[i])*r.scale(i) + 1e-9) // a scale of 1/3 of 9 positions is 3
			if !(size >= 1 && size <= most) {
				return nil, fmt.Errorf("a scale of %v takes %d positions to %v: use 1 to %d",
					r.Scale, in[i], size, most)
			}
			out[i] = int(size)
		}
		if out[i] < 1 || out[i] > most {
			return nil, fmt.Errorf("%dx%d positions: use 1 to %d", r.Height, r.Width, most)
		}
	}
	switch r.Sampling {
	case Nearest, Bilinear:
	default:
		return nil, fmt.Errorf("there is no sampling %q", r.Sampling)
	}
	switch r.Coordinates {
	case HalfPixel, Asymmetric, AlignCorners, TorchHalfPixel:
	default:
		return nil, fmt.Errorf("there are no coordinates %q", r.Coordinates)
	}
	switch r.Rounding {
	case Floor, PreferFloor, PreferCeil, Ceil:
		return out, nil
	}
	return nil, fmt.Errorf("there is no rounding %q", r.Rounding)
}

func (r Resize) scale(i int) float64 {
	if r.Scale[i] == 0 {
		return 1
	}
	return r.Scale[i]
}

// Weights are none.
func (r Resize) Weights(...[]int) map[string][]int { return nil }

// Channelwise is true.
func (r Resize) Channelwise(...[]int) bool { return true }

// Window is one or two positions, and 1/scale; a stride of 1 where only the result's size is known.
func (r Resize) Window() (size [2]int, stride [2]float64) {
	size = [2]int{1, 1}
	if r.Sampling == Bilinear {
		size = [2]int{2, 2}
	}
	return size, [2]float64{1 / r.scale(0), 1 / r.scale(1)}
}

// Build adds it to the graph: rows and columns are each multiplied with a matrix, or repeated.
func (r Resize) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	out, err := r.Shape(x.Shape().Dimensions[1:])
	if err != nil {
		panic(err)
	}
	var matrices [2][][]float64
	for i := range matrices {
		in, scale := x.Shape().Dim(i+1), r.scale(i)
		if r.Scale[i] == 0 {
			scale = float64(out[i]) / float64(in)
		}
		matrices[i] = make([][]float64, out[i])
		for o := range matrices[i] {
			matrices[i][o] = make([]float64, in)
			for _, tap := range r.taps(o, in, out[i], scale) {
				matrices[i][o][tap.place] += tap.share
			}
		}
	}
	return sampled(x, matrices[0], matrices[1])
}

// sampled multiplies the rows and the columns of x [batch, height, width, channels] with a matrix each, [out, in]:
// [batch, height', width', channels]. What only repeats positions is no product.
func sampled(x *Node, rows, columns [][]float64) *Node {
	for i, matrix := range [][][]float64{rows, columns} {
		out, in := len(matrix), len(matrix[0])
		repeats := out%in == 0
		for o := 0; repeats && o < out; o++ {
			repeats = matrix[o][o*in/out] == 1
		}
		if repeats {
			x = repeat(x, i+1, out/in)
			continue
		}
		equation := []string{"bhwc,oh->bowc", "bhwc,ow->bhoc"}[i]
		x = graph.Einsum(equation, x, graph.ConstAsDType(x.Graph(), x.DType(), matrix))
	}
	return x
}

// tap is a position of the input and its share in one of the output.
type tap struct {
	place int
	share float64
}

// taps are what the o-th of a number of positions is made of.
func (r Resize) taps(o, in, out int, scale float64) []tap {
	var place float64
	switch r.Coordinates {
	case HalfPixel:
		place = (float64(o)+0.5)/scale - 0.5
	case TorchHalfPixel:
		if out > 1 {
			place = (float64(o)+0.5)/scale - 0.5
		}
	case Asymmetric:
		place = float64(o) / scale
	case AlignCorners:
		if out > 1 {
			place = float64(o) * float64(in-1) / float64(out-1)
		}
	}
	within := func(place float64) int { return int(min(max(place, 0), float64(in-1))) }
	if r.Sampling == Bilinear {
		low := math.Floor(place)
		return []tap{{within(low), 1 - (place - low)}, {within(low + 1), place - low}}
	}
	const slack = 1e-9 // of rounded numbers
	switch r.Rounding {
	case Floor:
		place = math.Floor(place + slack)
	case Ceil:
		place = math.Ceil(place - slack)
	case PreferFloor:
		place = math.Ceil(place - 0.5 - slack)
	case PreferCeil:
		place = math.Floor(place + 0.5 + slack)
	}
	return []tap{{within(place), 1}}
}

// repeat repeats each position of an axis.
func repeat(x *Node, axis, times int) *Node {
	if times == 1 {
		return x
	}
	dims := slices.Clone(x.Shape().Dimensions)
	apart := slices.Insert(slices.Clone(dims), axis+1, 1)
	x = graph.Reshape(x, apart...)
	apart[axis+1] = times
	dims[axis] *= times
	return graph.Reshape(graph.BroadcastToDims(x, apart...), dims...)
}
