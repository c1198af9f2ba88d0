// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package scheduler_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/scheduler"
)

type env map[string]string

func (e env) lookup(name string) (string, bool) {
	value, there := e[name]
	return value, there
}

func slurm(id, first, last, step, count string) env {
	return env{"SLURM_ARRAY_TASK_ID": id, "SLURM_ARRAY_TASK_MIN": first, "SLURM_ARRAY_TASK_MAX": last,
		"SLURM_ARRAY_TASK_STEP": step, "SLURM_ARRAY_TASK_COUNT": count}
}

func engine(id, first, last, step string) env {
	return env{"SGE_TASK_ID": id, "SGE_TASK_FIRST": first, "SGE_TASK_LAST": last, "SGE_TASK_STEPSIZE": step}
}

func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		env           env
		scheduler     string
		shard, shards int
		says          string
	}{
		"Slurm from 1":         {slurm("3", "1", "12", "1", "12"), "Slurm", 2, 12, ""},
		"Slurm from 0":         {slurm("0", "0", "11", "1", "12"), "Slurm", 0, 12, ""},
		"Slurm's last":         {slurm("11", "0", "11", "1", "12"), "Slurm", 11, 12, ""},
		"Slurm from 5":         {slurm("7", "5", "8", "1", "4"), "Slurm", 2, 4, ""},
		"Slurm in steps":       {slurm("8", "0", "22", "4", "6"), "Slurm", 2, 6, ""},
		"Slurm, an uneven end": {slurm("8", "0", "11", "4", "3"), "Slurm", 2, 3, ""},
		"Slurm, one task":      {slurm("4", "4", "4", "1", "1"), "Slurm", 0, 1, ""},
		"Slurm with gaps": {slurm("7", "3", "11", "1", "3"), "", 0, 0, "its array has gaps (3 tasks from 3 " +
			"to 11): set CONVSCOPE_SHARDS to the number of tasks in the job's script, with tasks from 0 on, or"},
		"Slurm without a count": {env{"SLURM_ARRAY_TASK_ID": "3"}, "", 0, 0,
			"it doesn't say how many tasks there are: set CONVSCOPE_SHARDS"},
		"Slurm, a wrong number": {slurm("x", "1", "12", "1", "12"), "", 0, 0,
			`from Slurm: SLURM_ARRAY_TASK_ID is "x": it must be a whole number`},
		"Slurm, a wrong step": {slurm("1", "1", "12", "0", "12"), "", 0, 0, "SLURM_ARRAY_TASK_STEP is 0"},
		"Slurm, outside": {slurm("13", "1", "12", "1", "12"), "", 0, 0,
			"SLURM_ARRAY_TASK_ID is 13, which is none of 12 from 1 on"},
		"Slurm, before":          {slurm("0", "1", "12", "1", "12"), "", 0, 0, "which is none of 12 from 1 on"},
		"Slurm, between":         {slurm("3", "1", "9", "4", "3"), "", 0, 0, "which is none of 3 from 1 on"},
		"Slurm without an array": {env{"SLURM_JOB_ID": "7", "SLURM_PROCID": "0"}, "", 0, 0, scheduler.ErrNone.Error()},
		"Kubernetes":             {env{"JOB_COMPLETION_INDEX": "0", "CONVSCOPE_SHARDS": "12"}, "Kubernetes", 0, 12, ""},
		"Kubernetes' last":       {env{"JOB_COMPLETION_INDEX": "11", "CONVSCOPE_SHARDS": "12"}, "Kubernetes", 11, 12, ""},
		"Kubernetes, no count": {env{"JOB_COMPLETION_INDEX": "3"}, "", 0, 0,
			"set CONVSCOPE_SHARDS to the job's completions in the manifest's env"},
		"Kubernetes, too few": {env{"JOB_COMPLETION_INDEX": "12", "CONVSCOPE_SHARDS": "12"}, "", 0, 0,
			"is 12, which is none of 12 from 0 on"},
		"PBS":           {env{"PBS_ARRAY_INDEX": "12", "CONVSCOPE_SHARDS": "12"}, "PBS", 11, 12, ""},
		"PBS, no count": {env{"PBS_ARRAY_INDEX": "12"}, "", 0, 0, "from PBS: it doesn't say how many"},
		"PBS from 0": {env{"PBS_ARRAY_INDEX": "0", "CONVSCOPE_SHARDS": "12"}, "", 0, 0,
			"which is none of 12 from 1 on"},
		"Torque":               {env{"PBS_ARRAYID": "1", "CONVSCOPE_SHARDS": "3"}, "Torque", 0, 3, ""},
		"Grid Engine":          {engine("5", "1", "12", "1"), "Grid Engine", 4, 12, ""},
		"Grid Engine in steps": {engine("7", "1", "10", "3"), "Grid Engine", 2, 4, ""},
		"Grid Engine, no array": {engine("undefined", "undefined", "undefined", "undefined"), "", 0, 0,
			scheduler.ErrNone.Error()},
		"AWS Batch": {env{"AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "1000"},
			"AWS Batch", 0, 1000, ""},
		"AWS Batch, no size": {env{"AWS_BATCH_JOB_ARRAY_INDEX": "0"}, "", 0, 0,
			"to the array's size in the job's environment"},
		"LSF": {env{"LSB_JOBINDEX": "4", "LSB_JOBINDEX_END": "12", "LSB_JOBINDEX_STEP": "1"},
			"LSF", 3, 12, ""},
		"LSF in steps": {env{"LSB_JOBINDEX": "5", "LSB_JOBINDEX_END": "12", "LSB_JOBINDEX_STEP": "4"},
			"LSF", 1, 3, ""},
		"LSF, no array": {env{"LSB_JOBINDEX": "0"}, "", 0, 0, scheduler.ErrNone.Error()},
		"nothing": {env{}, "", 0, 0,
			"give --shard I/N, such as 0/12 for the first of twelve, or start it as an array of Slurm, Kubernetes,"},
		"a number alone": {env{"CONVSCOPE_SHARDS": "12"}, "", 0, 0, scheduler.ErrNone.Error()},
		"empty":          {env{"SLURM_ARRAY_TASK_ID": " "}, "", 0, 0, scheduler.ErrNone.Error()},
		"two": {env{"SLURM_ARRAY_TASK_ID": "1", "JOB_COMPLETION_INDEX": "0"}, "", 0, 0,
			"both Slurm (SLURM_ARRAY_TASK_ID) and Kubernetes"},
		"no tasks": {env{"PBS_ARRAY_INDEX": "1", "CONVSCOPE_SHARDS": "0"}, "", 0, 0, "which is none of 0"},
		"a wrong number": {env{"PBS_ARRAY_INDEX": "1", "CONVSCOPE_SHARDS": "1e3"}, "", 0, 0,
			`CONVSCOPE_SHARDS is "1e3"`},
		"a vast number": {env{"PBS_ARRAY_INDEX": "1", "CONVSCOPE_SHARDS": "99999999999999999999"}, "", 0,
			0, "CONVSCOPE_SHARDS is"},
		"below zero": {env{"PBS_ARRAY_INDEX": "-1", "CONVSCOPE_SHARDS": "3"}, "", 0, 0, "PBS_ARRAY_INDEX is"},
	} {
		t.Run(name, func(t *testing.T) {
			task, err := scheduler.Read(test.env.lookup)
			if test.says != "" {
				require.ErrorContains(t, err, test.says)
				require.NotContains(t, err.Error(), "\n")
				require.Equal(t, test.says == scheduler.ErrNone.Error() || name == "nothing", errors.Is(err, scheduler.ErrNone))
				return
			}
			require.NoError(t, err)
			require.Equal(t, scheduler.Task{Scheduler: test.scheduler, Shard: test.shard, Shards: test.shards}, task)
		})
	}
}

// TestSomeOfAnArray resubmits two tasks of an array: with the whole number given they are the same shards again.
func TestSomeOfAnArray(t *testing.T) {
	for id, shard := range map[string]int{"3": 3, "11": 11} {
		again := slurm(id, "3", "11", "1", "2")
		again[scheduler.EnvShards] = "12"
		task, err := scheduler.Read(again.lookup)
		require.NoError(t, err)
		require.Equal(t, scheduler.Task{Scheduler: "Slurm", Shard: shard, Shards: 12}, task)
	}
	whole := slurm("1", "1", "12", "1", "12") // the same number, and numbered otherwise
	whole[scheduler.EnvShards] = "12"
	task, err := scheduler.Read(whole.lookup)
	require.NoError(t, err)
	require.Equal(t, 0, task.Shard)
}
