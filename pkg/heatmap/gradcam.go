// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// gradCAM is Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391): a channel's weight is the mean of its gradient over
// all places.
func gradCAM(activations, gradients *Node) *Node {
	weights := ReduceAndKeep(gradients, ReduceMean, 1, 2) // [batch, 1, 1, channels]
	return Mul(weights, activations)                      // [batch, h, w, channels]
}
