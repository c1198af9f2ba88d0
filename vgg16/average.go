// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Averages runs the model on pictures of gray levels, float32 [n, height, width, 3], and returns for each layer, in the order of the names, the mean
// activations over all places, [n][filters]. photographic says that the pictures are fed as photographs, see [Preprocess].
func (m *Model) Averages(pictures *tensors.Tensor, photographic bool, layers ...string) (averages [][][]float32, err error) {
	for _, name := range layers {
		if _, err := Find(name); err != nil {
			return nil, err
		}
	}
	caught := exceptions.TryCatch[error](func() {
		var outputs []*tensors.Tensor
		outputs, err = model.CallOnceN(m.Backend, m.Store, func(scope *model.Scope, x *model.Node) []*model.Node {
			if photographic {
				x = Preprocess(x)
			}
			outputs := Activations(scope, x, layers...)
			for i, output := range outputs {
				outputs[i] = ReduceMean(output, 1, 2) // [n, filters]
			}
			return outputs
		}, pictures)
		for _, output := range outputs {
			values := tensors.MustCopyFlatData[float32](output)
			filters := output.Shape().Dim(1)
			var rows [][]float32
			for len(values) > 0 {
				rows, values = append(rows, values[:filters]), values[filters:]
			}
			averages = append(averages, rows)
		}
	})
	if caught != nil {
		err = caught
	}
	if err != nil {
		return nil, fmt.Errorf("computing mean activations: %w", err)
	}
	return averages, nil
}
