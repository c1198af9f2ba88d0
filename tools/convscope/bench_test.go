// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
)

// TestBenchJobs lets the real command do the jobs that start processes of it: a sheet, whose dead filters stay dead as
// with the peers, and the whole way to a PNG.
func TestBenchJobs(t *testing.T) {
	level.Real(t, "computes on XLA")
	dir := t.TempDir()
	out, err := process("bench", "--jobs", "C,E", "--rounds", "1", "--steps", "2", "--out", dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NotContains(t, string(out), "not measured")
	require.FileExists(t, filepath.Join(dir, "bench.json"))
}
