// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Objective is a graph function that says how well each picture of a batch pleases the filter it is made for.
//
// It takes pictures [batch, height, width, 3] and one filter index for each picture, [batch] int32, and returns
// one loss each, [batch]. Each loss may depend on its own picture only.
type Objective func(scope *model.Scope, pictures, filters *Node) *Node

// ChannelMean is the book's objective: the mean over all positions of a layer's output at one filter
// (Chollet, "Deep Learning with Python", 1st edition, 5.4.2).
//
// activation takes pictures [batch, height, width, 3] to the layer's output [batch, h, w, channels].
func ChannelMean(activation func(scope *model.Scope, pictures *Node) *Node) Objective {
	return func(scope *model.Scope, pictures, filters *Node) *Node {
		output := activation(scope, pictures)                             // [batch, h, w, channels]
		perChannel := ReduceMean(output, 1, 2)                            // [batch, channels]
		chosen := OneHot(filters, output.Shape().Dim(-1), output.DType()) // [batch, channels]
		return ReduceSum(Mul(perChannel, chosen), 1)                      // [batch]
	}
}
