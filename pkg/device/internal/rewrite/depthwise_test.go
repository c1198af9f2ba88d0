// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/device/internal/rewrite"
)

// depthwise is a program as go-xla v0.4.1 writes it: the gradient, through a depthwise convolution of three channels
// with strides of 2, with respect to what it takes.
func depthwise(t testing.TB) string { return program(t, "depthwise.mlir") }

func TestDepthwise(t *testing.T) {
	before := depthwise(t)
	after, done := rewrite.Convolutions(before)
	require.Equal(t, rewrite.Counts{Calls: 2, Depthwise: 2, Backward: 1}, done)
	const dense = "dense<[3, 2, 1, 0]> : tensor<4xindex>"
	call := func(start, form, window, types string) []string {
		return []string{
			`    ` + start + ` {`,
			`      api_version = 4 : i32,`,
			`      backend_config = {form = ` + form + ` : i64, most = 0.0 : f32, window = array<i64: ` + window + `>},`,
			`      call_target_name = "` + rewrite.DepthwiseTarget + `",`,
			`      operand_layouts = [` + dense + ", " + dense + `],`,
			`      result_layouts = [` + dense + `]`,
			`    } : ` + types,
		}
	}
	for _, want := range [][]string{
		call(`%0 = "stablehlo.custom_call"(%arg0, %arg1)`, "0", "2, 2, 1, 1, 1, 1, 1, 1",
			"(tensor<1x9x9x3xf32>, tensor<3x3x1x3xf32>) -> tensor<1x5x5x3xf32>"),
		call(`%26 = "stablehlo.custom_call"(%10, %arg1)`, "1", "1, 1, 1, 1, 2, 2, 1, 1",
			"(tensor<1x5x5x3xf32>, tensor<3x3x1x3xf32>) -> tensor<1x9x9x3xf32>"),
	} {
		require.Contains(t, after, strings.Join(want, "\n")+"\n")
	}
	again, none := rewrite.Convolutions(after)
	require.Equal(t, after, again, "nothing is left to do")
	require.Zero(t, none)
}

