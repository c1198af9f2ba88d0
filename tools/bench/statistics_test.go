// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/bench"
)

func TestMedian(t *testing.T) {
	for name, test := range map[string]struct {
		values []float64
		want   float64
	}{
		"one":  {[]float64{3}, 3},
		"odd":  {[]float64{9, 1, 2}, 2},
		"even": {[]float64{4, 1, 2, 9}, 3},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, bench.Median(test.values)) })
	}
}

func TestPaired(t *testing.T) {
	// Both slow down together: the medians' ratio would be 1 / 2 as well, but round by round it is so each time.
	require.Equal(t, 0.5, bench.Paired([]float64{1, 10, 2}, []float64{2, 20, 4}))
	require.Equal(t, 0.5, bench.Paired([]float64{1, 10, 2}, []float64{2}), "a peer that failed after a round")
}

func TestAgree(t *testing.T) {
	for name, test := range map[string]struct {
		us, them []float64
		want     *bench.Agreement
	}{
		"the same": {[]float64{1, 2}, []float64{1, 2}, &bench.Agreement{Same: true}},
		"one filter off": {[]float64{100, 100}, []float64{100, 101},
			&bench.Agreement{Mean: 0.005, Same: true, Worst: 0.01, WorstFilter: 1}},
		"too far":           {[]float64{100}, []float64{102}, &bench.Agreement{Mean: 0.02, Worst: 0.02}},
		"weak ones ignored": {[]float64{1000, 1}, []float64{1000, 3}, &bench.Agreement{Mean: 2. / 1001, Same: true}},
		"all dead":          {[]float64{0, 0}, []float64{0, 0}, &bench.Agreement{Same: true}},
		"others missing":    {[]float64{1, 2}, []float64{1}, nil},
		"ours missing":      {nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, bench.Agree(test.us, test.them)) })
	}
}
