// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRank adds places with many equal activations in any order.
func TestRank(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	var all []place
	for i := range 200 {
		all = append(all, place{activation: float32(r.IntN(5)), photo: r.IntN(10), frame: r.IntN(3), at: i})
	}
	want := slices.SortedFunc(slices.Values(all), place.before)
	for _, most := range []int{1, 7, 200, 300} {
		for range 5 {
			r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
			var kept rank
			for _, p := range all {
				kept.add(p, most)
			}
			require.Equal(t, want[:min(most, len(want))], []place(kept))
		}
	}
}

// TestApart keeps the strongest of pieces that overlap, from whichever pictures of a photograph.
func TestApart(t *testing.T) {
	at := func(activation float32, frame, x int) place {
		return place{activation: activation, frame: frame, piece: image.Rect(x, 0, x+10, 10)}
	}
	places := []place{at(1, 0, 40), at(5, 1, 0), at(4, 0, 9), at(3, 0, 10), at(3, 1, 15), at(2, 1, 80)}
	require.Equal(t, []place{at(5, 1, 0), at(3, 0, 10), at(2, 1, 80)}, apart(slices.Clone(places), 3))
	require.Equal(t, []place{at(5, 1, 0), at(3, 0, 10), at(2, 1, 80), at(1, 0, 40)}, apart(slices.Clone(places), 9))
	require.Equal(t, []place{at(5, 1, 0)}, apart(places, 1))
}
