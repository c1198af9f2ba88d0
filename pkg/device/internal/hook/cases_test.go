// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build linux && cgo && !noxla

package hook_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/images"

	"convscope/pkg/device/internal/rewrite"
)

// A program is a graph of convolutions, the values that it gets, and what should become of its convolutions.
type program struct {
	name   string
	build  func(inputs []*Node) []*Node
	inputs [][]int // their shapes: x, a kernel, a bias, and so on
	spoil  func(x []float32)
	want   rewrite.Counts
}

// tensors makes the inputs, the same ones in each process.
func (p program) tensors() []any {
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]any, len(p.inputs))
	for i, dims := range p.inputs {
		size := 1
		for _, dim := range dims {
			size *= dim
		}
		values := make([]float32, size)
		for k := range values {
			values[k] = float32(random.NormFloat64())
		}
		if i == 0 && p.spoil != nil {
			p.spoil(values)
		}
		all[i] = tensors.FromFlatDataAndDimensions(values, dims...)
	}
	return all
}

// conv is the convolution that is called.
func conv(x, kernel *Node) *Node { return Convolve(x, kernel).PadSame().Done() }

// rectified is max(x, 0) as vgg16 writes it.
func rectified(x *Node) *Node { return Max(x, ScalarZero(x.Graph(), x.DType())) }

// layer is conv with a bias.
func layer(x, kernel, bias *Node) *Node { return Add(conv(x, kernel), Reshape(bias, 1, 1, 1, -1)) }

// slope is the gradient of the weighted sum of y with respect to to, and y's sum.
func slope(y *Node, to ...*Node) []*Node {
	weights := Sin(Iota(y.Graph(), shapes.Make(y.DType(), y.Shape().Size()), 0))
	loss := ReduceAllSum(Mul(Reshape(y, -1), weights))
	return append(Gradient(loss, to...), loss)
}

