// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// gradCAMPlusPlus is Grad-CAM++ (Chattopadhay et al. 2018, arXiv:1710.11063, equation 19): a channel's weight is the
// sum over all places of its gradient's positive part times a = g^2 / (2 g^2 + S g^3), where S is the sum of its
// activations.
//
// It is written without the g^2 on both sides, so that it needs no small number below. pytorch-grad-cam adds 1e-6
// there, which outweighs the rest where gradients are below a thousandth, as they are behind a mean over many places;
// the maps then differ.
func gradCAMPlusPlus(activations, gradients *Node) *Node {
	total := ReduceAndKeep(activations, ReduceSum, 1, 2) // [batch, 1, 1, channels]
	below := AddScalar(Mul(total, gradients), 2)         // [batch, h, w, channels]
	nothing := ZerosLike(below)
	each := Where(Equal(below, nothing), nothing, Reciprocal(below))              // [batch, h, w, channels]
	weights := ReduceAndKeep(Mul(MaxScalar(gradients, 0), each), ReduceSum, 1, 2) // [batch, 1, 1, channels]
	return Mul(weights, activations)                                              // [batch, h, w, channels]
}
