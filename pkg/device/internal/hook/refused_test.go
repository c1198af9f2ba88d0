// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build linux && cgo && !noxla

package hook_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/gomlx/go-xla/pjrt"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/device/internal/rewrite"
)

// bound is a depthwise call's attribute most in words, once its window too.
const (
	bound = "most = 6.0 : f32"
	once  = bound + ", window = array<i64: 1, 1, 1, 1, 1, 1, 1, 1>"
)

// calls are programs that call our convolutions as package rewrite would not, but for those whose answer says nothing.
// Each has the attributes of the call, the types of its operands with the result's last, and what the answer says. A
// call with a window is a depthwise one.
var calls = []struct{ name, attributes, types, says string }{
	{"right", "form = 2 : i64", "1x4x5x8xf32 3x3x8x9xf32 9xf32 1x4x5x9xf32", ""},
	{"all that there is", "form = 15 : i64", "1x4x5x8xf32 3x3x9x8xf32 1x1x1x9xf32 1x4x5x8xf32 1x4x5x9xf32", ""},
	{"a form of later", "form = 32 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "unknown form"},
	{"a negative form", "form = -1 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "unknown form"},
	{"a form of another type", "form = 0 : i32", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "unknown form"},
	{"a form in words", `form = "plain"`, "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "unknown form"},
	{"no form", "", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "unknown form"},
	{"another name", "from = 0 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "unknown form"},
	{"more attributes", "form = 0 : i64, more = 1 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "unknown form"},
	{"no bias", "form = 2 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "other operands"},
	{"one operand too many", "form = 0 : i64", "1x4x5x8xf32 3x3x8x9xf32 9xf32 1x4x5x9xf32", "other operands"},
	{"no operands", "form = 0 : i64", "1x4x5x9xf32", "other operands"},
	{"mask and rectify", "form = 24 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x8xf32 1x4x5x9xf32", "other operands"},
	{"float64", "form = 0 : i64", "1x4x5x8xf64 3x3x8x9xf64 1x4x5x9xf64", "float32"},
	{"one direction", "form = 0 : i64", "1x4x8xf32 3x8x9xf32 1x4x9xf32", "rank 4"},
	{"5x5", "form = 0 : i64", "1x4x5x8xf32 5x5x8x9xf32 1x4x5x9xf32", "don't fit"},
	{"other channels", "form = 0 : i64", "1x4x5x8xf32 3x3x7x9xf32 1x4x5x9xf32", "don't fit"},
	{"the kernel of the other way", "form = 1 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32", "don't fit"},
	{"another height", "form = 0 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x3x5x9xf32", "don't fit"},
	{"a short bias", "form = 2 : i64", "1x4x5x8xf32 3x3x8x9xf32 8xf32 1x4x5x9xf32", "bias doesn't fit"},
	{"a bias of 1x1", "form = 2 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x9xf32 1x4x5x9xf32", "bias doesn't fit"},
	{"a high bias", "form = 2 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x2x1x9xf32 1x4x5x9xf32", "bias doesn't fit"},
	{"depthwise", "form = 0 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", ""},
	{"all that there is depthwise", "form = 7 : i64, " + bound + ", window = array<i64: 2, 1, -1, 3, 3, 2, 2, 1>",
		"1x4x5x8xf32 3x5x1x8xf32 8xf32 1x2x10x8xf32", ""},
	{"a result of any size", "form = 0 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x40x1x8xf32", ""},
	{"no picture", "form = 0 : i64, " + once, "1x0x5x8xf32 3x3x1x8xf32 1x2x5x8xf32", ""},
	{"no taps", "form = 0 : i64, " + once, "1x4x5x8xf32 0x3x1x8xf32 1x7x5x8xf32", ""},
	{"no channels", "form = 0 : i64, " + once, "1x4x5x0xf32 3x3x1x0xf32 1x4x5x0xf32", ""},
	{"after", "form = 33 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32 1x4x5x8xf32", ""},
	{"after and relu", "form = 36 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32 1x4x5x8xf32", "unknown form"},
	{"no after", "form = 32 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "other operands"},
	{"another after", "form = 32 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x7xf32 1x4x5x8xf32", "don't fit"},
	{"a later form", "form = 64 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "unknown form"},
	{"a bound of another type", "form = 0 : i64, most = 6 : i64, window = array<i64: 1, 1, 1, 1, 1, 1, 1, 1>",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "without the attribute most"},
	{"no bound", "form = 0 : i64, z = 1 : i64, window = array<i64: 1, 1, 1, 1, 1, 1, 1, 1>",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "without"},
	{"a depthwise mask", "form = 8 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32 1x4x5x8xf32", "unknown form"},
	{"a depthwise form in words", `form = "plain", ` + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "unknown form"},
	{"a window more", "form = 0 : i64, " + once + ", z = 1 : i64",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "unknown form"},
	{"a short window", "form = 0 : i64, " + bound + ", window = array<i64: 1, 1>",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "without a window"},
	{"a window of another type", "form = 0 : i64, " + bound + ", window = array<i32: 1, 1, 1, 1, 1, 1, 1, 1>",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "without a window"},
	{"a window of one number", "form = 0 : i64, " + bound + ", window = 1 : i64",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "without a window"},
	{"a stride of zero", "form = 0 : i64, " + bound + ", window = array<i64: 1, 0, 1, 1, 1, 1, 1, 1>",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32",
		"impossible window"},
	{"a vast padding", "form = 0 : i64, " + bound + ", window = array<i64: 1, 1, -9223372036854775808, 1, 1, 1, 1, 1>",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "impossible window"},
	{"a dilation below zero", "form = 0 : i64, " + bound + ", window = array<i64: 1, 1, 1, 1, -1, 1, 1, 1>",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "impossible window"},
	{"a vast dilation", "form = 0 : i64, " + bound + ", window = array<i64: 1, 1, 1, 1, 1, 1, 1, 9223372036854775807>",
		"1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "impossible window"},
	{"no depthwise bias", "form = 2 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x8xf32", "other operands"},
	{"a depthwise bias too short", "form = 2 : i64, " + once,
		"1x4x5x8xf32 3x3x1x8xf32 7xf32 1x4x5x8xf32", "bias doesn't fit"},
	{"depthwise float64", "form = 0 : i64, " + once, "1x4x5x8xf64 3x3x1x8xf64 1x4x5x8xf64", "float32"},
	{"depthwise in one direction", "form = 0 : i64, " + once, "1x4x8xf32 3x1x8xf32 1x4x8xf32", "rank 4"},
	{"more depthwise results", "form = 0 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 1x4x5x16xf32", "don't fit"},
	{"more depthwise pictures", "form = 0 : i64, " + once, "1x4x5x8xf32 3x3x1x8xf32 2x4x5x8xf32", "don't fit"},
	{"a kernel for two depthwise", "form = 0 : i64, " + once, "1x4x5x8xf32 3x3x2x8xf32 1x4x5x8xf32", "don't fit"},
	{"a depthwise kernel too small", "form = 0 : i64, " + once, "1x4x5x8xf32 3x3x1x4xf32 1x4x5x8xf32", "don't fit"},
	{"a mask like y", "form = 8 : i64", "1x4x5x8xf32 3x3x8x9xf32 1x4x5x9xf32 1x4x5x9xf32", "mask doesn't fit"},
}

// playCalls runs all calls and says what XLA answered to each, "" where it computed something.
func playCalls() {
	dev := device.MustNew(device.Options{})
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	plugin, err := pjrt.GetPlugin(dev.Plugin())
	must(err)
	client, err := plugin.NewClient(nil)
	must(err)
	answers := make(map[string]string)
	for _, c := range calls {
		types := strings.Fields(c.types)
		var text strings.Builder
		text.WriteString("module @call {\n  func.func @main() -> tensor<" + types[len(types)-1] + "> {\n")
		var names, given []string
		for i, of := range types[:len(types)-1] {
			name := "%" + string(rune('0'+i))
			names, given = append(names, name), append(given, "tensor<"+of+">")
			text.WriteString("    " + name + ` = "stablehlo.constant"() { value = dense<1.0> : tensor<` + of +
				"> } : () -> tensor<" + of + ">\n")
		}
		result := "tensor<" + types[len(types)-1] + ">"
		target := rewrite.Target
		if strings.Contains(c.attributes, "window") {
			target = rewrite.DepthwiseTarget
		}
		text.WriteString(`    %y = "stablehlo.custom_call"(` + strings.Join(names, ", ") +
			`) { call_target_name = "` + target + `", api_version = 4 : i32, backend_config = {` + c.attributes +
			"} } : (" + strings.Join(given, ", ") + ") -> " + result + "\n")
		text.WriteString(`    "stablehlo.return"(%y) : (` + result + ") -> ()\n  }\n}\n")
		program, err := client.Compile().WithStableHLO([]byte(text.String())).Done()
		must(err)
		outputs, err := program.Execute().Done()
		if err == nil {
			_, _, err = outputs[0].ToFlatDataAndDimensions()
		}
		answers[c.name] = ""
		if err != nil {
			answers[c.name] = err.Error()
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(answers))
	os.Exit(0)
}

// TestCalls sees that a call that isn't right is an error of XLA's, in a process that goes on.
func TestCalls(t *testing.T) {
	level.Real(t, "needs XLA")
	var answers map[string]string
	require.NoError(t, json.Unmarshal(play(t, "calls", t.TempDir()), &answers))
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			if c.says == "" {
				require.Empty(t, answers[c.name])
				return
			}
			require.Contains(t, answers[c.name], "convscope: ")
			require.Contains(t, answers[c.name], c.says)
		})
	}
}
