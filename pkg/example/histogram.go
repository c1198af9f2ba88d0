// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import "math"

// Histogram counts a filter's activations over all positions of all photographs.
//
// The bins' width is a power of two and their bounds are multiples of it: the finest for which up to 64 of them hold
// all there was. So it does not depend on the order in which the activations came.
type Histogram struct {
	// From and To bound the bins, which are of equal width.
	From, To float64
	Counts   []int64
}

const (
	// maxBins is how many bins there are at most.
	maxBins = 64
	// The width is no finer than that exponent, nor than that many powers of two below the largest number: what all
	// lies in one bin is the same.
	leastExponent, finest = -40, 20
)

// counter makes a histogram whose range isn't known beforehand.
type counter struct {
	low, high float64 // of all there was
	exponent  int     // of the width
	scale     float64 // 1 over the width
	first     int64   // the first bin begins at so many widths
	counts    []int64
}

// grow makes room for numbers from low to high: bins are joined two by two until few enough are left.
func (c *counter) grow(low, high float64) {
	exponent := c.exponent
	if c.counts == nil {
		c.low, c.high, exponent = low, high, leastExponent
	}
	c.low, c.high = min(c.low, low), max(c.high, high)
	if largest := max(-c.low, c.high); largest > 0 {
		exponent = max(exponent, math.Ilogb(largest)-finest)
	}
	bin := func(v float64) int64 { return int64(math.Floor(math.Ldexp(v, -exponent))) }
	for bin(c.high)-bin(c.low) >= maxBins {
		exponent++
	}
	first := bin(c.low)
	counts := make([]int64, bin(c.high)-first+1)
	for i, count := range c.counts {
		counts[(c.first+int64(i))>>(exponent-c.exponent)-first] += count
	}
	c.exponent, c.scale, c.first, c.counts = exponent, math.Ldexp(1, -exponent), first, counts
}

// add counts a number within the range.
func (c *counter) add(v float32) { c.counts[int64(math.Floor(float64(v)*c.scale))-c.first]++ }

// histogram is what was counted.
func (c *counter) histogram() Histogram {
	return Histogram{From: math.Ldexp(float64(c.first), c.exponent),
		To: math.Ldexp(float64(c.first+int64(len(c.counts))), c.exponent), Counts: c.counts}
}
