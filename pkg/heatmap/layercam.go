// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// layerCAM is LayerCAM (Jiang et al. 2021, IEEE TIP 30): the positive part of the gradient times the activation at
// each place.
func layerCAM(activations, gradients *Node) *Node {
	return Mul(MaxScalar(gradients, 0), activations) // [batch, h, w, channels]
}
