// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package scheduler_test

import (
	"fmt"

	"convscope/internal/scheduler"
)

func Example() {
	variables := map[string]string{"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "11",
		"SLURM_ARRAY_TASK_STEP": "1", "SLURM_ARRAY_TASK_COUNT": "12"} // in a program: os.LookupEnv
	task, err := scheduler.Read(func(name string) (string, bool) {
		value, there := variables[name]
		return value, there
	})
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s: shard %d/%d\n", task.Scheduler, task.Shard, task.Shards)
	// Output:
	// Slurm: shard 2/12
}
