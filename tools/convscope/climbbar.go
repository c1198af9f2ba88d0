// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"convscope/internal/progress"
	"convscope/pkg/ascent"
)

// climbBarTime is how much time may pass between two moves of a bar.
const climbBarTime = 300 * time.Millisecond

// climbBar is the bar of an ascent; when silent filters are woken, another one takes its place.
type climbBar struct {
	label string
	bar   progress.Bar
	work  int // picture-steps known of
	woken int // of them, before the last try to wake filters
}

// newClimbBar shows a bar for that many pictures and steps each.
func newClimbBar(label string, pictures, steps int) *climbBar {
	return &climbBar{label: label, bar: progress.New(label, int64(pictures*steps), progress.Steps),
		work: pictures * steps}
}

// step is the ascent's [ascent.Options.Progress].
func (b *climbBar) step(p ascent.Progress) {
	if p.Total > b.work {
		b.bar.Done()
		b.bar = progress.New(b.label+", waking silent filters", int64(p.Total-p.Done+1), progress.Steps)
		b.work, b.woken = p.Total, p.Done-1
	}
	b.bar.Set(int64(p.Done - b.woken))
}

// done takes the bar away.
func (b *climbBar) done() { b.bar.Done() }
