// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"

	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

// Random returns a VGG16 with 1/thin of the filters and seeded random weights. It needs no file and no network: tests
// and examples run it on the pure Go backend.
func Random(dev *device.Device, thinner int, seed uint64) *Model {
	thinner = max(thinner, 1)
	return random(dev, thin(thinner), seed, fmt.Sprintf("random, seed %d, thin %d", seed, thinner))
}

// RandomTop is [Random] with a top, which has 1/thin of the units and that many classes.
func RandomTop(dev *device.Device, thinner, classes int, seed uint64) *Model {
	thinner, classes = max(thinner, 1), max(classes, 1)
	net := thin(thinner)
	addTop(net, max(topUnits/thinner, 1), max(topUnits/thinner, 1), classes)
	return random(dev, net, seed, fmt.Sprintf("random, seed %d, thin %d, %d classes", seed, thinner, classes))
}

// random gives a table seeded random weights: the top's are drawn apart, so that the convolutions' are the same with
// and without.
func random(dev *device.Device, net *layer.Network, seed uint64, drawn string) *Model {
	convolutions, top := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 1))
	in := 3
	for i := range net.Layers {
		l := &net.Layers[i]
		switch op := l.Op.(type) {
		case layer.Conv:
			l.Weights = randomWeights(convolutions, 9*in, 3, 3, in, op.Filters)
			in = op.Filters
		case layer.Flatten:
			in *= topSide * topSide
		case layer.Dense:
			l.Weights = randomWeights(top, in, in, op.Units)
			in = op.Units
		}
	}
	m, err := network.New(dev, net, network.Origin{Weights: "random weights, for tests",
		Fingerprint: func() string { return drawn }, NoTop: ErrNoTop})
	if err != nil {
		exceptions.Panicf("a random VGG16: %v", err)
	}
	return m
}

// randomWeights are a layer's kernel and bias. Each output is a sum of that many products.
func randomWeights(source *rand.Rand, products int, dims ...int) map[string]layer.Weight {
	units := dims[len(dims)-1]
	kernel := make([]float32, products*units)
	deviation := math.Sqrt(2 / float64(products)) // He initialisation keeps the signal's size through the ReLUs
	for i := range kernel {
		kernel[i] = float32(source.NormFloat64() * deviation)
	}
	return map[string]layer.Weight{
		kernelName: {Shape: dims, Read: func() (*tensors.Tensor, error) {
			return tensors.FromFlatDataAndDimensions(kernel, dims...), nil
		}},
		biasName: {Shape: []int{units}, Read: func() (*tensors.Tensor, error) {
			return tensors.FromFlatDataAndDimensions(make([]float32, units), units), nil
		}},
	}
}
