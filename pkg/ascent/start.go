// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import "math/rand/v2"

// Noise fills dst with the book's gray noise: uniform in [128, 148), drawn from the seed and the filter alone.
//
// The same seed and filter always give the same numbers, on every machine, whatever else is drawn.
func Noise(dst []float32, seed uint64, filter int) {
	source := rand.NewPCG(seed, uint64(filter))
	for i := range dst {
		uniform := float32(source.Uint64()>>40) / (1 << 24) // [0, 1), 24 bits: exact in float32
		dst[i] = uniform*20 + 128
	}
}
