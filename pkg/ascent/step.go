// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// epsilon keeps the normalisation of a zero gradient from dividing by zero; the book's value.
const epsilon = 1e-5

// Normalize divides each picture's gradient by its root mean square (plus 1e-5), so that a step is equally long
// whatever the layer. gradients is [batch, height, width, 3]; so is the result. It also returns the root mean
// squares, [batch]. The book calls this an L2 norm; it is the RMS.
func Normalize(gradients *Node) (normalized, rms *Node) {
	rms = Sqrt(ReduceMean(Square(gradients), 1, 2, 3))     // [batch]
	scale := Reshape(AddScalar(rms, epsilon), -1, 1, 1, 1) // [batch, 1, 1, 1]
	return Div(gradients, scale), rms
}

// stepGraph builds one step of gradient ascent on a batch of pictures.
//
// The pictures [batch, height, width, 3], the filters [batch] and the lengths of their steps [batch] are all inputs of the compiled program,
// so that turning any of these knobs compiles nothing again. A length of zero leaves its picture as it is. It returns the pictures after the step, and from before it
// the losses and the gradients' root mean squares, both [batch].
func stepGraph(objective Objective) func(scope *model.Scope, pictures, filters, lengths *Node) (next, losses, rms *Node) {
	return func(scope *model.Scope, pictures, filters, lengths *Node) (next, losses, rms *Node) {
		losses = objective(scope, pictures, filters) // [batch]
		// Each loss depends on its own picture only, so the gradient of their sum holds each one's own gradient.
		gradients := Gradient(ReduceAllSum(losses), pictures)[0] // [batch, height, width, 3]
		gradients, rms = Normalize(gradients)
		lengths = Reshape(lengths, -1, 1, 1, 1) // [batch, 1, 1, 1]
		return Add(pictures, Mul(gradients, lengths)), losses, rms
	}
}
