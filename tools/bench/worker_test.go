// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/tools/bench"
	"convscope/vgg16"
)

// serveReal acts as our worker, with the real model.
func serveReal(path string) error {
	return bench.Serve(context.Background(), path, os.Stdin, os.Stdout,
		func(ctx context.Context, file string) (*network.Model, error) {
			dev, err := device.NewContext(ctx, device.Options{})
			if err != nil {
				return nil, err
			}
			if file != "" {
				return network.Open(ctx, dev, network.Options{Model: file, Input: "raw"})
			}
			return vgg16.LoadContext(ctx, dev, vgg16.Options{})
		})
}

func TestRealModel(t *testing.T) {
	level.Real(t, "needs the real weights and XLA")
	t.Setenv(childEnv, "real")
	jobs, err := bench.ParseJobs("A")
	require.NoError(t, err)
	b := bench.Bench{Worker: []string{os.Args[0]}, Rounds: 1, Steps: 2, Report: func(line string) { t.Log(line) }}
	report, err := b.Run(t.Context(), jobs)
	require.NoError(t, err)
	require.True(t, report.Measured())
	us := report.Jobs[0].Sides[0]
	require.Contains(t, us.About, "convscope, ")
	require.Len(t, us.Seconds, 1)
	require.Len(t, us.Losses, 1)
	require.Greater(t, us.Losses[0], 1.0)
	require.Greater(t, us.PeakBytes, int64(100<<20))
}
