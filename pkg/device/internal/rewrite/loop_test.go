// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/device/internal/rewrite"
)

// looped is a program whose only statement is a loop around the statements of another one.
func looped(t *testing.T, program string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(program, "\n"), "\n")
	require.Greater(t, len(lines), 5)
	const open = `    %0 = "stablehlo.while"(%arg0) ({` + "\n" +
		"      ^cond(%parameter__0: tensor<i32>) :\n" +
		`          "stablehlo.return"(%parameter__0) : (tensor<i32>) -> ()` + "\n" +
		"    }, {\n" +
		"      ^body(%parameter__0: tensor<i32>) :\n"
	const end = "    }) : (tensor<i32>) -> tensor<i32>\n" + `    "stablehlo.return"(%0) : (tensor<i32>) -> ()` + "\n"
	return strings.Join(lines[:2], "\n") + "\n" + open + strings.Join(lines[2:len(lines)-2], "\n") + "\n" + end +
		strings.Join(lines[len(lines)-2:], "\n")
}

func TestLoop(t *testing.T) {
	before := ascent(t)
	flat, done := rewrite.Convolutions(before)
	require.Equal(t, whole, done)
	after, done := rewrite.Convolutions(looped(t, before))
	require.Equal(t, whole, done, "what is in a loop is replaced as what isn't")
	require.Equal(t, looped(t, flat), after)
}

func TestLoopCutShort(t *testing.T) {
	before := looped(t, ascent(t))
	for _, cut := range []string{"    }) : (tensor<i32>) -> tensor<i32>\n", "    }, {\n",
		"      ^body(%parameter__0: tensor<i32>) :\n"} {
		t.Run(strings.TrimSpace(cut), func(t *testing.T) {
			broken := strings.Replace(before, cut, "", 1)
			require.NotEqual(t, before, broken)
			after, done := rewrite.Convolutions(broken)
			if after == broken {
				require.Zero(t, done)
			}
		})
	}
}

// TestLeftInLoop sees how a convolution that stays XLA's is written in a loop, where XLA's CPU is fast with one order
// of the kernel's axes only.
func TestLeftInLoop(t *testing.T) {
	const from, strided = "x[0, 1, o, i]->", "window_strides = array<i64: 1, 1>"
	before := ascent(t)
	require.Equal(t, 3, strings.Count(before, from))
	before = strings.ReplaceAll(before, strided, "window_strides = array<i64: 2, 2>")
	same, done := rewrite.Convolutions(before)
	require.Equal(t, rewrite.Counts{Left: 6}, done)
	require.Equal(t, before, same, "a program's own function stays as it is")
	after, done := rewrite.Convolutions(looped(t, before))
	require.Equal(t, rewrite.Counts{Left: 6}, done)
	require.NotContains(t, after, from)
	const turn = `"stablehlo.transpose"`
	require.Equal(t, strings.Count(before, turn)+3, strings.Count(after, turn))
	added, removed := difference(looped(t, before), after)
	require.Len(t, removed, 3+3+2, "first lines, dimensions, types but of the kernel that is square")
	require.Len(t, added, 3+3+2+3)
}
