// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build linux && cgo && !noxla

package hook_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors/images"

	"convscope/internal/level"
	"convscope/pkg/device/internal/rewrite"
)

// alone begins a convolution in which each channel has a kernel of its own.
func alone(x, kernel *Node) *ConvolutionBuilder {
	return Convolve(x, kernel).ChannelGroupCount(x.Shape().Dimensions[3])
}

// depthwisePrograms are those with depthwise convolutions: windows at random, forward and back, what may stand next to
// one, and what is none.
func depthwisePrograms() []program {
	var all []program
	random := rand.New(rand.NewPCG(5, 6))
	count := 4 // XLA takes long to compile gradients written channel by channel
	if level.Full() {
		count = 24
	}
	for i := range count {
		batch, channels := 1+random.IntN(2), 2+random.IntN(5)
		height, width := 8+random.IntN(16), 8+random.IntN(16)
		high, broad := 1+random.IntN(7), 1+random.IntN(7)
		strides, dilations := []int{1 + random.IntN(3), 1 + random.IntN(3)}, []int{1, 1}
		if i%4 == 3 {
			strides, dilations = dilations, []int{1 + random.IntN(2), 1 + random.IntN(2)}
			high, broad = min(high, 4), min(broad, 4)
		}
		pad := func(taps int) [2]int { // GoMLX has no gradient for more, or more at the end
			low := random.IntN(2*((taps-1)/2) + 1)
			return [2]int{low, random.IntN(low + 1)}
		}
		pads := [][2]int{pad(high), pad(broad)}
		all = append(all, program{
			name: fmt.Sprintf("depthwise %dx%dx%dx%d with %dx%d by %v over %v within %v",
				batch, height, width, channels, high, broad, strides, dilations, pads),
			build: func(i []*Node) []*Node {
				c := alone(i[0], i[1]).PaddingPerDim(pads)
				y := c.StridePerAxis(strides...).DilationPerAxis(dilations...).Done()
				return append(slope(y, i[0]), y)
			},
			inputs: [][]int{{batch, height, width, channels}, {high, broad, 1, channels}},
			want:   rewrite.Counts{Calls: 2, Depthwise: 2, Backward: 1},
		})
	}
	for _, channels := range []int{17, 100, 1100} {
		all = append(all, program{name: fmt.Sprintf("depthwise with %d channels", channels),
			inputs: [][]int{{2, 11, 8, channels}, {3, 3, 1, channels}},
			build:  func(i []*Node) []*Node { return []*Node{alone(i[0], i[1]).Strides(2).PadSame().Done()} },
			want:   rewrite.Counts{Calls: 1, Depthwise: 1}})
	}
	one := [][]int{{2, 9, 13, 4}, {3, 3, 1, 4}, {4}, {1, 1, 4, 16}}
	biased := func(i []*Node) *Node { return Add(alone(i[0], i[1]).PadSame().Done(), Reshape(i[2], 1, 1, 1, -1)) }
	spoil := func(x []float32) {
		copy(x[300:], []float32{float32(math.Inf(1)), 1e30, float32(math.NaN()), 1e-42, float32(math.Inf(-1))})
	}
	for name, how := range map[string]func(*ConvolutionBuilder) *ConvolutionBuilder{
		"input dilation": func(c *ConvolutionBuilder) *ConvolutionBuilder {
			return c.InputDilationPerAxis(2, 3).PadSame()
		},
		"negative padding": func(c *ConvolutionBuilder) *ConvolutionBuilder {
			return c.PaddingPerDim([][2]int{{-2, 1}, {3, -1}})
		},
		"strided over input dilation": func(c *ConvolutionBuilder) *ConvolutionBuilder {
			return c.InputDilationPerAxis(3, 2).StridePerAxis(2, 4).PaddingPerDim([][2]int{{2, 3}, {0, 1}})
		},
	} {
		all = append(all, program{name: "depthwise with " + name, inputs: one[:2],
			build: func(i []*Node) []*Node { return []*Node{how(alone(i[0], i[1])).Done()} },
			want:  rewrite.Counts{Calls: 1, Depthwise: 1}})
	}
	return append(all, []program{
		{name: "depthwise with a bias", inputs: one,
			build: func(i []*Node) []*Node { return []*Node{biased(i)} },
			want:  rewrite.Counts{Calls: 1, Depthwise: 1, Biases: 1}},
		{name: "depthwise with bias and relu", inputs: one,
			build: func(i []*Node) []*Node { return []*Node{rectified(biased(i))} },
			want:  rewrite.Counts{Calls: 1, Depthwise: 1, Biases: 1, ReLUs: 1}},
		{name: "depthwise with what isn't finite", inputs: one, spoil: spoil,
			build: func(i []*Node) []*Node { return append(slope(biased(i), i[0]), rectified(biased(i))) },
			want:  rewrite.Counts{Calls: 3, Depthwise: 3, Backward: 1, Biases: 2, ReLUs: 1}},
		{name: "depthwise back with the kernel's gradient", inputs: one,
			build: func(i []*Node) []*Node { return slope(rectified(biased(i)), i[:3]...) },
			want:  rewrite.Counts{Calls: 2, Left: 4, Depthwise: 2, Backward: 1, Biases: 1}},
		{name: "depthwise beside 3x3", inputs: [][]int{{1, 9, 13, 8}, {3, 3, 1, 8}, {3, 3, 8, 8}},
			build: func(i []*Node) []*Node {
				x := rectified(i[0])
				return append(slope(Add(alone(x, i[1]).PadSame().Done(), conv(x, i[2])), i[0]), i[0])
			},
			want: rewrite.Counts{Calls: 4, Depthwise: 2, Backward: 2}},
		{name: "depthwise and pointwise", inputs: one,
			build: func(i []*Node) []*Node {
				six := MinScalar(rectified(biased(i)), 6)
				return slope(conv(six, i[3]), i[0])
			},
			want: rewrite.Counts{Calls: 2, Left: 2, Depthwise: 2, Backward: 1, Biases: 1}},
		{name: "one kernel for two depthwise", inputs: one,
			build: func(i []*Node) []*Node {
				return slope(alone(alone(i[0], i[1]).PadSame().Done(), i[1]).PadSame().Done(), i[0])
			},
			want: rewrite.Counts{Calls: 4, Depthwise: 4, Backward: 2}},
		{name: "one channel", inputs: [][]int{{1, 9, 9, 1}, {3, 3, 1, 1}},
			build: func(i []*Node) []*Node { return slope(conv(i[0], i[1]), i[0]) },
			want:  rewrite.Counts{Left: 2}},
		{name: "two outputs for each channel", inputs: [][]int{{1, 9, 9, 4}, {3, 3, 1, 8}},
			build: func(i []*Node) []*Node { return []*Node{alone(i[0], i[1]).PadSame().Done()} },
			want:  rewrite.Counts{Left: 1}},
		{name: "groups of two back", inputs: [][]int{{1, 9, 9, 4}, {3, 3, 2, 4}},
			build: func(i []*Node) []*Node {
				return slope(Convolve(i[0], i[1]).ChannelGroupCount(2).PadSame().Done(), i[0])
			},
			want: rewrite.Counts{Left: 3}},
		{name: "depthwise with channels first", inputs: [][]int{{1, 4, 9, 9}, {4, 1, 3, 3}},
			build: func(i []*Node) []*Node {
				c := Convolve(i[0], i[1]).ChannelsAxis(images.ChannelsFirst)
				return []*Node{c.ChannelGroupCount(4).PadSame().Done()}
			},
			want: rewrite.Counts{Left: 1}},
	}...)
}
