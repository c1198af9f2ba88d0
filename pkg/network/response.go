// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Response is how a layer answers to pictures: [n][filters] activations each.
type Response struct {
	// Mean is over all places, Peak at the place that answers most.
	Mean, Peak [][]float32
}

// Responses runs the model on pictures of gray levels, float32 [n, height, width, channels], and returns how each
// layer answers, in the order of the names. photographic says that the pictures are fed as photographs, see
// [Model.Preprocess].
// The next call for as many pictures of that size compiles nothing.
func (m *Model) Responses(pictures *tensors.Tensor, photographic bool, layers ...string) ([]Response, error) {
	photographic = photographic || m.scaled()
	if err := m.known(layers); err != nil {
		return nil, err
	}
	if err := m.checkMemory(pictures.Shape(), atOnce, layers); err != nil {
		return nil, err
	}
	exec, err := m.responder(photographic, layers)
	if err != nil {
		return nil, fmt.Errorf("computing activations: %w", err)
	}
	outputs, err := inBatchesOf(exec, pictures)
	if err != nil {
		return nil, err
	}
	responses := make([]Response, len(layers))
	for i := range responses {
		responses[i] = Response{rows(outputs[2*i]), rows(outputs[2*i+1])}
	}
	return responses, nil
}

// responder returns the graph of such responses, the same one each time.
func (m *Model) responder(photographic bool, layers []string) (*model.Exec, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := fmt.Sprintf("%t %q", photographic, layers)
	if known := m.responders[key]; known != nil {
		return known, nil
	}
	exec, err := model.NewExec(m.Backend, m.Store, func(scope *model.Scope, x *Node) []*Node {
		if photographic {
			x = m.Preprocess(x)
		}
		var outputs []*Node
		for _, output := range m.Outputs(scope, x, layers...) {
			output = asMap(output)                                                       // [n, h, w, filters]
			outputs = append(outputs, ReduceMean(output, 1, 2), ReduceMax(output, 1, 2)) // [n, filters] each
		}
		return outputs
	})
	if err != nil {
		return nil, err
	}
	m.responders[key] = exec
	return exec, nil
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
