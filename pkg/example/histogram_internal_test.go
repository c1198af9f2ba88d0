// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// counted is a histogram of numbers that come some at a time.
func counted(values []float32, some int) Histogram {
	var c counter
	for part := range slices.Chunk(values, some) {
		c.grow(float64(slices.Min(part)), float64(slices.Max(part)))
		for _, v := range part {
			c.add(v)
		}
	}
	return c.histogram()
}

// TestHistogramInAnyOrder wants the same bins however the numbers come.
func TestHistogramInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	draw := func(number func() float64) []float32 {
		values := make([]float32, 500)
		for i := range values {
			values[i] = float32(number())
		}
		return values
	}
	for name, values := range map[string][]float32{
		"signed":           draw(r.NormFloat64),
		"with a tail":      draw(func() float64 { return math.Exp(5 * r.NormFloat64()) }),
		"with both tails":  draw(func() float64 { return r.NormFloat64() * math.Exp(9*r.NormFloat64()) }),
		"after a ReLU":     draw(func() float64 { return max(r.NormFloat64()-1, 0) }),
		"all the same":     draw(func() float64 { return 0.3 }),
		"nothing":          draw(func() float64 { return 0 }),
		"far from zero":    draw(func() float64 { return -1000 + r.NormFloat64()/1000 }),
		"at powers of two": draw(func() float64 { return math.Ldexp(-1, r.IntN(9)) }),
		"tiny":             draw(func() float64 { return r.NormFloat64() * 1e-30 }),
		"vast":             draw(func() float64 { return r.NormFloat64() * 1e38 }),
		"of all sizes":     draw(func() float64 { return math.Ldexp(r.NormFloat64(), r.IntN(250)-130) }),
	} {
		t.Run(name, func(t *testing.T) {
			want := counted(values, len(values))
			total := int64(0)
			for _, count := range want.Counts {
				total += count
			}
			require.Equal(t, int64(len(values)), total)
			require.LessOrEqual(t, len(want.Counts), maxBins)
			require.LessOrEqual(t, want.From, float64(slices.Min(values)))
			require.Greater(t, want.To, float64(slices.Max(values)))
			for _, some := range []int{1, 7, 100} {
				r.Shuffle(len(values), func(i, k int) { values[i], values[k] = values[k], values[i] })
				require.Equal(t, want, counted(values, some))
			}
			slices.Sort(values)
			require.Equal(t, want, counted(values, 3))
			slices.Reverse(values)
			require.Equal(t, want, counted(values, 3))
		})
	}
}
