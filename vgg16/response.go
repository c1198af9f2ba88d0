// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Response is how a layer answers to pictures: [n][filters] activations each.
type Response struct {
	// Mean is over all places, Peak at the place that answers most.
	Mean, Peak [][]float32
}

// Responses runs the model on pictures of gray levels, float32 [n, height, width, 3], and returns how each layer answers, in the order of the names.
// photographic says that the pictures are fed as photographs, see [Preprocess].
func (m *Model) Responses(pictures *tensors.Tensor, photographic bool, layers ...string) ([]Response, error) {
	if err := known(layers); err != nil {
		return nil, err
	}
	outputs, err := m.inBatches(pictures, func(scope *model.Scope, x *Node) []*Node {
		if photographic {
			x = Preprocess(x)
		}
		var outputs []*Node
		for _, output := range Activations(scope, x, layers...) {
			outputs = append(outputs, ReduceMean(output, 1, 2), ReduceMax(output, 1, 2)) // [n, filters] each
		}
		return outputs
	})
	if err != nil {
		return nil, err
	}
	responses := make([]Response, len(layers))
	for i := range responses {
		responses[i] = Response{rows(outputs[2*i]), rows(outputs[2*i+1])}
	}
	return responses, nil
}

// rows are the rows of a matrix.
func rows(matrix *tensors.Tensor) [][]float32 {
	values, width := tensors.MustCopyFlatData[float32](matrix), matrix.Shape().Dim(1)
	var all [][]float32
	for len(values) > 0 {
		all, values = append(all, values[:width]), values[width:]
	}
	return all
}
