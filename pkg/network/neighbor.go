// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import "convscope/pkg/neighbor"

// Neighbors returns which filters feed those of a layer, and which ones they feed, with the kernels between them, at
// most so many of each kind; without filters, those of all. See [neighbor.Find].
func (t *Table) Neighbors(layer string, most int, filters ...int) ([]neighbor.Filter, error) {
	return neighbor.Find(t.net, layer, most, filters...)
}

// MustNeighbors is [Table.Neighbors] for notebook cells: errors panic.
func (t *Table) MustNeighbors(layer string, most int, filters ...int) []neighbor.Filter {
	return must(t.Neighbors(layer, most, filters...))
}