// programs are all that is tried: shapes at random, what may stand next to a convolution, and what is none of the
// kind.
func programs() []program {
	all := append(depthwisePrograms(), layerPrograms()...)
	random := rand.New(rand.NewPCG(3, 4))
	for range 8 {
		batch, in, out := 1+random.IntN(3), 8+random.IntN(25), 8+random.IntN(25)
		height, width := 1+random.IntN(20), 1+random.IntN(20)
		all = append(all, program{
			name: fmt.Sprintf("%dx%dx%dx%d to %d", batch, height, width, in, out),
			build: func(i []*Node) []*Node {
				y := conv(i[0], i[1])
				return append(slope(y, i[0]), y)
			},
			inputs: [][]int{{batch, height, width, in}, {3, 3, in, out}},
			want:   rewrite.Counts{Calls: 2, Backward: 1},
		})
	}
	two := [][]int{{2, 9, 13, 8}, {3, 3, 8, 16}, {16}, {3, 3, 16, 12}, {12}}
	one := two[:3]
	deep := func(i []*Node) *Node { return rectified(layer(rectified(layer(i[0], i[1], i[2])), i[3], i[4])) }
	zeroHalf := func(x []float32) { clear(x[:len(x)/2]) }
	all = append(all, []program{
		{name: "bias", inputs: one,
			build: func(i []*Node) []*Node { return []*Node{layer(i[0], i[1], i[2])} },
			want:  rewrite.Counts{Calls: 1, Biases: 1}},
		{name: "bias first", inputs: one,
			build: func(i []*Node) []*Node { return []*Node{Add(Reshape(i[2], 1, 1, 1, -1), conv(i[0], i[1]))} },
			want:  rewrite.Counts{Calls: 1, Biases: 1}},
		{name: "a number for a bias", inputs: one,
			build: func(i []*Node) []*Node { return []*Node{AddScalar(conv(i[0], i[1]), 0.5)} },
			want:  rewrite.Counts{Calls: 1}},
		{name: "a picture for a bias", inputs: append([][]int{{2, 9, 13, 8}, {3, 3, 8, 16}}, []int{1, 9, 13, 16}),
			build: func(i []*Node) []*Node { return []*Node{Add(conv(i[0], i[1]), i[2])} },
			want:  rewrite.Counts{Calls: 1}},
		{name: "relu", inputs: one,
			build: func(i []*Node) []*Node { return []*Node{rectified(conv(i[0], i[1]))} },
			want:  rewrite.Counts{Calls: 1, ReLUs: 1}},
		{name: "bias and relu", inputs: one,
			build: func(i []*Node) []*Node { return []*Node{rectified(layer(i[0], i[1], i[2]))} },
			want:  rewrite.Counts{Calls: 1, Biases: 1, ReLUs: 1}},
		{name: "relu at another number", inputs: one,
			build: func(i []*Node) []*Node { return []*Node{MaxScalar(layer(i[0], i[1], i[2]), 0.5)} },
			want:  rewrite.Counts{Calls: 1, Biases: 1}},
		{name: "two layers", inputs: two,
			build: func(i []*Node) []*Node { return []*Node{deep(i)} },
			want:  rewrite.Counts{Calls: 2, Biases: 2, ReLUs: 2}},
		{name: "two layers back", inputs: two,
			build: func(i []*Node) []*Node { return slope(deep(i), i[0]) },
			want:  rewrite.Counts{Calls: 4, Backward: 2, Biases: 2, Masks: 2, Rectified: 1}},
		{name: "two layers back from ties", inputs: two, spoil: zeroHalf,
			build: func(i []*Node) []*Node {
				i[2] = ZerosLike(i[2]) // so the first layer is zero wherever x is
				return slope(deep(i), i[0])
			},
			want: rewrite.Counts{Calls: 4, Backward: 2, Biases: 2, Masks: 2, Rectified: 1}},
		{name: "two layers back with all kernels' gradients", inputs: two,
			build: func(i []*Node) []*Node { return slope(deep(i), i...) },
			want:  rewrite.Counts{Calls: 4, Left: 2, Backward: 2, Biases: 2}},
		{name: "what is rectified is needed besides", inputs: two,
			build: func(i []*Node) []*Node {
				y := rectified(layer(i[0], i[1], i[2]))
				return append(slope(layer(y, i[3], i[4]), i[0]), y)
			},
			want: rewrite.Counts{Calls: 4, Backward: 2, Biases: 2, Masks: 1}},
		{name: "two users of one convolution", inputs: one,
			build: func(i []*Node) []*Node {
				y := conv(i[0], i[1])
				return []*Node{rectified(y), Add(y, Reshape(i[2], 1, 1, 1, -1)), Mul(y, y)}
			},
			want: rewrite.Counts{Calls: 1}},
		{name: "one bias for two, one kernel for two", inputs: [][]int{{1, 6, 7, 10}, {3, 3, 10, 10}, {10}},
			build: func(i []*Node) []*Node {
				y := rectified(layer(i[0], i[1], i[2]))
				return slope(layer(y, i[1], i[2]), i[0])
			},
			want: rewrite.Counts{Calls: 4, Backward: 2, Biases: 2, Masks: 1, Rectified: 1}},
		{name: "x for its own kernel", inputs: [][]int{{3, 3, 9, 9}},
			build: func(i []*Node) []*Node {
				x := rectified(i[0])
				return []*Node{conv(x, x), i[0]}
			},
			want: rewrite.Counts{Calls: 1}},
		{name: "NaN", inputs: two, spoil: func(x []float32) { x[5] = float32(math.NaN()) },
			build: func(i []*Node) []*Node {
				return append(slope(deep(i), i[0]), rectified(layer(i[0], i[1], i[2])))
			},
			want: rewrite.Counts{Calls: 5, Backward: 2, Biases: 3, ReLUs: 1, Masks: 2, Rectified: 1}},
		{name: "infinite, large, small and negative zero", inputs: one, spoil: func(x []float32) {
			copy(
				x,
				[]float32{
					float32(math.Inf(1)),
					float32(math.Inf(-1)),
					1e30,
					-1e30,
					1e-42,
					float32(math.Copysign(0, -1)),
				},
			)
		},
			build: func(i []*Node) []*Node { return []*Node{rectified(layer(i[0], i[1], i[2]))} },
			want:  rewrite.Counts{Calls: 1, Biases: 1, ReLUs: 1}},
		{name: "channels first back", inputs: [][]int{{1, 8, 9, 13}, {16, 8, 3, 3}},
			build: func(i []*Node) []*Node {
				return slope(Convolve(i[0], i[1]).ChannelsAxis(images.ChannelsFirst).PadSame().Done(), i[0])
			},
			want: rewrite.Counts{Left: 2}},
		{name: "float64", inputs: one,
			build: func(i []*Node) []*Node {
				return []*Node{conv(ConvertDType(i[0], dtypes.Float64), ConvertDType(i[1], dtypes.Float64))}
			},
			want: rewrite.Counts{Left: 1}},
	}...)
	for name, how := range map[string]func(*ConvolutionBuilder) *ConvolutionBuilder{
		"stride 2":   func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.Strides(2).PadSame() },
		"dilated":    func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.Dilations(2).PadSame() },
		"no padding": func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.NoPadding() },
		"uneven padding": func(c *ConvolutionBuilder) *ConvolutionBuilder {
			return c.PaddingPerDim([][2]int{{2, 0}, {1, 1}})
		},
		"wide padding": func(c *ConvolutionBuilder) *ConvolutionBuilder {
			return c.PaddingPerDim([][2]int{{2, 2}, {2, 2}})
		},
		"input dilation":  func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.InputDilationPerAxis(2, 2).PadSame() },
		"one stride of 2": func(c *ConvolutionBuilder) *ConvolutionBuilder { return c.StridePerAxis(1, 2).PadSame() },
	} {
		all = append(all, program{name: name, inputs: [][]int{{1, 9, 12, 8}, {3, 3, 8, 16}},
			build: func(i []*Node) []*Node { return []*Node{how(Convolve(i[0], i[1])).Done()} },
			want:  rewrite.Counts{Left: 1}})
	}
	for name, inputs := range map[string][][]int{
		"5x5": {{1, 9, 12, 8}, {5, 5, 8, 16}}, "1x1": {{1, 9, 12, 8}, {1, 1, 8, 16}}, "3x1": {{1, 9, 12, 8}, {3, 1, 8, 16}},
		"from few channels to few": {{1, 9, 12, 3}, {3, 3, 3, 7}},
		"one direction":            {{1, 9, 8}, {3, 8, 16}}, "three directions": {{1, 4, 5, 6, 8}, {3, 3, 3, 8, 16}},
	} {
		all = append(all, program{name: name, inputs: inputs,
			build: func(i []*Node) []*Node { return slope(conv(i[0], i[1]), i[0]) },
			want:  rewrite.Counts{Left: 2}})
	}
	for _, few := range [][2]int{{3, 64}, {1, 8}, {7, 40}, {64, 3}, {8, 1}, {100, 7}} {
		all = append(all, program{name: fmt.Sprintf("from %d to %d channels", few[0], few[1]),
			inputs: [][]int{{2, 19, 13, few[0]}, {3, 3, few[0], few[1]}, few[1:]},
			build: func(i []*Node) []*Node {
				y := rectified(layer(i[0], i[1], i[2]))
				return append(slope(y, i[0]), rectified(layer(rectified(i[0]), i[1], i[2])), y)
			},
			want: rewrite.Counts{Calls: 3, Backward: 1, Biases: 2, ReLUs: 1, Masks: 1, Rectified: 1}})
	}
	return append(all, program{name: "groups", inputs: [][]int{{1, 9, 12, 16}, {3, 3, 8, 16}},
		build: func(i []*Node) []*Node {
			return []*Node{Convolve(i[0], i[1]).ChannelGroupCount(2).PadSame().Done()}
		},
		want: rewrite.Counts{Left: 1}})
}
