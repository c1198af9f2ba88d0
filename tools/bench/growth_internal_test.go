// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExponent(t *testing.T) {
	x := []float64{1, 2, 4, 8}
	for name, test := range map[string]struct {
		y    []float64
		want float64
	}{
		"constant":  {[]float64{3, 3, 3, 3}, 0},
		"linear":    {[]float64{5, 10, 20, 40}, 1},
		"quadratic": {[]float64{1, 4, 16, 64}, 2},
	} {
		t.Run(name, func(t *testing.T) { require.InDelta(t, test.want, exponent(x, test.y), 1e-9) })
	}
}

func TestSweepsAreShown(t *testing.T) {
	all := sweeps()
	require.Len(t, all, 3)
	require.Len(t, all[2].Points, 13)
	for s := range all {
		for p := range all[s].Points {
			all[s].Points[p].Seconds, all[s].Points[p].PeakBytes = float64(p+1)/1000, int64(p+1)<<20
		}
		all[s].fit()
		require.Contains(t, all[s].Markdown(), "| 3.0 | 3 MiB |")
		plot, err := all[s].Plot()
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(plot, "<svg"), "%.40s", plot)
	}
}

// TestGrow runs a command in place of convscope grid that only writes the trace, or fails.
func TestGrow(t *testing.T) {
	command := func(t *testing.T, body string) []string {
		path := filepath.Join(t.TempDir(), "grid")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755))
		return []string{path}
	}
	quiet := func(string) {}
	t.Run("measures all points", func(t *testing.T) {
		all, err := Grow(context.Background(),
			command(t, `for last; do :; done; echo '{"seconds":{"ascent":0.6}}' > "$last"`), quiet)
		require.NoError(t, err)
		require.InDelta(t, 0.1, all[0].Points[0].Seconds, 1e-9)
		require.InDelta(t, 0, all[0].TimeExponent, 1e-9)
		require.Positive(t, all[2].Points[12].PeakBytes)
	})
	t.Run("tells the last line of a failure", func(t *testing.T) {
		_, err := Grow(context.Background(), command(t, "echo one >&2; echo no memory >&2; exit 1"), quiet)
		require.EqualError(t, err, "64 px: no memory")
	})
	t.Run("stops", func(t *testing.T) {
		ctx, stop := context.WithCancel(context.Background())
		stop()
		_, err := Grow(ctx, command(t, "sleep 60"), quiet)
		require.ErrorIs(t, err, context.Canceled)
	})
}
