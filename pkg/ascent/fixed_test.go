// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent_test

import (
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/ascent"
)

// TestFixedBatch makes pictures in batches of a fixed size: alone, among others and in another order they are the
// same, to the last digit, and Progress is called at the stops.
func TestFixedBatch(t *testing.T) {
	level.Real(t, "needs XLA")
	dev, err := xlaDevice()
	require.NoError(t, err)
	o := ascent.Options{Size: 24, Steps: 50, Step: 0.5, Batch: 3, Fixed: true}
	both, err := ascent.Run(t.Context(), layered(t, dev, true, 0.3), o)
	require.NoError(t, err)
	require.Equal(t, 3, both.Options.Batch)
	pictures := tensors.MustCopyFlatData[float32](both.Pictures)
	for _, filters := range [][]int{{0}, {1}, {1, 0}, {0, 1, 0, 1}} {
		target := layered(t, dev, true, 0.3)
		target.Filters = filters
		var seen []int
		o := o
		o.Every, o.Stops = time.Hour, []int{1, 7, 8, 33}
		o.Progress = func(p ascent.Progress) { seen = append(seen, p.Step) }
		alone, err := ascent.Run(t.Context(), target, o)
		require.NoError(t, err)
		for _, stop := range append(o.Stops, 50) {
			require.Contains(t, seen, stop)
		}
		values := tensors.MustCopyFlatData[float32](alone.Pictures)
		size := len(pictures) / 2
		for i, filter := range filters {
			require.Equal(t, pictures[filter*size:(filter+1)*size], values[i*size:(i+1)*size], "filter %d of %v",
				filter, filters)
		}
	}
}

// TestFixedBatchIsRefused where nobody says how large it is, and where memory doesn't hold it.
func TestFixedBatchIsRefused(t *testing.T) {
	require.ErrorContains(t, ascent.Options{Fixed: true}.Check(1), "a fixed one takes a number")
	target := ascent.Target{
		Filters: []int{0}, PictureBytes: func(height, width int) int64 {
			return 1 << 20
		}, Memory: func() int64 { return 5 << 20 },
	}
	require.NoError(t, target.Check(ascent.Options{Size: 24, Batch: 4, Fixed: true}))
	var memory *ascent.MemoryError
	require.ErrorAs(t, target.Check(ascent.Options{Size: 24, Batch: 5, Fixed: true}), &memory)
	require.NoError(t, target.Check(ascent.Options{Size: 24, Batch: 5}), "smaller ones will do")
}
