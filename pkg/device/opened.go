// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// opened is a backend that started.
type opened struct {
	backend compute.Backend
	kind    Kind
	path    string   // of its plugin, "" if it has none
	api     string   // PJRT API version, such as "0.115"
	devices []string // what the backend says of each of its devices
}

// guard turns a backend's panic into an error.
func guard[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		default:
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}

// try runs a program of one convolution on the backend. A plugin can start and still be of no use: of a StableHLO
// older than the programs it gets, or without NVIDIA's libraries, which it looks for only now. It takes a few tens
// of milliseconds on a CPU.
func try(backend compute.Backend) error {
	got, err := guard(func() ([]float32, error) { return convolve(backend) })
	if err != nil {
		return err
	}
	if want := []float32{4, 4, 4, 4}; !slices.Equal(got, want) {
		return fmt.Errorf("it computes %v instead of %v", got, want)
	}
	return nil
}

// convolve slides a 2x2 window of ones over a 3x3 picture of ones, without padding.
func convolve(backend compute.Backend) ([]float32, error) {
	builder := backend.Builder("convscope_trial")
	program := builder.Main()
	picture := shapes.Make(dtypes.Float32, 1, 3, 3, 1)
	x, err := program.Parameter("x", picture, nil)
	if err != nil {
		return nil, err
	}
	window, err := program.Constant([]float32{1, 1, 1, 1}, 2, 2, 1, 1)
	if err != nil {
		return nil, err
	}
	axes := compute.ConvolveAxesConfig{
		InputBatch: 0, InputChannels: 3, InputSpatial: []int{1, 2},
		KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
		OutputBatch: 0, OutputChannels: 3, OutputSpatial: []int{1, 2},
	}
	ones, none := []int{1, 1}, [][2]int{{0, 0}, {0, 0}}
	y, err := program.ConvGeneral(x, window, axes, ones, none, ones, ones, 1, 1)
	if err != nil {
		return nil, err
	}
	if err := program.Return([]compute.Value{y}, nil); err != nil {
		return nil, err
	}
	executable, err := builder.Compile()
	if err != nil {
		return nil, err
	}
	defer executable.Finalize()
	input, err := backend.BufferFromFlatData(0, []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}, picture)
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Finalize() }()
	outputs, err := executable.Execute([]compute.Buffer{input}, nil, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = outputs[0].Finalize() }()
	flat := make([]float32, 4)
	return flat, outputs[0].ToFlatData(flat)
}
