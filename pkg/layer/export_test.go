// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// ForCard builds graphs as for a graphics card, until the test ends.
func ForCard(t *testing.T) {
	before := onCard
	onCard = func(*graph.Graph) bool { return true }
	t.Cleanup(func() { onCard = before })
}
