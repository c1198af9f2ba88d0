// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

var one = [2]int{1, 1}

// TestConv has each option, and those that GoMLX's own gradient is wrong for: even kernels, groups, strides with
// dilations, much padding, a stride that leaves a rest.
func TestConv(t *testing.T) {
	same := layer.Padding{Same: true}
	border := func(begin, end int) layer.Padding {
		return layer.Padding{Begin: [2]int{begin, begin}, End: [2]int{end, end}}
	}
	square := func(n int) [2]int { return [2]int{n, n} }
	var examples []example
	add := func(name string, op layer.Conv, in []int, g geometry) {
		g.kernel, g.groups = op.Kernel, max(op.Groups, 1)
		for _, pair := range []*[2]int{&g.stride, &g.dilation} {
			if *pair == ([2]int{}) {
				*pair = one
			}
		}
		examples = append(examples, example{name, op, [][]int{in}, func(x []array, w map[string]array) array {
			y := conv(x[0], w["kernel"], g)
			if !op.NoBias {
				y = biased(y, w["bias"])
			}
			return y
		}})
	}
	for _, c := range []struct {
		name     string
		kernel   [2]int
		stride   [2]int
		dilation [2]int
		padding  layer.Padding
		groups   int
		in       []int
		begin    [2]int
		out      [2]int
	}{
		{"3x3 same", square(3), one, one, same, 1, []int{5, 6, 3}, one, [2]int{5, 6}},
		{"3x3 with a border", square(3), one, one, border(1, 1), 1, []int{5, 6, 3}, one, [2]int{5, 6}},
		{"3x3 valid", square(3), one, one, layer.Padding{}, 1, []int{5, 6, 3}, square(0), [2]int{3, 4}},
		{"3x3 stride 2 same, odd", square(3), square(2), one, same, 1, []int{5, 7, 3}, one, [2]int{3, 4}},
		{"3x3 stride 2 same, even", square(3), square(2), one, same, 1, []int{6, 8, 3}, square(0), [2]int{3, 4}},
		{"3x3 stride 2 with a border", square(3), square(2), one, border(1, 1), 1, []int{6, 7, 3}, one, [2]int{3, 4}},
		{"3x3 stride 2 valid, with a rest", square(3), square(2), one, layer.Padding{}, 1, []int{6, 8, 3},
			square(0), [2]int{2, 3}},
		{"3x3 stride 3", square(3), square(3), one, border(1, 0), 1, []int{7, 8, 2}, one, [2]int{2, 3}},
		{"3x3 dilation 2", square(3), one, square(2), same, 1, []int{6, 7, 3}, square(2), [2]int{6, 7}},
		{"3x3 stride 2, dilation 2", square(3), square(2), square(2), border(2, 2), 1, []int{7, 8, 2},
			square(2), [2]int{4, 4}},
		{"1x1", one, one, one, layer.Padding{}, 1, []int{4, 5, 3}, square(0), [2]int{4, 5}},
		{"1x1 stride 2", one, square(2), one, same, 1, []int{5, 6, 3}, square(0), [2]int{3, 3}},
		{"1x1 with a border", one, one, one, border(1, 1), 1, []int{3, 4, 2}, one, [2]int{5, 6}},
		{"2x2 valid", square(2), one, one, layer.Padding{}, 1, []int{5, 6, 3}, square(0), [2]int{4, 5}},
		{"2x2 same", square(2), one, one, same, 1, []int{5, 6, 3}, square(0), [2]int{5, 6}},
		{"2x2 same, lower", square(2), one, one, layer.Padding{Same: true, Lower: true}, 1,
			[]int{5, 6, 3}, one, [2]int{5, 6}},
		{"2x2 stride 2", square(2), square(2), one, layer.Padding{}, 1, []int{5, 6, 3}, square(0), [2]int{2, 3}},
		{"4x4 stride 4", square(4), square(4), one, layer.Padding{}, 1, []int{9, 8, 3}, square(0), [2]int{2, 2}},
		{"4x4 stride 2, border", square(4), square(2), one, border(1, 1), 1, []int{8, 6, 2}, one, [2]int{4, 3}},
		{"2x2 stride 3, with a rest", square(2), square(3), one, layer.Padding{}, 1, []int{8, 7, 3},
			square(0), [2]int{3, 2}},
		{"stride 2, more padding than kernel", square(3), square(2), one, border(4, 5), 1, []int{3, 3, 2},
			square(4), square(5)},
		{"3x2 strides 1 and 2", [2]int{3, 2}, [2]int{1, 2}, one, layer.Padding{}, 1, []int{5, 6, 2}, square(0), square(3)},
		{"5x3 same", [2]int{5, 3}, one, one, same, 1, []int{6, 5, 2}, [2]int{2, 1}, [2]int{6, 5}},
		{"7x7 stride 2, border 3", square(7), square(2), one, border(3, 3), 1, []int{9, 8, 2}, square(3), [2]int{5, 4}},
		{"more padding than kernel", square(3), one, one, border(4, 5), 1, []int{3, 3, 2}, square(4), square(10)},
		{"an uneven border", square(3), one, one, border(0, 2), 1, []int{4, 5, 2}, square(0), [2]int{4, 5}},
		{"1x7", [2]int{1, 7}, one, one, same, 1, []int{4, 5, 2}, [2]int{0, 3}, [2]int{4, 5}},
		{"2 groups", square(3), one, one, same, 2, []int{5, 4, 4}, one, [2]int{5, 4}},
		{"2 groups, stride 2, even", square(2), square(2), one, layer.Padding{}, 2, []int{5, 4, 4}, square(0), [2]int{2, 2}},
		{"2 groups of many", square(3), one, one, same, 2, []int{4, 5, 16}, one, [2]int{4, 5}},
		{"3 groups of 1x1", one, one, one, layer.Padding{}, 3, []int{3, 4, 6}, square(0), [2]int{3, 4}},
		{"as many groups as channels", square(3), square(2), one, same, 6, []int{5, 5, 6}, one, square(3)},
		{"as many, more padding than kernel", square(2), square(2), one, border(4, 5), 6, []int{3, 3, 6},
			square(4), square(6)},
		{"one position", square(3), square(2), one, same, 1, []int{1, 1, 3}, one, one},
		{"stride of rows only", square(3), [2]int{2, 1}, one, same, 1, []int{5, 4, 2}, one, [2]int{3, 4}},
	} {
		op := layer.Conv{Filters: 6, Kernel: c.kernel, Stride: c.stride, Dilation: c.dilation,
			Padding: c.padding, Groups: c.groups}
		add(c.name, op, c.in, geometry{stride: c.stride, dilation: c.dilation, begin: c.begin, out: c.out})
	}
	add("no bias", layer.Conv{Filters: 2, Kernel: square(3), NoBias: true}, []int{4, 4, 2}, geometry{out: square(2)})
	run(t, examples)
	t.Run("on a graphics card", func(t *testing.T) {
		layer.ForCard(t)
		run(t, examples)
	})
}

