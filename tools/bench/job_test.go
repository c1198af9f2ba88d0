// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/bench"
)

func TestParseJobs(t *testing.T) {
	for name, test := range map[string]struct{ names, want, problem string }{
		"all":              {"", "ABCDEFGHIJKL", ""},
		"one":              {"C", "C", ""},
		"in their order":   {"e,A", "AE", ""},
		"twice":            {"A, A", "A", ""},
		"unknown":          {"A,Z", "", `unknown job "Z": choose from A,B,C,D,E,F,G,H,I,J,K,L`},
		"a comma too many": {"A,", "", `unknown job "": choose from A,B,C,D,E,F,G,H,I,J,K,L`},
	} {
		t.Run(name, func(t *testing.T) {
			jobs, err := bench.ParseJobs(test.names)
			if test.problem != "" {
				require.EqualError(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			got := ""
			for _, job := range jobs {
				got += job.Name
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestParsePeers(t *testing.T) {
	for name, test := range map[string]struct{ names, want, problem string }{
		"all":     {"", "torch keras jax", ""},
		"some":    {"jax,Torch", "torch jax", ""},
		"unknown": {"mxnet", "", `unknown peer "mxnet": choose from torch,keras,jax`},
	} {
		t.Run(name, func(t *testing.T) {
			peers, err := bench.ParsePeers(test.names)
			if test.problem != "" {
				require.EqualError(t, err, test.problem)
				return
			}
			require.NoError(t, err)
			var got []string
			for _, peer := range peers {
				got = append(got, peer.Name)
			}
			require.Equal(t, test.want, strings.Join(got, " "))
		})
	}
}
