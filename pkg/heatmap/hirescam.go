// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// hiResCAM is HiResCAM (Draelos and Carin 2020, arXiv:2011.08891): gradient times activation at each place. For a
// score that is linear above the layer, the map's sum is the score without its bias.
func hiResCAM(activations, gradients *Node) *Node {
	return Mul(gradients, activations) // [batch, h, w, channels]
}
