// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"time"
)

// For tests: the parts below the exported functions.
var (
	Median    = median
	Paired    = paired
	Agree     = agree
	Summarize = summarize
)

// SetGrace makes sides have less time to end by themselves, and returns a function that undoes it.
func SetGrace(limit time.Duration) (undo func()) {
	before := grace
	grace = limit
	return func() { grace = before }
}

// Race runs one job in dir between our worker and peers, for all of which python is the command. There are no weights.
func Race(ctx context.Context, b Bench, dir, python string, job Job) (*JobResult, error) {
	b.dir = dir
	var rivals []rival
	for _, peer := range b.Peers {
		rivals = append(rivals, rival{Peer: peer, python: python})
	}
	result := &JobResult{Job: job}
	err := b.race(ctx, result, rivals)
	for _, side := range result.Sides {
		side.Summary = summarize(side, result.Sides[0])
	}
	return result, err
}
