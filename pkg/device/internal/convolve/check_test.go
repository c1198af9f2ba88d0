// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package convolve_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
)

// build compiles testdata's program with the convolutions, and returns it. It skips where flags are unknown.
func build(t testing.TB, flags ...string) string {
	t.Helper()
	compiler, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler")
	}
	sources, err := filepath.Glob("*.c")
	require.NoError(t, err)
	trials, err := filepath.Glob("testdata/*.c")
	require.NoError(t, err)
	program := filepath.Join(t.TempDir(), "check")
	args := append([]string{"-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I.", "-o", program}, flags...)
	for _, source := range append(sources, trials...) {
		if source != "handler.c" { // which takes XLA's calls
			args = append(args, source)
		}
	}
	out, err := exec.Command(compiler, append(args, "-lm", "-lpthread")...).CombinedOutput()
	if err != nil && strings.Contains(string(out), "-fsanitize") || strings.Contains(string(out), "cannot find") {
		t.Skipf("this compiler has no such sanitizer: %s", out)
	}
	require.NoError(t, err, "%s", out)
	return program
}

// levels are convscope_limit's: plain instructions, AVX2, AVX-512. A processor without them takes the next lower ones.
var levels = []int{0, 1, 2}

// TestRandom compares random shapes, with all that a convolution can take in and special values, with plain sums in
// double precision: also with the address and the thread sanitizer watching. What depthwise ones give must not depend
// on the threads either.
func TestRandom(t *testing.T) {
	level.Real(t, "compiles C")
	for _, kind := range []struct{ name, flags string }{
		{"plain", "-O3"},
		{"addresses", "-fsanitize=address,undefined -fno-sanitize-recover=all"},
		{"threads", "-fsanitize=thread"},
	} {
		t.Run(kind.name, func(t *testing.T) {
			if kind.name != "plain" {
				level.OnlyFull(t, "compiles C with a sanitizer")
			}
			if kind.name != "plain" && runtime.GOOS != "linux" {
				t.Skip("sanitizers are tried on Linux")
			}
			program := build(t, strings.Fields(kind.flags)...)
			for name, count := range map[string]int{"convolve": 20, "depthwise": 48} {
				if level.Full() {
					count *= 12
				}
				for _, most := range levels {
					args := []string{name, fmt.Sprint(most), fmt.Sprint(most + 1), fmt.Sprint(count)}
					out, err := exec.Command(program, args...).CombinedOutput()
					require.NoError(t, err, "%s", out)
					t.Logf("%s: %d with %s", name, count, strings.TrimSpace(string(out)))
				}
			}
		})
	}
}

// FuzzShape compares one convolution with plain sums, the address sanitizer watching.
func FuzzShape(f *testing.F) {
	level.OnlyFull(f, "compiles C with a sanitizer once more")
	f.Add(uint8(1), uint8(5), uint8(9), uint8(17), uint8(33), uint8(0), uint8(0), uint64(1))
	f.Add(uint8(1), uint8(19), uint8(12), uint8(2), uint8(63), uint8(6), uint8(0), uint64(5))
	f.Add(uint8(2), uint8(12), uint8(19), uint8(63), uint8(2), uint8(9), uint8(1), uint64(6))
	f.Add(uint8(2), uint8(1), uint8(1), uint8(1), uint8(1), uint8(31), uint8(1), uint64(2))
	f.Add(uint8(1), uint8(40), uint8(39), uint8(96), uint8(65), uint8(11), uint8(4), uint64(3))
	f.Add(uint8(3), uint8(8), uint8(4), uint8(64), uint8(32), uint8(16), uint8(2), uint64(4))
	program := build(f, "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
	f.Fuzz(func(t *testing.T, batch, height, width, in, out, form, special uint8, seed uint64) {
		for _, most := range levels {
			args := []string{"convolve", fmt.Sprint(most), fmt.Sprint(seed),
				fmt.Sprint(1 + batch%4), fmt.Sprint(1 + height%48), fmt.Sprint(1 + width%48),
				fmt.Sprint(1 + in%100), fmt.Sprint(1 + out%100), fmt.Sprint(form % 32), fmt.Sprint(special % 32)}
			said, err := exec.Command(program, args...).CombinedOutput()
			require.NoError(t, err, "check %s\n%s", strings.Join(args, " "), said)
		}
	})
}

// FuzzWindow compares one depthwise convolution with plain sums, the address sanitizer watching.
func FuzzWindow(f *testing.F) {
	level.OnlyFull(f, "compiles C with a sanitizer once more")
	pairs := func(values ...byte) []byte { return values }
	f.Add(uint8(1), uint16(33), pairs(9, 13, 2, 2, 0, 0, 4, 4, 0, 0, 0, 0, 4, 4), uint8(0), uint8(0), uint64(1))
	f.Add(uint8(2), uint16(3), pairs(1, 1, 6, 0, 1, 2, 0, 9, 1, 2, 2, 0, 9, 3), uint8(7), uint8(1), uint64(2))
	f.Add(uint8(1), uint16(500), pairs(7, 20, 4, 4, 1, 0, 5, 2, 1, 0, 0, 1, 5, 1), uint8(3), uint8(4), uint64(3))
	program := build(f, "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
	// How many values each number of a pair has, and the least: height, taps, stride, low, spread, reach, more.
	ranges := [7][2]int{{40, 1}, {9, 1}, {5, 1}, {14, -3}, {4, 1}, {4, 1}, {14, -3}}
	f.Fuzz(func(t *testing.T, batch uint8, channels uint16, pairs []byte, form, special uint8, seed uint64) {
		if len(pairs) < 14 {
			return
		}
		for _, most := range levels {
			args := []string{"depthwise", fmt.Sprint(most), fmt.Sprint(seed),
				fmt.Sprint(1 + batch%3), fmt.Sprint(1 + channels%600)}
			for i, value := range pairs[:14] {
				args = append(args, fmt.Sprint(int(value)%ranges[i/2][0]+ranges[i/2][1]))
			}
			args = append(args, fmt.Sprint(form%32), fmt.Sprint(special%32))
			said, err := exec.Command(program, args...).CombinedOutput()
			require.NoError(t, err, "check %s\n%s", strings.Join(args, " "), said)
		}
	})
}