func TestDepthwiseConv(t *testing.T) {
	depthwise := func(x array, kernel array, g geometry) array {
		in, multiplier := kernel.dims[2], kernel.dims[3]
		return conv(x, array{[]int{g.kernel[0], g.kernel[1], 1, in * multiplier}, kernel.values}, g)
	}
	var examples []example
	for _, c := range []struct {
		name                     string
		multiplier               int
		kernel, stride, dilation [2]int
		in                       []int
		begin, out               [2]int
	}{
		{"3x3", 1, [2]int{3, 3}, one, one, []int{5, 6, 3}, one, [2]int{5, 6}},
		{"3x3, two for each", 2, [2]int{3, 3}, one, one, []int{5, 6, 3}, one, [2]int{5, 6}},
		{"5x5 stride 2", 1, [2]int{5, 5}, [2]int{2, 2}, one, []int{7, 6, 3}, [2]int{2, 1}, [2]int{4, 3}},
		{"3x3 dilation 2", 1, [2]int{3, 3}, one, [2]int{2, 2}, []int{5, 6, 3}, [2]int{2, 2}, [2]int{5, 6}},
		{"2x4", 0, [2]int{2, 4}, one, one, []int{5, 6, 3}, [2]int{0, 1}, [2]int{5, 6}},
		{"of one channel", 3, [2]int{3, 3}, one, one, []int{5, 6, 1}, one, [2]int{5, 6}},
	} {
		op := layer.DepthwiseConv{Multiplier: c.multiplier, Kernel: c.kernel, Stride: c.stride, Dilation: c.dilation,
			Padding: layer.Padding{Same: true}}
		g := geometry{c.kernel, c.stride, c.dilation, c.begin, c.out, c.in[2]}
		examples = append(examples, example{c.name, op, [][]int{c.in}, func(x []array, w map[string]array) array {
			return biased(depthwise(x[0], w["kernel"], g), w["bias"])
		}})
	}
	g := geometry{[2]int{3, 3}, [2]int{2, 2}, one, one, [2]int{3, 3}, 3}
	pointwise := geometry{one, one, one, [2]int{}, [2]int{3, 3}, 1}
	examples = append(examples, example{"separable", layer.SeparableConv{Filters: 4, Multiplier: 2,
		Kernel: [2]int{3, 3}, Stride: [2]int{2, 2},
		Padding: layer.Padding{Same: true}}, [][]int{{5, 5, 3}}, func(x []array, w map[string]array) array {
		return biased(conv(depthwise(x[0], w["depthwise_kernel"], g), w["pointwise_kernel"], pointwise), w["bias"])
	}})
	run(t, examples)
	t.Run("on a graphics card", func(t *testing.T) {
		layer.ForCard(t)
		run(t, examples)
	})
}

