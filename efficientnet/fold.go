// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package efficientnet

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
	"convscope/pkg/weights"
)

// The names of a layer's tensors, as Keras has them.
const (
	kernelName   = "kernel"
	biasName     = "bias"
	gammaName    = "gamma"
	betaName     = "beta"
	meanName     = "mean"
	varianceName = "variance"
)

// epsilon is added to the variance.
const epsilon = 1e-3

// fill gives the layers their weights from the file: each is read when it is first asked for, and the normalization is
// then made part of the convolution.
func fill(net *layer.Network, file *weights.File) error {
	for i := range net.Layers {
		l := &net.Layers[i]
		var depthwise bool
		switch l.Op.(type) {
		case layer.DepthwiseConv:
			depthwise = true
		case layer.Conv, layer.Dense:
		default:
			continue
		}
		shape, err := file.Shape(l.Name + "/" + kernelName)
		if err != nil {
			return err
		}
		filters := shape[len(shape)-1]
		if depthwise {
			filters = shape[len(shape)-2] // [height, width, channels, 1]
		}
		read := folded(file, l.Name)
		if _, isDense := l.Op.(layer.Dense); isDense {
			read = plain(file, l.Name)
		}
		l.Weights = map[string]layer.Weight{
			kernelName: {Shape: shape, Read: func() (*tensors.Tensor, error) { return read(kernelName) }},
			biasName:   {Shape: []int{filters}, Read: func() (*tensors.Tensor, error) { return read(biasName) }},
		}
	}
	return nil
}

// plain reads a layer's tensors as they are.
func plain(file *weights.File, name string) func(role string) (*tensors.Tensor, error) {
	return func(role string) (*tensors.Tensor, error) {
		dims, values, err := file.Tensor(name + "/" + role)
		if err != nil {
			return nil, err
		}
		return tensors.FromFlatDataAndDimensions(values, dims...), nil
	}
}

// folded reads a convolution's kernel, or its bias, with its normalization in it: what comes out of the convolution is
// multiplied by gamma / sqrt(variance + epsilon), and shifted so that the mean becomes beta. In a kernel the channels
// that come out are the last axis, of a depthwise one, [height, width, channels, 1], too.
func folded(file *weights.File, name string) func(role string) (*tensors.Tensor, error) {
	return func(role string) (*tensors.Tensor, error) {
		norm := make(map[string][]float32)
		for _, part := range []string{gammaName, betaName, meanName, varianceName} {
			_, values, err := file.Tensor(name + "/" + part)
			if err != nil {
				return nil, err
			}
			norm[part] = values
		}
		scale := make([]float64, len(norm[gammaName]))
		for c, gamma := range norm[gammaName] {
			scale[c] = float64(gamma) / math.Sqrt(float64(norm[varianceName][c])+epsilon)
		}
		if role == biasName {
			bias := make([]float32, len(scale))
			for c, beta := range norm[betaName] {
				bias[c] = float32(float64(beta) - float64(norm[meanName][c])*scale[c])
			}
			return tensors.FromFlatDataAndDimensions(bias, len(bias)), nil
		}
		dims, values, err := file.Tensor(name + "/" + kernelName)
		if err != nil {
			return nil, err
		}
		kernel := make([]float32, len(values))
		for i, value := range values {
			kernel[i] = float32(float64(value) * scale[i%len(scale)])
		}
		return tensors.FromFlatDataAndDimensions(kernel, dims...), nil
	}
}
