// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/pkg/device"
)

func TestTrial(t *testing.T) {
	t.Setenv(fetch.EnvCache, t.TempDir())
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	defer dev.Close()
	fresh := func() *trials { return &trials{device: dev, chosen: make(map[string]Convolution)} }
	s := shape{batch: 1, height: 6, width: 6, in: 4, out: 4}
	const key = "convolution 3x3, 4 to 4 channels, 2^5 positions"

	t.Run("measures each way and remembers", func(t *testing.T) {
		chosen := fresh().choose(s)
		var v verdict
		require.True(t, dev.Recall(key, &v))
		require.Equal(t, chosen, v.Way)
		require.Len(t, v.Milliseconds, 3)
		require.LessOrEqual(t, v.Milliseconds[chosen]*trialGain, min(v.Milliseconds[Direct], v.Milliseconds[Lines], v.Milliseconds[Tiles]))
	})
	t.Run("obeys what it remembers", func(t *testing.T) {
		for _, way := range []Convolution{Direct, Lines, Tiles} {
			dev.Remember(key, verdict{Way: way})
			require.Equal(t, way, fresh().choose(s))
		}
	})
	t.Run("tries again when the memory makes no sense", func(t *testing.T) {
		for _, nonsense := range []any{verdict{Way: "fft"}, "lines", 7} {
			dev.Remember(key, nonsense)
			require.Contains(t, forwardNames, fresh().choose(s))
		}
	})
	t.Run("a large batch is tried with fewer pictures", func(t *testing.T) {
		require.Equal(t, shape{8, 64, 64, 64, 64}, shape{64, 64, 64, 64, 64}.reduced())
		require.Equal(t, shape{1, 448, 448, 64, 64}, shape{4, 448, 448, 64, 64}.reduced())
	})
}

func TestParseConvolution(t *testing.T) {
	for name, want := range map[string]Convolution{"": Auto, "auto": Auto, "direct": Direct, "lines": Lines, "tiles": Tiles} {
		got, err := ParseConvolution(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ParseConvolution("fft")
	require.ErrorContains(t, err, `unknown convolution "fft": choose auto, direct, lines or tiles`)
}
