// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// atOnce is how many pictures are computed together at most.
const atOnce = 8

// inBatches runs a graph on pictures, float32 [n, height, width, channels], some at once, and returns its outputs,
// [n, ...] each. The last batch is filled up, so that one program serves all.
func (m *Model) inBatches(pictures *tensors.Tensor,
	fn func(scope *model.Scope, x *Node) []*Node) ([]*tensors.Tensor, error) {
	exec, err := model.NewExec(m.Backend, m.Store, fn)
	if err != nil {
		return nil, fmt.Errorf("computing activations: %w", err)
	}
	return inBatchesOf(exec, pictures)
}

// inBatchesOf is inBatches for a graph that is kept.
func inBatchesOf(exec *model.Exec, pictures *tensors.Tensor) (outputs []*tensors.Tensor, err error) {
	err = guard(func() (err error) {
		outputs, err = batches(exec, pictures)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("computing activations: %w", err)
	}
	return outputs, nil
}

// batches is inBatchesOf without the edge that turns panics into errors.
func batches(exec *model.Exec, pictures *tensors.Tensor) ([]*tensors.Tensor, error) {
	count := 0
	if pictures.Rank() == 4 {
		count = pictures.Shape().Dim(0)
	}
	if count <= atOnce { // the graph itself refuses what is no picture
		return exec.Call(pictures)
	}
	dims := pictures.Shape().Dimensions
	values, size := tensors.MustCopyFlatData[float32](pictures), dims[1]*dims[2]*dims[3]
	rounds := (count + atOnce - 1) / atOnce
	batch := (count + rounds - 1) / rounds
	values = slices.Concat(values, make([]float32, (rounds*batch-count)*size))
	var flat [][]float32
	var shapes [][]int
	for part := range slices.Chunk(values, batch*size) {
		outputs, err := exec.Call(tensors.FromFlatDataAndDimensions(part, batch, dims[1], dims[2], dims[3]))
		if err != nil {
			return nil, err
		}
		if flat == nil {
			flat, shapes = make([][]float32, len(outputs)), make([][]int, len(outputs))
		}
		for i, output := range outputs {
			flat[i], shapes[i] = append(flat[i], tensors.MustCopyFlatData[float32](output)...),
				slices.Clone(output.Shape().Dimensions)
		}
	}
	all := make([]*tensors.Tensor, len(flat))
	for i, values := range flat {
		shapes[i][0] = count
		all[i] = tensors.FromFlatDataAndDimensions(values[:len(values)/(rounds*batch)*count], shapes[i]...)
	}
	return all, nil
}

// checkMemory is [Layer.CheckMemory] for pictures of that shape, so many at once at most, and the memory of the
// device. The graph itself refuses what is no picture.
func (m *Model) checkMemory(pictures shapes.Shape, atOnce int, layers []string) error {
	if pictures.Rank() != 4 {
		return nil
	}
	for _, name := range layers {
		found, err := m.Find(name)
		if err != nil {
			return err
		}
		if err := found.CheckMemory(min(pictures.Dim(0), atOnce), pictures.Dim(1), pictures.Dim(2),
			m.device.MemoryAvailable()); err != nil {
			return err
		}
	}
	return nil
}
