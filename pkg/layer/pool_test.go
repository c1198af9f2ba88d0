// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

func TestPools(t *testing.T) {
	square := func(n int) [2]int { return [2]int{n, n} }
	same := layer.Padding{Same: true}
	border := layer.Padding{Begin: one, End: one}
	largest := func(list []float64) float64 { return slices.Max(list) }
	var examples []example
	for _, c := range []struct {
		name                   string
		size, stride, dilation [2]int
		padding                layer.Padding
		ceil                   bool
		in                     []int
		begin, out             [2]int
		by                     [2]int // the stride that is meant
	}{
		{"2x2", square(2), square(0), square(0), layer.Padding{}, false, []int{4, 6, 3}, square(0), [2]int{2, 3}, square(2)},
		{"2x2 of odd sizes", square(2), square(0), square(0), layer.Padding{}, false, []int{5, 7, 3}, square(0),
			[2]int{2, 3}, square(2)},
		{"2x2 of odd sizes, ceil", square(2), square(0), square(0), layer.Padding{}, true, []int{5, 7, 3}, square(0),
			[2]int{3, 4}, square(2)},
		{"3x3 stride 2", square(3), square(2), square(1), layer.Padding{}, false, []int{7, 6, 2}, square(0),
			[2]int{3, 2}, square(2)},
		{"3x3 stride 2, ceil", square(3), square(2), square(1), layer.Padding{}, true, []int{7, 6, 2}, square(0),
			[2]int{3, 3}, square(2)},
		{"3x3 stride 2 same", square(3), square(2), square(1), same, false, []int{7, 6, 2}, [2]int{1, 0},
			[2]int{4, 3}, square(2)},
		{"3x3 stride 1 same", square(3), square(1), square(1), same, false, []int{4, 5, 2}, one, [2]int{4, 5}, one},
		{"3x3 stride 2, border", square(3), square(2), square(1), border, false, []int{6, 7, 2}, one,
			[2]int{3, 4}, square(2)},
		{"3x3 stride 2, border, ceil", square(3), square(2), square(1), border, true, []int{6, 7, 2}, one,
			[2]int{4, 4}, square(2)},
		{"2x2 stride 2, border, ceil: the last would begin outside", square(2), square(2), square(1), border, true,
			[]int{3, 3, 2}, one, [2]int{2, 2}, square(2)},
		{"3x3 dilation 2", square(3), square(1), square(2), layer.Padding{}, false, []int{6, 7, 2},
			square(0), [2]int{2, 3}, one},
		{"2x2 dilation 2, stride 2", square(2), square(2), square(2), layer.Padding{}, false, []int{6, 7, 2},
			square(0), [2]int{2, 3}, square(2)},
		{"1x1 stride 2", one, square(2), one, layer.Padding{}, false, []int{5, 6, 2}, square(0), [2]int{3, 3}, square(2)},
		{"3x1", [2]int{3, 1}, one, one, same, false, []int{5, 4, 2}, [2]int{1, 0}, [2]int{5, 4}, one},
		{"6x5", [2]int{6, 5}, square(2), one, same, false, []int{9, 8, 2}, [2]int{2, 1}, [2]int{5, 4}, square(2)},
		{"4x4", square(4), square(4), one, layer.Padding{}, false, []int{9, 8, 2}, square(0), square(2), square(4)},
		{"everything", [2]int{5, 4}, square(0), one, layer.Padding{}, false, []int{5, 4, 2}, square(0), one, [2]int{5, 4}},
	} {
		g := geometry{kernel: c.size, stride: c.by, dilation: [2]int{max(c.dilation[0], 1), max(c.dilation[1], 1)},
			begin: c.begin, out: c.out}
		examples = append(examples,
			example{c.name + ": maximum", layer.MaxPool{c.size, c.stride, c.dilation, c.padding, c.ceil}, [][]int{c.in},
				func(x []array, _ map[string]array) array { return pooled(x[0], g, largest) }},
			example{c.name + ": mean", layer.AveragePool{c.size, c.stride, c.dilation, c.padding, c.ceil, false}, [][]int{c.in},
				func(x []array, _ map[string]array) array { return pooled(x[0], g, mean) }})
	}
	nine := func(list []float64) float64 { return sum(list) / 9 }
	g := geometry{kernel: square(3), stride: square(2), dilation: one, begin: one, out: [2]int{3, 4}}
	examples = append(examples, example{"the border counts", layer.AveragePool{Size: square(3), Stride: square(2),
		Padding: border, CountPadding: true},
		[][]int{{6, 7, 2}}, func(x []array, _ map[string]array) array { return pooled(x[0], g, nine) }})
	run(t, examples)
}

