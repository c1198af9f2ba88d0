// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package scheduler tells a process that a cluster's scheduler started as one of many which of them it is:
//
//	task, err := scheduler.Read(os.LookupEnv)
//	if errors.Is(err, scheduler.ErrNone) {
//		// it was started by hand
//	}
//	fmt.Println(task.Shard, task.Shards) // 2 12
//
// One table says which environment variables hold that.
package scheduler
