// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Response is how a layer answers to pictures: [n][filters] activations each.
type Response struct {
	// Mean is over all places, Peak at the place that answers most.
	Mean, Peak [][]float32
}

// atOnce is how many pictures [Model.Responses] computes together.
const atOnce = 8

// Responses runs the model on pictures of gray levels, float32 [n, height, width, 3], and returns how each layer answers, in the order of the names.
// photographic says that the pictures are fed as photographs, see [Preprocess].
func (m *Model) Responses(pictures *tensors.Tensor, photographic bool, layers ...string) (responses []Response, err error) {
	for _, name := range layers {
		if _, err := Find(name); err != nil {
			return nil, err
		}
	}
	caught := exceptions.TryCatch[error](func() {
		var exec *model.Exec
		exec, err = model.NewExec(m.Backend, m.Store, func(scope *model.Scope, x *Node) []*Node {
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
			return
		}
		responses = make([]Response, len(layers))
		for _, part := range parts(pictures) {
			outputs, failed := exec.Call(part)
			if failed != nil {
				err = failed
				return
			}
			for i := range responses {
				responses[i].Mean = append(responses[i].Mean, rows(outputs[2*i])...)
				responses[i].Peak = append(responses[i].Peak, rows(outputs[2*i+1])...)
			}
		}
	})
	if caught != nil {
		err = caught
	}
	if err != nil {
		return nil, fmt.Errorf("computing activations: %w", err)
	}
	return responses, nil
}

// parts cuts pictures [n, height, width, 3] into as few equal parts as memory likes, so that few shapes are compiled.
func parts(pictures *tensors.Tensor) []*tensors.Tensor {
	dims := pictures.Shape().Dimensions
	if len(dims) != 4 || dims[0] <= atOnce {
		return []*tensors.Tensor{pictures}
	}
	values, size := tensors.MustCopyFlatData[float32](pictures), dims[1]*dims[2]*dims[3]
	var all []*tensors.Tensor
	for len(values) > 0 {
		n := min(atOnce, len(values)/size)
		all = append(all, tensors.FromFlatDataAndDimensions(values[:n*size], n, dims[1], dims[2], dims[3]))
		values = values[n*size:]
	}
	return all
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

// PhotoActivations is [Model.Activations] for photographs in gray levels, float32 [n, height, width, 3] in the order red, green, blue, as [Preprocess] takes them.
func (m *Model) PhotoActivations(photos *tensors.Tensor, layers ...string) (outputs []*tensors.Tensor, err error) {
	for _, name := range layers {
		if _, err := Find(name); err != nil {
			return nil, err
		}
	}
	caught := exceptions.TryCatch[error](func() {
		outputs, err = model.CallOnceN(m.Backend, m.Store, func(scope *model.Scope, x *model.Node) []*model.Node {
			return Activations(scope, Preprocess(x), layers...)
		}, photos)
	})
	if caught != nil {
		err = caught
	}
	if err != nil {
		return nil, fmt.Errorf("computing activations: %w", err)
	}
	return outputs, nil
}

// MustPhotoActivations is [Model.PhotoActivations] for notebook cells: errors panic.
func (m *Model) MustPhotoActivations(photos *tensors.Tensor, layers ...string) []*tensors.Tensor {
	outputs, err := m.PhotoActivations(photos, layers...)
	if err != nil {
		panic(err)
	}
	return outputs
}