func TestConvTranspose(t *testing.T) {
	square := func(n int) [2]int { return [2]int{n, n} }
	var examples []example
	for _, c := range []struct {
		name             string
		kernel           [2]int
		stride, dilation [2]int
		padding          layer.Padding
		more             [2]int
		groups           int
		in               []int
		begin, out       [2]int
	}{
		{"2x2 stride 2", square(2), square(2), one, layer.Padding{}, square(0), 1, []int{3, 4, 2}, square(0), [2]int{6, 8}},
		{"3x3 stride 2 same", square(3), square(2), one, layer.Padding{Same: true}, square(0), 1, []int{3, 4, 2},
			square(0), [2]int{6, 8}},
		{"4x4 stride 2 same", square(4), square(2), one, layer.Padding{Same: true}, square(0), 1,
			[]int{3, 4, 2}, one, [2]int{6, 8}},
		{"2x2 stride 3 same", square(2), square(3), one, layer.Padding{Same: true}, square(0), 1, []int{3, 2, 2},
			square(0), [2]int{9, 6}},
		{"3x3 stride 2, border 1, one more", square(3), square(2), one, layer.Padding{Begin: one, End: one}, one, 1,
			[]int{3, 4, 2}, one, [2]int{6, 8}},
		{"3x3 valid", square(3), one, one, layer.Padding{}, square(0), 1, []int{3, 4, 2}, square(0), [2]int{5, 6}},
		{"3x3 dilation 2", square(3), one, square(2), layer.Padding{}, square(0), 1, []int{3, 4, 2},
			square(0), [2]int{7, 8}},
		{"2 groups", square(3), square(2), one, layer.Padding{Begin: one}, square(0), 2, []int{3, 4, 4}, one, [2]int{6, 8}},
	} {
		op := layer.ConvTranspose{Filters: 4, Kernel: c.kernel, Stride: c.stride, Dilation: c.dilation,
			Groups: c.groups, Padding: c.padding, OutputPadding: c.more}
		g := geometry{c.kernel, c.stride, c.dilation, c.begin, c.out, c.groups}
		examples = append(examples, example{c.name, op, [][]int{c.in}, func(x []array, w map[string]array) array {
			return biased(transposed(x[0], w["kernel"], g), w["bias"])
		}})
	}
	run(t, examples)
}

func TestConvErrors(t *testing.T) {
	for _, c := range []struct {
		name string
		op   layer.Op
		in   []int
		says string
	}{
		{"too small", layer.Conv{Filters: 1, Kernel: [2]int{3, 3}}, []int{2, 5, 1},
			"2x5 positions are too few for a window of 3x3"},
		{"features", layer.Conv{Filters: 1, Kernel: one}, []int{7}, "[height, width, channels]"},
		{"no kernel", layer.Conv{Filters: 1}, []int{5, 5, 1}, "a kernel of [0 0]"},
		{"no filters", layer.Conv{Kernel: one}, []int{5, 5, 1}, "0 filters"},
		{"vast", layer.Conv{Filters: 1 << 40, Kernel: one}, []int{5, 5, 1}, "filters: use"},
		{"a vast kernel", layer.Conv{Filters: 1, Kernel: [2]int{1 << 62, 1}}, []int{5, 5, 1}, "a kernel of"},
		{"groups", layer.Conv{Filters: 4, Kernel: one, Groups: 3}, []int{5, 5, 4}, "don't divide"},
		{"negative padding", layer.Conv{Filters: 4, Kernel: one, Padding: layer.Padding{Begin: [2]int{-1, 0}}},
			[]int{5, 5, 4}, "padding of"},
		{"transposed to nothing", layer.ConvTranspose{Filters: 1, Kernel: one,
			Padding: layer.Padding{Begin: [2]int{9, 9}}}, []int{5, 5, 4}, "nothing is left"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := c.op.Shape(c.in)
			require.ErrorContains(t, err, c.says)
			require.Nil(t, c.op.Weights(c.in))
		})
	}
}

// TestWithoutFusion has the same gradients where the user's environment forbids GoMLX other computations for them.
func TestWithoutFusion(t *testing.T) {
	t.Setenv(FusionEnv, "0")
	op := layer.Conv{Filters: 3, Kernel: [2]int{2, 4}, Stride: [2]int{2, 1}, NoBias: true}
	g := geometry{kernel: op.Kernel, stride: op.Stride, dilation: one, out: [2]int{3, 3}, groups: 1}
	example{"even", op, [][]int{{7, 6, 2}}, func(x []array, w map[string]array) array {
		return conv(x[0], w["kernel"], g)
	}}.check(t, backend(t))
}
