// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/device/internal/rewrite"
)

// ascent is a program as go-xla v0.4.1 writes it: a step uphill for block2_conv1 of VGG16, 32x32 pixels. In it
// each can be called, forward and back.
func ascent(t testing.TB) string { return program(t, "block2_conv1.mlir") }

func program(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

// whole is what becomes of ascent's convolutions.
var whole = rewrite.Counts{Calls: 6, Backward: 3, Biases: 3, Masks: 3, Rectified: 1}

func TestConvolutions(t *testing.T) {
	before := ascent(t)
	after, done := rewrite.Convolutions(before)
	require.Equal(t, whole, done)
	_, removed := difference(before, after)
	require.Contains(t, removed,
		`    %10 = "stablehlo.add"(%7, %9) : (tensor<1x32x32x64xf32>, tensor<1x32x32x64xf32>) -> tensor<1x32x32x64xf32>`)
	const dense = "dense<[3, 2, 1, 0]> : tensor<4xindex>"
	require.Contains(t, after, strings.Join([]string{
		`    %10 = "stablehlo.custom_call"(%3, %_block1_conv2_kernel, %8) {`,
		`      api_version = 4 : i32,`,
		`      backend_config = {form = 18 : i64},`,
		`      call_target_name = "` + rewrite.Target + `",`,
		`      operand_layouts = [` + dense + ", " + dense + ", " + dense + `],`,
		`      result_layouts = [` + dense + `]`,
		`    } : (tensor<1x32x32x64xf32>, tensor<3x3x64x64xf32>, tensor<1x1x1x64xf32>) -> tensor<1x32x32x64xf32>`,
	}, "\n")+"\n")
	again, none := rewrite.Convolutions(after)
	require.Equal(t, after, again, "nothing is left to do")
	require.Zero(t, none)
}

// difference returns the lines that only one of two texts has, in order, where the rest is the same.
func difference(before, after string) (added, removed []string) {
	old, next := strings.Split(before, "\n"), strings.Split(after, "\n")
	count := make(map[string]int)
	for _, line := range old {
		count[line]++
	}
	for _, line := range next {
		if count[line]--; count[line] < 0 {
			added = append(added, line)
		}
	}
	clear(count)
	for _, line := range next {
		count[line]++
	}
	for _, line := range old {
		if count[line]--; count[line] < 0 {
			removed = append(removed, line)
		}
	}
	return added, removed
}

// TestUnlike changes one thing in the program and sees what is still done with the rest.
func TestUnlike(t *testing.T) {
	before := ascent(t)
	const (
		forward = `%7 = "stablehlo.convolution"(%6, %_block1_conv2_kernel) {`
		sum     = `%10 = "stablehlo.add"(%7, %9)`
	)
	none := rewrite.Counts{}
	onlyBack := rewrite.Counts{Calls: 5, Left: 1, Backward: 3, Biases: 2, Masks: 3}
	for _, test := range []struct {
		name, behind, old, new string
		want                   rewrite.Counts
	}{
		{"another stride", forward, "window_strides = array<i64: 1, 1>", "window_strides = array<i64: 1, 2>", onlyBack},
		{"another padding", forward, "dense<[[1, 1], [1, 1]]>", "dense<[[1, 1], [0, 2]]>", onlyBack},
		{"a dilated kernel", forward, "rhs_dilation = array<i64: 1, 1>", "rhs_dilation = array<i64: 2, 1>", onlyBack},
		{"a dilated picture", forward, "lhs_dilation = array<i64: 1, 1>", "lhs_dilation = array<i64: 1, 2>", onlyBack},
		{"groups of channels", forward, "feature_group_count = 1", "feature_group_count = 2", onlyBack},
		{"groups of pictures", forward, "batch_group_count = 1", "batch_group_count = 2", onlyBack},
		{"more precision", forward, "<precision DEFAULT>, #", "<precision HIGHEST>, #", onlyBack},
		{"a reversed window", forward, "array<i1: false, false>", "array<i1: true, true>", onlyBack},
		{"channels first", forward, "[b, 0, 1, f]x", "[b, f, 0, 1]x", onlyBack},
		{"an attribute more", forward, "window_strides", "mhlo.sharding = \"{replicated}\",\n      window_strides",
			onlyBack},
		{"an attribute less", forward, "      batch_group_count = 1 : i64,\n", "", onlyBack},
		{"of half precision", forward, "tensor<1x32x32x64xf32>, tensor<3x3x64x64xf32>) -> tensor<1x32x32x64xf32>",
			"tensor<1x32x32x64xf16>, tensor<3x3x64x64xf16>) -> tensor<1x32x32x64xf16>", onlyBack},
		{"5x5", forward, "tensor<3x3x64x64xf32>)", "tensor<5x5x64x64xf32>)", onlyBack},
		{"of unknown height", forward, "(tensor<1x32x32x64xf32>", "(tensor<1x?x32x64xf32>", onlyBack},
		{"without rows", forward, "(tensor<1x32x32x64xf32>", "(tensor<1x0x32x64xf32>", onlyBack},
		{"too large to count", forward, "(tensor<1x32x32x64xf32>", "(tensor<99999999999999999999x32x32x64xf32>", onlyBack},
		{"of a vast picture", forward, "(tensor<1x32x32x64xf32>", "(tensor<4000000000x32x32x64xf32>", onlyBack},
		{"another height for the result", forward, "-> tensor<1x32x32x64xf32>", "-> tensor<1x31x32x64xf32>", onlyBack},
		{"another sum", sum, `"stablehlo.add"`, `"stablehlo.subtract"`,
			rewrite.Counts{Calls: 6, Backward: 3, Biases: 2, Masks: 3, Rectified: 1}},
		{"a bias along another direction", `%9 = "stablehlo`, "array<i64: 0, 1, 2, 3>", "array<i64: 0, 2, 1, 3>",
			rewrite.Counts{Calls: 6, Backward: 3, Biases: 2, Masks: 3, Rectified: 1}},
		{"another zero", `%4 = "stablehlo.constant"`, "dense<0.0>", "dense<0.5>",
			rewrite.Counts{Calls: 6, Backward: 3, Biases: 3}},
		{"a negative zero", `%4 = "stablehlo.constant"`, "dense<0.0>", "dense<-0.0>",
			rewrite.Counts{Calls: 6, Backward: 3, Biases: 3}},
		{"a kernel turned another way", "", "\"stablehlo.reverse\"(%_block1_conv2_kernel) { dimensions = array<i64: 0, 1> }",
			"\"stablehlo.reverse\"(%_block1_conv2_kernel) { dimensions = array<i64: 1> }",
			rewrite.Counts{Calls: 5, Left: 1, Backward: 2, Biases: 3, Masks: 2, Rectified: 1}},
		{"no step", "", "\"stablehlo.sign\"", "\"stablehlo.abs\"",
			rewrite.Counts{Calls: 6, Backward: 3, Biases: 3, Rectified: 1}},
		{"a maximum that is a minimum", `%6 = "stablehlo`, ".maximum", ".minimum",
			rewrite.Counts{Calls: 6, Backward: 3, Biases: 3, Masks: 3}},
		{"several devices", "", " {\n  func.func", " attributes {stablehlo.num_partitions = 2 : i32} {\n  func.func", none},
		{"a mesh", "", " {\n  func.func", " {\n  sdy.mesh @m = <[\"x\"=2]>\n  func.func", none},
		{"a comment", forward, "batch_group_count", "// a comment\n      batch_group_count", none},
		{"a name for two values", "", "    %1 = ", "    %0 = ", none},
		{"brackets that don't match", forward, "array<i64: 1, 1>,", "array<i64: 1, 1),", none},
		{"no end", "", "\n  }\n}\n", "\n", none},
		{"two functions", "", "\n  }\n}\n",
			"\n  }\n  func.func @other() -> () {\n    \"stablehlo.return\"() : () -> ()\n  }\n}\n", whole},
		{"another dialect", forward, "stablehlo.convolution", "mhlo.convolution",
			rewrite.Counts{Calls: 5, Backward: 3, Biases: 2, Masks: 3}},
		{"the short form", sum, `"stablehlo.add"(%7, %9)`, `stablehlo.add %7, %9`,
			rewrite.Counts{Calls: 6, Backward: 3, Biases: 2, Masks: 3, Rectified: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			from := strings.Index(before, test.behind)
			require.GreaterOrEqual(t, from, 0)
			times := 1
			if test.behind == "" {
				times = -1
			}
			require.Contains(t, before[from:], test.old)
			changed := before[:from] + strings.Replace(before[from:], test.old, test.new, times)
			after, done := rewrite.Convolutions(changed)
			require.Equal(t, test.want, done)
			if done.Calls == 0 {
				require.Equal(t, changed, after)
			}
		})
	}
}

// small writes a program of a single function from its arguments, its statements and its results.
func small(arguments, statements, results string) string {
	return "module @small {\n  func.func @main(" + arguments + ") -> " + results + " {\n" + statements + "  }\n}\n"
}

// conv writes a plain convolution.
func conv(y, x, kernel string) string {
	return "    " + y + ` = "stablehlo.convolution"(` + x + ", " + kernel + `) {
      batch_group_count = 1 : i64,
      dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>,
      feature_group_count = 1 : i64,
      lhs_dilation = array<i64: 1, 1>,
      padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>,
      precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>],
      rhs_dilation = array<i64: 1, 1>,
      window_reversal = array<i1: false, false>,
      window_strides = array<i64: 1, 1>
    } : (tensor<1x4x4x8xf32>, tensor<3x3x8x8xf32>) -> tensor<1x4x4x8xf32>
`
}

// The statements and types that the small programs are made of.
const (
	of       = "tensor<1x4x4x8xf32>"
	argument = "%x: " + of + ", %kernel: tensor<3x3x8x8xf32>, %bias: tensor<8xf32>"
	zero     = `    %c = "stablehlo.constant"() { value = dense<0.0> : tensor<f32> } : () -> tensor<f32>
    %zero = "stablehlo.broadcast_in_dim"(%c) { broadcast_dimensions = array<i64> } : (tensor<f32>) -> ` + of + "\n"
	spread = `    %b = "stablehlo.broadcast_in_dim"(%bias) { broadcast_dimensions = array<i64: 3> } ` +
		`: (tensor<8xf32>) -> ` +
		of + "\n"
	loop = `    %w = "stablehlo.while"(%x) ({
      ^cond(%a: ` + of + `) :
          %p = "stablehlo.constant"() { value = dense<false> : tensor<i1> } : () -> tensor<i1>
          "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
      ^body(%a: ` + of + `) :
          "stablehlo.return"(%y) : (` + of + `) -> ()
    }) : (` + of + ") -> " + of + "\n"
)

// binary writes an operation on two arrays.
func binary(y, op, a, b string) string {
	return fmt.Sprintf("    %s = \"stablehlo.%s\"(%s, %s) : (%s, %s) -> %s\n", y, op, a, b, of, of, of)
}

// give writes the end of a function.
func give(values ...string) string {
	types := of + strings.Repeat(", "+of, len(values)-1)
	return `    "stablehlo.return"(` + strings.Join(values, ", ") + ") : (" + types + ") -> ()\n"
}

// neighbours are small programs: who else needs what stands next to a convolution.
func neighbours() map[string]neighbour {
	y, sum := conv("%y", "%x", "%kernel"), spread+binary("%s", "add", "%b", "%y")
	one, biased := rewrite.Counts{Calls: 1}, rewrite.Counts{Calls: 1, Biases: 1}
	return map[string]neighbour{
		"bias [channels]": {y + sum + give("%s"), biased},
		"everything": {zero + y + sum + binary("%r", "maximum", "%zero", "%s") + give("%r"),
			rewrite.Counts{Calls: 1, Biases: 1, ReLUs: 1}},
		"the sum is needed too": {
			zero + y + sum + binary("%r", "maximum", "%zero", "%s") + give("%r", "%s"),
			biased,
		},
		"the convolution is needed too": {y + sum + give("%y", "%s"), one},
		"nobody needs who needs it too": {y + sum + binary("%n", "multiply", "%y", "%y") + give("%s"), biased},
		"someone unknown may need it":   {y + sum + binary("%n", "future_operation", "%y", "%y") + give("%s"), one},
		"a sum without a result": {
			y + spread + "    \"stablehlo.add\"(%y, %b) : (" + of + ", " + of + ") -> ()\n" + give("%x"),
			rewrite.Counts{},
		},
		"y + y":     {y + binary("%s", "add", "%y", "%y") + give("%s"), one},
		"max(y, y)": {y + binary("%s", "maximum", "%y", "%y") + give("%s"), one},
		"max(0, 0)": {
			zero + binary("%r", "maximum", "%zero", "%zero") + conv("%y", "%r", "%kernel") + give("%y", "%zero"),
			rewrite.Counts{Calls: 1, Rectified: 1},
		},
		"nobody needs it": {y + give("%x"), rewrite.Counts{}},
		"a sum for a bias": {
			y + spread + binary("%s", "add", "%b", "%b") + binary("%u", "add", "%s", "%y") + give("%u"),
			one,
		},
		"one after the other": {y + conv("%z", "%y", "%kernel") + give("%z"), rewrite.Counts{Calls: 2}},
		"two from one maximum": {zero + binary("%r", "maximum", "%x", "%zero") + conv("%y", "%r", "%kernel") +
			conv("%z", "%r", "%kernel") + give("%y", "%z", "%x"), rewrite.Counts{Calls: 2, Rectified: 2}},
		"needed in a region": {zero + y + sum + loop + give("%s"), one},
	}
}

type neighbour struct {
	statements string
	want       rewrite.Counts
}

func TestNeighbours(t *testing.T) {
	for name, test := range neighbours() {
		t.Run(name, func(t *testing.T) {
			after, done := rewrite.Convolutions(small(argument, test.statements, of))
			require.Equal(t, test.want, done)
			require.Equal(t, test.want.Calls, strings.Count(after, "custom_call"))
		})
	}
}

// FuzzConvolutions changes programs at random: none makes the rewriting panic, and where it does nothing, it changes
// nothing. Whatever it does, it does to statements that give a convolution, a sum, a maximum or what is
// concatenated.
func FuzzConvolutions(f *testing.F) {
	for _, n := range neighbours() {
		f.Add(small(argument, n.statements, of))
	}
	f.Add(depthwise(f))
	for _, text := range []string{"", "module @x {\n", "module @x {\n  func.func @main() {\n    \"",
		"module @x {\n  func.func f {\n    %a = >\n stablehlo.convolution",
		"stablehlo.convolution", "module @x {\n  func.func f {\n    % = stablehlo.convolution\n",
		"module @stablehlo.convolution {\n  func.func {\n  }"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, program string) {
		after, done := rewrite.Convolutions(program)
		if done.Calls == 0 {
			require.Equal(t, program, after)
			return
		}
		targets := func(text string) int {
			return strings.Count(text, rewrite.Target) + strings.Count(text, rewrite.DepthwiseTarget)
		}
		require.Equal(t, done.Calls+targets(program), targets(after))
		_, removed := difference(program, after)
		for _, line := range removed {
			if result, rest, is := strings.Cut(line, " = \"stablehlo."); is && strings.HasPrefix(result, "    %") {
				require.Regexp(t, `^(convolution|add|maximum|concatenate)"`, rest)
			}
		}
	})
}

func BenchmarkConvolutions(b *testing.B) {
	program := ascent(b)
	b.SetBytes(int64(len(program)))
	for b.Loop() {
		rewrite.Convolutions(program)
	}
}