// TestCountPadding compares with what PyTorch's AvgPool2d(3, 2, 1, ceil_mode=True) makes of ones of 6x6 pixels: what
// lies beyond the border doesn't count.
func TestCountPadding(t *testing.T) {
	pool := layer.AveragePool{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: layer.Padding{Begin: one, End: one},
		Ceil: true, CountPadding: true}
	y, err := CallOnce(backend(t), func(x *Node) *Node {
		return pool.Build(nil, OnesLike(x))
	}, tensor(newArray(1, 6, 6, 1)))
	require.NoError(t, err)
	require.Equal(t, []int{1, 4, 4, 1}, y.Shape().Dimensions)
	third := float32(1) / 3
	alike(t, []float64{4. / 9, 2. / 3, 2. / 3, 1. / 3, 2. / 3, 1, 1, .5, 2. / 3, 1, 1, .5, 1. / 3, .5, .5, .25},
		tensors.MustCopyFlatData[float32](y), 1e-6, "means")
	require.InDelta(t, third, tensors.MustCopyFlatData[float32](y)[3], 1e-6)
}

// TestTies gives the gradient of equal values to the first in a window of a pool, and shares it in a global one.
func TestTies(t *testing.T) {
	gradient := func(op layer.Op) []float32 {
		y, err := CallOnce(backend(t), func(x *Node) *Node {
			return Gradient(ReduceAllSum(op.Build(nil, x)), x)[0]
		}, tensor(mapped(newArray(1, 2, 2, 1), func(float64) float64 { return 3 })))
		require.NoError(t, err)
		return tensors.MustCopyFlatData[float32](y)
	}
	require.Equal(t, []float32{1, 0, 0, 0}, gradient(layer.MaxPool{Size: [2]int{2, 2}}))
	require.Equal(t, []float32{1, 1, 1, 1}, gradient(layer.MaxPool{Size: [2]int{2, 2}, Stride: one,
		Padding: layer.Padding{End: one}}))
	require.Equal(t, []float32{.25, .25, .25, .25}, gradient(layer.Reduce{To: layer.Maximal, Axes: []int{0, 1}}))
}

func TestReduce(t *testing.T) {
	var examples []example
	for to, makes := range map[layer.Reduction]func([]float64) float64{
		layer.Mean: mean, layer.Sum: sum,
		layer.Maximal: func(list []float64) float64 { return slices.Max(list) },
		layer.Minimal: func(list []float64) float64 { return slices.Min(list) },
	} {
		examples = append(examples,
			example{string(to) + " global", layer.Reduce{To: to, Axes: []int{0, 1}}, [][]int{{3, 4, 2}},
				func(x []array, _ map[string]array) array {
					return array{[]int{batch, 2}, reduced(x[0], []int{1, 2}, makes).values}
				}},
			example{string(to) + " kept", layer.Reduce{To: to, Axes: []int{-1}, Keep: true}, [][]int{{3, 4, 2}},
				func(x []array, _ map[string]array) array {
					return reduced(x[0], []int{3}, makes)
				}},
			example{string(to) + " of all", layer.Reduce{To: to}, [][]int{{3, 4}}, func(x []array, _ map[string]array) array {
				return array{[]int{batch}, reduced(x[0], []int{1, 2}, makes).values}
			}})
	}
	run(t, examples)
}

