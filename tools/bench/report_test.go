// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/tools/bench"
)

// sample is a report with everything in it.
func sample() *bench.Report {
	jobs := bench.Jobs()
	us := &bench.Side{Name: "convscope", Title: "convscope", About: "convscope, XLA on CPU",
		Seconds: []float64{0.66, 0.65, 0.7}, PeakBytes: 600 << 20, Losses: []float64{23.5}}
	peer := &bench.Side{Name: "torch", Title: "PyTorch", About: "PyTorch 2.15.0, a|b",
		Seconds: []float64{1.32, 1.3, 12.6}, PeakBytes: 3 << 29, Losses: []float64{23.6}}
	absent := &bench.Side{Name: "jax", Title: "JAX", Problem: "JAX: not installed: no connection"}
	for _, side := range []*bench.Side{us, peer, absent} {
		side.Summary = bench.Summarize(side, us)
	}
	part := func(s float64) []float64 { return []float64{s} }
	return &bench.Report{
		When: time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC),
		Machine: bench.Machine{Processor: "A chip", Cores: 2, Memory: 8 << 30, System: "linux/amd64",
			Go: "go1.26", Load: 0.1},
		Steps: 40, Rounds: 3, Peers: true,
		Jobs: []*bench.JobResult{
			{Job: jobs[0], Sides: []*bench.Side{us, peer, absent}},
			{Job: jobs[5], Cells: &bench.Cells{About: "GoNB", Turnaround: part(2.5), Build: part(1.5), Load: part(0.5),
				Compile: part(0.25), Rest: part(0.25), Ascent: part(0.7)}},
		},
	}
}

const sampleMarkdown = `# Bench of 2026-11-24

A chip, 2 cores, 8.0 GiB of memory; linux/amd64; go1.26.
40 steps of 1.0 from the same noise with the same weights; 3 rounds, the sides in turn.

## A: one pattern, the steps alone

block3_conv1, 1 filter, 150 x 150 pixels

|                       | seconds      | least to most  | ours / theirs | by round | peak memory | last loss                                    |
| --------------------- | ------------ | -------------- | ------------- | -------- | ----------- | -------------------------------------------- |
| convscope, XLA on CPU | 0.660        | 0.650 to 0.700 |               |          | 600 MiB     | mean 23.5                                    |
| PyTorch 2.15.0, a/b   | 1.32         | 1.30 to 12.6   | 0.50          | 0.50     | 1.5 GiB     | same: mean off by 0.43 %, filter 0 by 0.43 % |
| JAX                   | not measured |                |               |          |             |                                              |

JAX: not installed: no connection

## F: a changed cell in the notebook, without the steps

block3_conv1, 1 filter, 150 x 150 pixels

| GoNB                                               | seconds | least to most  |
| -------------------------------------------------- | ------- | -------------- |
| from the request to the end, without the ascent    | 2.50    | 2.50 to 2.50   |
| - Go compiles, links and starts the cell           | 1.50    | 1.50 to 1.50   |
| - device and weights                               | 0.500   | 0.500 to 0.500 |
| - XLA compiles the ascent                          | 0.250   | 0.250 to 0.250 |
| - the rest: showing the picture, the kernel's talk | 0.250   | 0.250 to 0.250 |
| (the ascent, not counted above)                    | 0.700   | 0.700 to 0.700 |
`

func TestMarkdown(t *testing.T) {
	require.Equal(t, sampleMarkdown, sample().Markdown())
	t.Run("a peer at another loss", func(t *testing.T) {
		report := sample()
		require.Empty(t, report.Unlike())
		sides := report.Jobs[0].Sides
		sides[1].Losses = []float64{30}
		sides[1].Summary = bench.Summarize(sides[1], sides[0])
		require.Equal(t, []string{"PyTorch in job A (28 %)"}, report.Unlike())
		require.Contains(t, report.Markdown(), "NOT THE SAME: mean off by 28 %")
	})
	t.Run("stopped, on a busy machine", func(t *testing.T) {
		report := sample()
		report.Stopped, report.Machine.Load = true, 2
		require.Contains(t, report.Markdown(), "\nStopped early: this is what was measured so far.\n")
		require.Contains(t, report.Markdown(), "\nThe machine was busy before the bench began (load 2.0)")
	})
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	path, err := sample().Write(dir)
	require.NoError(t, err)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, sampleMarkdown, string(text))
	text, err = os.ReadFile(filepath.Join(dir, "bench.json"))
	require.NoError(t, err)
	var back bench.Report
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, *sample(), back)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 2)
}
