// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/display"
)

// TestLiveCurvePromise draws whatever number of values was promised.
func TestLiveCurvePromise(t *testing.T) {
	for _, total := range []int{math.MaxInt, 3, 0, -1, math.MinInt} {
		require.NotPanics(t, func() {
			add := display.LiveCurve("loss", total)
			for _, value := range []float64{1, math.NaN(), math.Inf(1), -math.MaxFloat32} {
				add(float32(value))
			}
		}, total)
	}
}
