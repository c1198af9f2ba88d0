// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import "math/rand/v2"

// Noise fills dst with the book's gray noise: uniform in [128, 148), drawn from the seed and the filter alone.
//
// The same seed and filter always give the same numbers, on every machine, whatever else is drawn.
func Noise(dst []float32, seed uint64, filter int) {
	uniform(dst, 128, 20, startOf(seed, filter))
}

// startOf draws what a picture starts from.
func startOf(seed uint64, filter int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(filter))) }

// uniform fills dst with numbers from low up to low + span, of 24 bits: exact in float32.
func uniform(dst []float32, low, span float32, random *rand.Rand) {
	for i := range dst {
		unit := float32(random.Uint64()>>40) / (1 << 24) // [0, 1)
		dst[i] = unit*span + low
	}
}

// drawsOf fills dst with the uniform random numbers of one picture's step. They depend on the seed, the filter and the
// step alone.
func drawsOf(dst []float32, seed uint64, filter, step int) {
	uniform(dst, 0, 1, rand.New(rand.NewPCG(seed^0x7472616e73666f72, uint64(filter)<<32|uint64(step))))
}
