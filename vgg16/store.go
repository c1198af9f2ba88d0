// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"convscope/pkg/weights"
)

// The names of a convolution's two variables, as Keras has them. In the store they stand in a scope with
// the layer's name: "/block3_conv1/kernel".
const (
	kernelName = "kernel" // [3, 3, in, filters]
	biasName   = "bias"   // [filters]
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
	layer, variable, _ := strings.Cut(strings.TrimPrefix(fullPath, model.ScopeSeparator), model.ScopeSeparator)
	if found, err := Find(layer); err != nil || found.Kind != Conv {
		return nil, false
	}
	dims, values, known := l.variable(layer, variable)
	if !known {
		return nil, false
	}
	tensor := tensors.FromFlatDataAndDimensions(values, dims...)
	if err := tensor.ToDevice(l.backend, 0); err != nil {
		panic(fmt.Errorf("moving %s to the device: %w", fullPath, err))
	}
	return tensor, true
}

// variable returns one variable of a layer, in the form that its name stands for.
func (l *loader) variable(layer, name string) (dims []int, values []float32, known bool) {
	if name == kernelName || name == biasName {
		dims, values = l.read(layer, name)
		return dims, values, true
	}
	for way, forward := range forwardNames {
		if name != forward && name != backwardNames[way] {
			continue
		}
		dims, values = l.read(layer, kernelName)
		in, out := dims[2], dims[3]
		if name != forward {
			values, in, out = flipKernel(values, in, out), out, in
		}
		dims, values = way.kernel(values, in, out)
		return dims, values, true
	}
	return nil, nil, false
}

// read returns one tensor of the weights.
func (l *loader) read(layer, variable string) (dims []int, values []float32) {
	dims, values, err := l.file.Tensor(layer + "/" + variable)
	if err != nil {
		panic(err)
	}
	return dims, values
}

// DeleteVariable does nothing: the weights are read-only.
func (l *loader) DeleteVariable(*model.Store, string) error { return nil }

// randomStore fills a store with seeded random weights for a VGG16 whose layers have 1/thin of the filters.
func randomStore(thin int, seed uint64) *model.Store {
	store := model.NewStore()
	source := rand.New(rand.NewPCG(seed, 0))
	in := 3
	for _, layer := range table {
		if layer.Kind == Pool {
			continue
		}
		filters := max(layer.Filters/thin, 1)
		kernel := make([]float32, 3*3*in*filters)
		deviation := math.Sqrt(2 / float64(9*in)) // He initialisation keeps the signal's size through the ReLUs
		for i := range kernel {
			kernel[i] = float32(source.NormFloat64() * deviation)
		}
		bias := tensors.FromShape(shapes.Make(dtypes.Float32, filters))
		mustCreate(store, model.JoinPath("", layer.Name, kernelName), tensors.FromFlatDataAndDimensions(kernel, 3, 3, in, filters))
		mustCreate(store, model.JoinPath("", layer.Name, biasName), bias)
		in = filters
	}
	return store
}

// mustCreate adds a variable to a store that is known to be empty.
func mustCreate(store *model.Store, path string, value *tensors.Tensor) {
	if _, err := store.CreateVariable(path, value); err != nil {
		exceptions.Panicf("creating %s: %v", path, err)
	}
}
