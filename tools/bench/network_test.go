// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/bench"
)

func TestAble(t *testing.T) {
	torch, err := bench.ParsePeers("torch,jax")
	require.NoError(t, err)
	jax, err := bench.ParsePeers("jax")
	require.NoError(t, err)
	for name, test := range map[string]struct {
		peers         []bench.Peer
		jobs          string
		asked         bool
		want, problem string
	}{
		"all with PyTorch":    {torch, "", false, "ABCDEFGHIJKL", ""},
		"all without":         {jax, "", false, "ABCDEF", ""},
		"asked with PyTorch":  {torch, "B,H", true, "BH", ""},
		"asked without":       {nil, "B,H", true, "", "job H is beside PyTorch, which makes the network: add --peer torch"},
		"VGG16 asked without": {jax, "B", true, "B", ""},
	} {
		t.Run(name, func(t *testing.T) {
			jobs, err := bench.ParseJobs(test.jobs)
			require.NoError(t, err)
			able, err := bench.Bench{Peers: test.peers}.Able(jobs, test.asked)
			if test.problem != "" {
				require.EqualError(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			got := ""
			for _, job := range able {
				got += job.Name
			}
			require.Equal(t, test.want, got)
		})
	}
}

// TestNetworks lets PyTorch make each network and climb in it as we do, to the same loss.
func TestNetworks(t *testing.T) {
	level.OnlyFull(t, "installs PyTorch")
	t.Setenv(childEnv, "real")
	jobs, err := bench.ParseJobs("G,I,K")
	require.NoError(t, err)
	peers, err := bench.ParsePeers("torch")
	require.NoError(t, err)
	b := bench.Bench{Worker: []string{os.Args[0]}, Peers: peers, Rounds: 1, Steps: 5,
		Report: func(line string) { t.Log(line) }}
	report, err := b.Run(t.Context(), jobs)
	require.NoError(t, err)
	require.Len(t, report.Jobs, 3)
	require.Empty(t, report.Unlike())
	for _, job := range report.Jobs {
		require.Empty(t, job.Problem)
		require.Len(t, job.Sides, 2)
		for _, side := range job.Sides {
			require.Empty(t, side.Problem, job.Name)
			require.Len(t, side.Losses, 1)
		}
		require.Less(t, job.Sides[1].Summary.Losses.Worst, 0.01)
	}
}
