// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"math"

	"convscope/pkg/layer"
)

// withoutCeiling is an activation that goes on rising where the layer's own stops at a maximum, as ReLU6 does at 6,
// and whether that is another one. A picture climbs by it: once a filter fires as much as it can at all places,
// nothing would be left that leads further, and patterns would stay pale.
func withoutCeiling(a layer.Activation) (open layer.Activation, another bool) {
	switch a := a.(type) {
	case layer.ReLU:
		another = a.Max != 0
		a.Max = 0
		return a, another
	case layer.Clip:
		another = !math.IsInf(a.Max, 1)
		a.Max = math.Inf(1)
		return a, another
	}
	return a, false
}