// TestDepthwiseUnlike changes one thing in the program and sees what is still done with the rest.
func TestDepthwiseUnlike(t *testing.T) {
	before := depthwise(t)
	const (
		forward = `%0 = "stablehlo.convolution"`
		second  = `%23 = "stablehlo.convolution"`
		join    = `%26 = "stablehlo.concatenate"`
		slope   = `%12 = "stablehlo.slice"`
		kernel  = `%18 = "stablehlo.slice"`
		result  = `"stablehlo.return"(%26) : (tensor<1x9x9x3xf32>) -> ()`
	)
	precise := func(columns, dilation string) string { // the end of the padding and what follows
		return columns + "]> : tensor<2x2xi64>,\n      precision_config = [#stablehlo<precision DEFAULT>, " +
			"#stablehlo<precision DEFAULT>],\n      rhs_dilation = array<i64: " + dilation + ">"
	}
	both := rewrite.Counts{Calls: 2, Depthwise: 2, Backward: 1}
	onlyBack := rewrite.Counts{Calls: 1, Left: 1, Depthwise: 1, Backward: 1}
	onlyForward := rewrite.Counts{Calls: 1, Left: 3, Depthwise: 1}
	oneLess := rewrite.Counts{Calls: 1, Left: 2, Depthwise: 1}
	for _, test := range []struct {
		name, behind, old, new string
		want                   rewrite.Counts
	}{
		{"two groups", forward, "feature_group_count = 3", "feature_group_count = 2", onlyBack},
		{"no groups", forward, "feature_group_count = 3", "feature_group_count = 1", onlyBack},
		{"groups of pictures", forward, "batch_group_count = 1", "batch_group_count = 3", onlyBack},
		{"more precision", forward, "<precision DEFAULT>, #", "<precision HIGHEST>, #", onlyBack},
		{"a reversed window", forward, "array<i1: false, false>", "array<i1: true, true>", onlyBack},
		{"channels first", forward, "[b, 0, 1, f]x", "[b, f, 0, 1]x", onlyBack},
		{"another order of the kernel", forward, "x[0, 1, i, o]", "x[0, 1, o, i]", onlyBack},
		{"an attribute more", forward, "window_strides", "more = 1 : i64, window_strides", onlyBack},
		{"padding of a single number", forward, "dense<[[1, 1], [1, 1]]>", "dense<1>", onlyBack},
		{"padding in words", forward, "dense<[[1, 1], [1, 1]]>", "dense<[[1, one], [1, 1]]>", onlyBack},
		{"padding without a number", forward, "dense<[[1, 1], [1, 1]]>", "dense<[[, 1], [1, 1]]>", onlyBack},
		{"padding beyond all pictures", forward, "dense<[[1, 1]", "dense<[[99999999, 1]", onlyBack},
		{"padding that doesn't fit", forward, "dense<[[1, 1], [1, 1]]>", "dense<[[1, 1], [5, 1]]>", onlyBack},
		{"padding that fits", forward, "dense<[[1, 1], [1, 1]]>", "dense<[[2, 1], [-1, 3]]>", both},
		{"padding that leaves nothing", forward, "dense<[[1, 1], [1, 1]]>", "dense<[[-4, -5], [1, 1]]>", onlyBack},
		{"strides that don't fit", forward, "window_strides = array<i64: 2, 2>",
			"window_strides = array<i64: 2, 3>", onlyBack},
		{"strides of zero", forward, "window_strides = array<i64: 2, 2>",
			"window_strides = array<i64: 2, 0>", onlyBack},
		{"negative strides", forward, "window_strides = array<i64: 2, 2>",
			"window_strides = array<i64: 2, -2>", onlyBack},
		{"a dilated kernel that doesn't fit", forward, "rhs_dilation = array<i64: 1, 1>",
			"rhs_dilation = array<i64: 2, 1>", onlyBack},
		{"a dilated kernel that fits", forward, precise("[1, 1]", "1, 1"), precise("[2, 2]", "1, 2"), both},
		{"of half precision", forward, "f32>, tensor<3x3x1x3xf32>) -> tensor<1x5x5x3xf32>",
			"f16>, tensor<3x3x1x3xf16>) -> tensor<1x5x5x3xf16>", onlyBack},
		{"two outputs for each channel", forward, "tensor<3x3x1x3xf32>) -> tensor<1x5x5x3xf32>",
			"tensor<3x3x1x6xf32>) -> tensor<1x5x5x6xf32>", onlyBack},
		{"more inputs for each group", forward, "tensor<3x3x1x3xf32>)", "tensor<3x3x2x3xf32>)", onlyBack},

		{"another channel of the slope", second, "(%12, %22)", "(%13, %22)", onlyForward},
		{"another channel of the kernel", second, "(%12, %22)", "(%12, %20)", onlyForward},
		{"the whole slope", second, "(%12, %22)", "(%10, %22)", onlyForward},
		{"no turn", second, "(%12, %22)", "(%12, %18)", onlyForward},
		{"a turn of one direction", `%22 = "stablehlo.reverse"`, "array<i64: 0, 1>", "array<i64: 0>", onlyForward},
		{"another window for a channel", second, "dense<[[1, 1], [1, 1]]>", "dense<[[2, 0], [1, 1]]>", onlyForward},
		{"another precision for a channel", second, "<precision DEFAULT>, #", "<precision HIGHEST>, #", onlyForward},
		{"channels in another order", join, "(%21, %23, %25)", "(%21, %25, %23)", onlyForward},
		{"a channel twice", join, "(%21, %23, %25)", "(%21, %21, %25)", oneLess},
		{"a channel less", join, "(%21, %23, %25)", "(%21, %23)", oneLess},
		{"another operand besides", join, "(%21, %23, %25)", "(%21, %23, %11)", oneLess},
		{"along another direction", join, "dimension = 3", "dimension = 2", onlyForward},
		{"no operands", join, "(%21, %23, %25)", "()", rewrite.Counts{}},
		{"another result", join, "-> tensor<1x9x9x3xf32>", "-> tensor<1x9x8x3xf32>", onlyForward},
		{"every other channel", slope, "0, 0, 0, 1>", "0, 0, 0, 0>", onlyForward},
		{"a part of a channel", slope, "1, 5, 5, 2>", "1, 4, 5, 2>", onlyForward},
		{"every second row", slope, "1, 1, 1, 1>", "1, 2, 1, 1>", onlyForward},
		{"a slice of another slope", slope, "(%10)", "(%8)", onlyForward},
		{"a slice of another kernel", kernel, "(%arg1)", "(%arg2)", onlyForward},
		{"a channel that is needed besides", result, result,
			`"stablehlo.return"(%26, %23) : (tensor<1x9x9x3xf32>, tensor<1x9x9x1xf32>) -> ()`,
			rewrite.Counts{Calls: 2, Left: 1, Depthwise: 2, Backward: 1}},
		{"a gradient that nobody needs", result, result,
			`"stablehlo.return"(%0) : (tensor<1x5x5x3xf32>) -> ()`,
			rewrite.Counts{Calls: 1, Depthwise: 1}},
		{"the kernel's gradient too", result, result,
			`"stablehlo.return"(%26, %30) : (tensor<1x9x9x3xf32>, tensor<3x3x1x3xf32>) -> ()`,
			rewrite.Counts{Calls: 2, Left: 3, Depthwise: 2, Backward: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			from := strings.Index(before, test.behind)
			require.GreaterOrEqual(t, from, 0)
			require.Contains(t, before[from:], test.old)
			_, done := rewrite.Convolutions(before[:from] + strings.Replace(before[from:], test.old, test.new, 1))
			require.Equal(t, test.want, done)
		})
	}
}
