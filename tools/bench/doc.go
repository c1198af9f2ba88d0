// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package bench measures how fast patterns come, beside the same jobs in PyTorch, in Keras on TensorFlow, and in JAX.
//
// All sides start from the same pictures with the same weights and must reach the same loss. Each is a process of its
// own that loads, compiles and warms up first. Then rounds alternate: each round runs every side once while the others
// wait, another one first each time, so that whatever else the machine does meets all alike. One stopwatch, that of
// the process that asks, times all of them.
//
//	b := bench.Bench{Worker: []string{self, "bench-worker"}, Rounds: 5, Steps: 40}
//	report, err := b.Run(ctx, bench.Jobs())
//	fmt.Print(report.Markdown())
package bench
