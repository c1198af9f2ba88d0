// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check

import "convscope/vgg16"

// HeldDown checks that of all filters that feed a filter of the layer, the answer is the one with the largest weight
// below zero.
func HeldDown(net *vgg16.Model, layer string, filter, answer int) bool {
	return try(func() bool {
		all := net.MustNeighbors(layer, 1<<16, filter)[0].FedBy
		for _, n := range all {
			switch {
			case n.Filter == answer && n.Weight < 0:
				return say(true, "filter %d of %s speaks against filter %d, with %.3f", answer, n.Layer, filter, n.Weight)
			case n.Filter == answer:
				return say(false, "filter %d of %s speaks for filter %d, with +%.3f", answer, n.Layer, filter, n.Weight)
			case n.Weight < 0:
				return say(false, "another filter speaks against it with more")
			}
		}
		return say(false, "nothing that feeds filter %d of %s speaks against it", filter, layer)
	})
}
