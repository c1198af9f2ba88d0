// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"testing"

	"convscope/notebooks/check"
)

func TestHeldDown(t *testing.T) {
	net, _ := small(t)
	fed := net.MustNeighbors("block4_conv1", 1<<16, 3)[0].FedBy
	worst, best := -1, -1
	for _, n := range fed { // the largest first
		if n.Weight < 0 && worst < 0 {
			worst = n.Filter
		} else if n.Weight > 0 && best < 0 {
			best = n.Filter
		}
	}
	for filter := range len(fed) {
		requireVerdict(t, filter == worst, func() bool { return check.HeldDown(net, "block4_conv1", 3, filter) })
	}
	requireVerdict(t, false, func() bool { return check.HeldDown(net, "block4_conv1", 3, best) })
	requireVerdict(t, false, func() bool { return check.HeldDown(net, "block4_conv1", 3, -1) })
	requireVerdict(t, false, func() bool { return check.HeldDown(net, "block4_conv1", 1<<20, worst) })
	requireVerdict(t, false, func() bool { return check.HeldDown(net, "block4", 3, worst) })
}

func TestHeldDownByRealWeights(t *testing.T) {
	net := load(t)
	requireVerdict(t, true, func() bool { return check.HeldDown(net, "block4_conv1", 3, 93) })
	requireVerdict(t, false, func() bool { return check.HeldDown(net, "block4_conv1", 3, 79) })
}
