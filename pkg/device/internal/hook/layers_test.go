// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build linux && cgo && !noxla

package hook_test

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/device/internal/rewrite"
	layers "convscope/pkg/layer"
)

// layerPrograms are layers with their own gradients, which must become calls as well, in both directions.
func layerPrograms() []program {
	same := layers.Padding{Same: true}
	border := layers.Padding{Begin: [2]int{1, 1}, End: [2]int{1, 1}}
	square := func(n int) [2]int { return [2]int{n, n} }
	plain := rewrite.Counts{Calls: 3, Backward: 1, Biases: 2, ReLUs: 1}
	depthwise := rewrite.Counts{Calls: 3, Depthwise: 3, Biases: 2, ReLUs: 1}
	var all []program
	for _, c := range []struct {
		name   string
		op     layers.Op
		kernel []int
		want   rewrite.Counts
	}{
		{"a layer's 3x3", layers.Conv{Filters: 16, Kernel: square(3), Padding: same}, []int{3, 3, 12, 16}, plain},
		{"a layer's 3x3 with a border", layers.Conv{Filters: 16, Kernel: square(3), Padding: border},
			[]int{3, 3, 12, 16}, plain},
		{"a layer's depthwise", layers.DepthwiseConv{Kernel: square(3), Padding: same}, []int{3, 3, 12, 1}, depthwise},
		{"a layer's depthwise with strides", layers.DepthwiseConv{Kernel: square(3), Stride: square(2), Padding: same},
			[]int{3, 3, 12, 1}, depthwise},
		{"a layer's wide depthwise", layers.DepthwiseConv{Kernel: square(5), Stride: square(2), Padding: border},
			[]int{5, 5, 12, 1}, depthwise},
		{"a layer's groups of one", layers.Conv{Filters: 12, Kernel: square(3), Groups: 12, Padding: border},
			[]int{3, 3, 1, 12}, depthwise},
	} {
		filters := c.kernel[3]
		if c.want.Depthwise > 0 {
			filters = 12
		}
		all = append(all, program{name: c.name, inputs: [][]int{{2, 9, 14, 12}, c.kernel, {filters}},
			build: func(i []*Node) []*Node {
				weights := map[string]*Node{"kernel": i[1], "bias": i[2]}
				y := c.op.Build(func(role string) *Node { return weights[role] }, i[0])
				return append(slope(y, i[0]), rectified(c.op.Build(func(role string) *Node { return weights[role] }, i[0])))
			},
			want: c.want})
	}
	six := layers.ReLU{Max: 6}
	inputs := [][]int{{2, 9, 14, 12}, {3, 3, 1, 12}, {12}}
	loud := func(x []float32) { // so that some results lie at a bound, and some are no number
		for k := range x {
			x[k] *= 4
		}
		clear(x[:len(x)/4])
		x[400] = float32(math.NaN())
	}
	boxed := func(i []*Node) *Node {
		return six.Apply(Add(alone(i[0], i[1]).PadSame().Done(), Reshape(i[2], 1, 1, 1, -1)))
	}
	return append(all, []program{
		{name: "depthwise with a ReLU6", inputs: inputs, spoil: loud,
			build: func(i []*Node) []*Node { return []*Node{boxed(i)} },
			want:  rewrite.Counts{Calls: 1, Depthwise: 1, Biases: 1, ReLUs: 1, Boxes: 1}},
		{name: "depthwise between two ReLU6", inputs: inputs, spoil: loud,
			build: func(i []*Node) []*Node {
				x := i[0]
				i[0] = six.Apply(x)
				return slope(alone(boxed(i), i[1]).PadSame().Done(), x)
			},
			want: rewrite.Counts{Calls: 4, Depthwise: 4, Backward: 2, Biases: 1, ReLUs: 1, Boxes: 1, Afters: 2}},
		{name: "a bound that needs what is below", inputs: inputs, spoil: loud,
			build: func(i []*Node) []*Node {
				y := rectified(alone(i[0], i[1]).PadSame().Done())
				return []*Node{MinScalar(y, 6), y}
			},
			want: rewrite.Counts{Calls: 1, Depthwise: 1, ReLUs: 1}},
		{name: "a bound below zero", inputs: inputs,
			build: func(i []*Node) []*Node {
				return []*Node{MinScalar(rectified(alone(i[0], i[1]).PadSame().Done()), -1)}
			},
			want: rewrite.Counts{Calls: 1, Depthwise: 1, ReLUs: 1}},
	}...)
}
