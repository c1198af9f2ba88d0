// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/tools/bench"
)

func TestLayerCounts(t *testing.T) {
	for name, test := range map[string]struct {
		layer                 bench.Layer
		direct, fewest, moved float64
	}{
		"large": {bench.Layer{Height: 150, Width: 150, In: 64, Out: 64}, 2 * 9 * 22500 * 4096, 2 * 36 * 38 * 38 * 4096,
			4 * (22500*128 + 9*4096)},
		"small": {bench.Layer{Height: 2, Width: 1, In: 8, Out: 16}, 2 * 9 * 2 * 128, 2 * 16 * 128, 4 * (2*24 + 9*128)},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.direct, test.layer.Direct())
			require.Equal(t, test.fewest, test.layer.Fewest())
			require.Equal(t, test.moved, test.layer.Moved())
			require.Equal(t, test.fewest, test.layer.Bound(bench.Roof{FLOPS: 1, Bytes: 1e30}))
			require.Equal(t, test.moved, test.layer.Bound(bench.Roof{FLOPS: 1e30, Bytes: 1}))
		})
	}
}

func TestLayersAreShown(t *testing.T) {
	roof := bench.Roof{FLOPS: 100e9, Bytes: 10e9}
	all := []bench.Layer{
		{Name: "block1_conv2", Height: 150, Width: 150, In: 64, Out: 64, Seconds: 0.008},
		{Name: "block1_conv2", Backward: true, Height: 150, Width: 150, In: 64, Out: 64, Seconds: 0.01},
	}
	text := bench.LayersMarkdown(roof, all)
	require.Contains(t, text, "A large matrix product reaches 100 GFLOP/s, memory 10.0 GB/s.")
	require.Contains(t, text, "| block1_conv2, back | 150 x 150, 64 to 64 | 10.00 | 166 | 1.7 times | 4.26 | 43 % |")
	plot, err := bench.Roofline(roof, all)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(strings.TrimSpace(plot), "<?xml") ||
		strings.HasPrefix(strings.TrimSpace(plot), "<svg"), plot[:60])
	require.Contains(t, plot, "operations for each byte moved")
}

func TestMeasureLayers(t *testing.T) {
	level.OnlyFull(t, "computes on XLA for half a minute")
	dev, err := device.New(device.Options{Kind: device.CPU})
	require.NoError(t, err)
	defer dev.Close()
	roof, all, err := bench.MeasureLayers(t.Context(), dev, 32, func(string) {})
	require.NoError(t, err)
	require.Len(t, all, 24)
	require.Positive(t, roof.FLOPS)
	require.Positive(t, roof.Bytes)
	for _, l := range all {
		require.Positive(t, l.Seconds, l.Name)
	}
}
