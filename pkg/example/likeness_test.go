// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/example"
)

// along are correlations of filters that lie on a line, in the order given: the nearer, the more alike.
func along(order []int) [][]float32 {
	n := len(order)
	alike := make([][]float32, n)
	for i := range alike {
		alike[i] = make([]float32, n)
	}
	for a, i := range order {
		for b, k := range order {
			alike[i][k] = float32(math.Exp(-math.Abs(float64(a-b)) / 3))
		}
	}
	return alike
}

// neighbors is how alike neighbours in an order are, in all.
func neighbors(alike [][]float32, order []int) (sum float64) {
	for i := 1; i < len(order); i++ {
		sum += float64(alike[order[i-1]][order[i]])
	}
	return sum
}

func TestLikeness(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 2, 3, 10, 64} {
		order := r.Perm(n)
		got := example.Likeness(along(order))
		if order[0] > order[n-1] {
			slices.Reverse(order)
		}
		require.Equal(t, order, got)
	}
	require.Empty(t, example.Likeness(nil))

	n := 100 // of no order: far better than by number, a permutation, the same again
	alike := along(r.Perm(n))
	for i := range alike {
		for k := range i {
			alike[i][k] = r.Float32()*2 - 1
			alike[k][i] = alike[i][k]
		}
	}
	got := example.Likeness(alike)
	require.Greater(t, neighbors(alike, got), 0.8*float64(n))
	require.Equal(t, got, example.Likeness(alike))
	slices.Sort(got)
	for i, filter := range got {
		require.Equal(t, i, filter)
	}

	silent := make([][]float32, 4) // nothing is like anything
	for i := range silent {
		silent[i] = make([]float32, 4)
	}
	require.Equal(t, []int{0, 1, 2, 3}, example.Likeness(silent))
}