func TestNorms(t *testing.T) {
	rescaled := func(x array, w map[string]array) array {
		return made(x.dims, func(p []int) float64 { return *x.at(p...)*broadcast(w["gamma"], p) + broadcast(w["beta"], p) })
	}
	grouped := func(x array, groups int) array { // [batch, positions, groups, channels/groups]
		c := x.dims[len(x.dims)-1]
		apart := array{[]int{x.dims[0], len(x.values) / x.dims[0] / c, groups, c / groups}, x.values}
		return array{x.dims, normalized(apart, []int{1, 3}, 1e-3).values}
	}
	run(t, []example{
		{"batch", layer.BatchNorm{Epsilon: 1e-3}, [][]int{{3, 4, 5}}, func(x []array, w map[string]array) array {
			return made(x[0].dims, func(p []int) float64 {
				return (*x[0].at(p...)-broadcast(w["mean"], p))/math.Sqrt(broadcast(w["variance"],
					p)+1e-3)*broadcast(w["gamma"], p) + broadcast(w["beta"], p)
			})
		}},
		{"batch, features, plain", layer.BatchNorm{Epsilon: 1e-14, NoScale: true, NoCenter: true}, [][]int{{7}},
			func(x []array, w map[string]array) array {
				return made(x[0].dims, func(p []int) float64 {
					return (*x[0].at(p...) - broadcast(w["mean"], p)) / math.Sqrt(broadcast(w["variance"], p))
				})
			}},
		{"layer", layer.LayerNorm{Epsilon: 1e-6}, [][]int{{3, 4, 5}}, func(x []array, w map[string]array) array {
			return rescaled(normalized(x[0], []int{3}, 1e-6), w)
		}},
		{"layer, all axes", layer.LayerNorm{Epsilon: 1e-6, Axes: []int{0, 1, 2}}, [][]int{{3, 4, 5}},
			func(x []array, w map[string]array) array {
				return rescaled(normalized(x[0], []int{1, 2, 3}, 1e-6), w)
			}},
		{"layer, plain", layer.LayerNorm{Epsilon: 1e-6, NoScale: true, NoCenter: true}, [][]int{{9}},
			func(x []array, _ map[string]array) array {
				return normalized(x[0], []int{1}, 1e-6)
			}},
		{"group", layer.GroupNorm{Groups: 3, Epsilon: 1e-3}, [][]int{{3, 4, 6}},
			func(x []array, w map[string]array) array { return rescaled(grouped(x[0], 3), w) }},
		{"instance", layer.GroupNorm{Epsilon: 1e-3}, [][]int{{3, 4, 4}},
			func(x []array, w map[string]array) array { return rescaled(grouped(x[0], 4), w) }},
		{"response", layer.LRN{Size: 4, Alpha: 0.5, Beta: 0.75, Bias: 1.5}, [][]int{{2, 3, 6}},
			func(x []array, _ map[string]array) array {
				return made(x[0].dims, func(p []int) float64 {
					var squares float64
					for c := p[3] - 1; c <= p[3]+2; c++ {
						v := *x[0].at(p[0], p[1], p[2], c)
						squares += v * v
					}
					return *x[0].at(p...) / math.Pow(1.5+0.5/4*squares, 0.75)
				})
			}},
		{"response, wider than there are channels", layer.LRN{Size: 9, Alpha: 0.5, Beta: 0.5, Bias: 1},
			[][]int{{2, 3, 2}}, func(x []array, _ map[string]array) array {
				return made(x[0].dims, func(p []int) float64 {
					a, b := *x[0].at(p[0], p[1], p[2], 0), *x[0].at(p[0], p[1], p[2], 1)
					return *x[0].at(p...) / math.Sqrt(1+0.5/9*(a*a+b*b))
				})
			}},
	})
}
