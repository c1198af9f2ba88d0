// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOwnShard asks the flag first, then the scheduler.
func TestOwnShard(t *testing.T) {
	for name, test := range map[string]struct {
		flag, index, shards string
		shard, of           int
		says                string
	}{
		"by hand":            {"", "", "", 0, 1, ""},
		"the flag":           {"3/4", "", "", 3, 4, ""},
		"a pod":              {"", "11", "12", 11, 12, ""},
		"the flag, in a pod": {"3/4", "11", "12", 3, 4, ""},
		"a pod of unknown": {"", "11", "", 0, 0,
			"the shard from Kubernetes: it doesn't say how many tasks there are: set CONVSCOPE_SHARDS"},
		"a flag beyond":        {"4/4", "", "", 0, 0, "--shard 4/4: give I/N"},
		"a flag of one number": {"4", "", "", 0, 0, "--shard 4: give I/N"},
		"a flag of words":      {"a/b", "", "", 0, 0, "--shard a/b: give I/N"},
		"a flag of none":       {"0/0", "", "", 0, 0, "--shard 0/0: give I/N"},
		"a flag below":         {"-1/4", "", "", 0, 0, "--shard -1/4: give I/N"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, other := range []string{"SLURM_ARRAY_TASK_ID", "PBS_ARRAY_INDEX", "PBS_ARRAYID", "SGE_TASK_ID",
				"AWS_BATCH_JOB_ARRAY_INDEX", "LSB_JOBINDEX"} {
				t.Setenv(other, "")
			}
			t.Setenv("JOB_COMPLETION_INDEX", test.index)
			t.Setenv("CONVSCOPE_SHARDS", test.shards)
			shard, of, err := ownShard(test.flag)
			if test.says != "" {
				require.ErrorContains(t, err, test.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, [2]int{test.shard, test.of}, [2]int{shard, of})
		})
	}
}
