// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"convscope/pkg/device"
)

// Random returns a VGG16 with 1/thin of the filters and seeded random weights. It needs no file and no network: tests
// and examples run it on the pure Go backend.
func Random(dev *device.Device, thin int, seed uint64) *Model {
	thin = max(thin, 1)
	m := newModel(dev, randomStore(thin, seed))
	m.random = fmt.Sprintf("random, seed %d, thin %d", seed, thin)
	return m
}

// RandomTop is [Random] with a top, which has 1/thin of the units and that many classes.
func RandomTop(dev *device.Device, thin, classes int, seed uint64) *Model {
	m := Random(dev, thin, seed)
	thin, classes = max(thin, 1), max(classes, 1)
	source := rand.New(rand.NewPCG(seed, 1))
	in := topSide * topSide * max(512/thin, 1)
	for i, units := range []int{max(topUnits/thin, 1), max(topUnits/thin, 1), classes} {
		createRandom(m.Store, source, topLayers[i], in, in, units)
		in = units
	}
	m.classCount = classes
	m.random += fmt.Sprintf(", %d classes", classes)
	return m
}

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
		createRandom(store, source, layer.Name, 9*in, 3, 3, in, filters)
		in = filters
	}
	return store
}

// createRandom adds a layer's kernel and bias to a store. Each output is a sum of that many products.
func createRandom(store *model.Store, source *rand.Rand, layer string, products int, dims ...int) {
	units := dims[len(dims)-1]
	kernel := make([]float32, products*units)
	deviation := math.Sqrt(2 / float64(products)) // He initialisation keeps the signal's size through the ReLUs
	for i := range kernel {
		kernel[i] = float32(source.NormFloat64() * deviation)
	}
	bias := tensors.FromShape(shapes.Make(dtypes.Float32, units))
	mustCreate(store, model.JoinPath("", layer, kernelName), tensors.FromFlatDataAndDimensions(kernel, dims...))
	mustCreate(store, model.JoinPath("", layer, biasName), bias)
}

// mustCreate adds a variable to a store that is known to be empty.
func mustCreate(store *model.Store, path string, value *tensors.Tensor) {
	if _, err := store.CreateVariable(path, value); err != nil {
		exceptions.Panicf("creating %s: %v", path, err)
	}
}
