// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/weights"
)

// The names of a layer's two variables, as Keras has them. In the store they stand in a scope with
// the layer's name: "/block3_conv1/kernel".
const (
	kernelName = "kernel" // [3, 3, in, filters], in the top [in, units]
	biasName   = "bias"   // [filters], in the top [units]
)

// newStore returns a GoMLX store whose variables come from the weights one by one, when a graph first asks for them:
// a layer near the picture costs nothing of the deeper ones.
func newStore(backend compute.Backend, file *weights.File) *model.Store {
	store := model.NewStore()
	store.SetLoader(&loader{backend: backend, file: file})
	return store
}

// loader implements [model.Loader] over the weights.
type loader struct {
	backend compute.Backend
	file    *weights.File
}

// LoadVariable uploads one tensor. It is called while a graph is being built, so it panics, as graph functions do.
func (l *loader) LoadVariable(_ *model.Store, fullPath string) (*tensors.Tensor, bool) {
	name := strings.TrimPrefix(fullPath, model.ScopeSeparator) // such as block3_conv1/kernel, as in the file
	if _, err := l.file.Shape(name); err != nil {
		return nil, false
	}
	dims, values, err := l.file.Tensor(name)
	if err != nil {
		panic(err)
	}
	// From the mapped file straight to the device: a layer of the top may have 400 MB.
	tensor, err := tensors.FromRaw(l.backend, 0, shapes.Make(dtypes.Float32, dims...), dtypes.UnsafeByteSliceFromAny(values))
	if err != nil {
		panic(fmt.Errorf("moving %s to the device: %w", fullPath, err))
	}
	return tensor, true
}

// DeleteVariable does nothing: the weights are read-only.
func (l *loader) DeleteVariable(*model.Store, string) error { return nil }
