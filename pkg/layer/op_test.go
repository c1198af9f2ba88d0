// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/layer"
)

// example is an Op on some inputs, and what it should make of them.
type example struct {
	name   string
	op     layer.Op
	inputs [][]int // without the batch
	loop   func(x []array, weights map[string]array) array
}

const batch = 2

var pure = sync.OnceValues(func() (*device.Device, error) { return device.New(device.Options{Kind: device.Go}) })

func backend(t *testing.T) compute.Backend {
	dev, err := pure()
	require.NoError(t, err)
	return dev.Backend
}

// random draws an array. Numbers keep a distance from 0, where activations have kinks.
func random(r *rand.Rand, dims ...int) array {
	return made(dims, func([]int) float64 {
		x := r.NormFloat64()
		return x + math.Copysign(0.05, x)
	})
}

func tensor(a array) *tensors.Tensor {
	flat := make([]float32, len(a.values))
	for i, x := range a.values {
		flat[i] = float32(x)
	}
	return tensors.FromFlatDataAndDimensions(flat, a.dims...)
}

// drawn are random weights for the Op.
func drawn(r *rand.Rand, op layer.Op, inputs [][]int) map[string]array {
	weights := make(map[string]array)
	shapes := op.Weights(inputs...)
	for _, role := range slices.Sorted(keys(shapes)) {
		a := random(r, shapes[role]...)
		if role == "variance" || role == "constant" {
			a = mapped(a, func(x float64) float64 { return 0.5 + math.Abs(x) })
		}
		weights[role] = a
	}
	return weights
}

func keys[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

// check compares the value and the gradients with the loop's.
func (e example) check(t *testing.T, backend compute.Backend) {
	r := rand.New(rand.NewPCG(7, uint64(len(e.name))))
	shape, err := e.op.Shape(e.inputs...)
	require.NoError(t, err)
	weights := drawn(r, e.op, e.inputs)
	xs := make([]array, len(e.inputs))
	given := make([]any, 0, len(xs)+1)
	for i, dims := range e.inputs {
		xs[i] = random(r, append([]int{batch}, dims...)...)
		given = append(given, tensor(xs[i]))
	}
	want := e.loop(xs, weights)
	require.Equal(t, append([]int{batch}, shape...), want.dims, "Shape")
	slope := random(r, want.dims...)
	given = append(given, tensor(slope))

	exec, err := NewExec(backend, func(nodes []*Node) []*Node {
		inputs, slope := nodes[:len(nodes)-1], nodes[len(nodes)-1]
		y := e.op.Build(func(role string) *Node { return Const(slope.Graph(), tensor(weights[role])) }, inputs...)
		return append(Gradient(ReduceAllSum(Mul(y, slope)), inputs...), y)
	})
	require.NoError(t, err)
	outputs, err := exec.Call(given...)
	require.NoError(t, err)
	y := outputs[len(outputs)-1]
	require.Equal(t, want.dims, y.Shape().Dimensions)
	alike(t, want.values, tensors.MustCopyFlatData[float32](y), 2e-5, "value")
	for i, x := range xs {
		e.checkGradient(t, xs, weights, slope, i, tensors.MustCopyFlatData[float32](outputs[i]), r)
		require.Equal(t, x.dims, outputs[i].Shape().Dimensions)
	}
}

// checkGradient compares the gradient with respect to an input at some places with what a small step makes of the
// loop.
func (e example) checkGradient(t *testing.T, xs []array, weights map[string]array, slope array, i int,
	got []float32, r *rand.Rand) {
	total := func() (all float64) {
		for k, y := range e.loop(xs, weights).values {
			all += y * slope.values[k]
		}
		return all
	}
	places := r.Perm(len(xs[i].values))
	places = places[:min(len(places), 60)]
	want, at := make([]float64, len(places)), make([]float32, len(places))
	for k, place := range places {
		const step = 1e-4
		x := &xs[i].values[place]
		kept := *x
		*x = kept + step
		up := total()
		*x = kept - step
		want[k] = (up - total()) / (2 * step)
		*x = kept
		at[k] = got[place]
	}
	alike(t, want, at, 1e-4, fmt.Sprint("gradient of input ", i))
}

// alike wants differences within that part of the largest number.
func alike(t *testing.T, want []float64, got []float32, tolerance float64, what string) {
	t.Helper()
	require.Len(t, got, len(want))
	largest := 1e-3
	for _, x := range want {
		largest = max(largest, math.Abs(x))
	}
	for i := range want {
		require.InDelta(t, want[i], float64(got[i]), tolerance*largest, "%s at %d", what, i)
	}
}

// run checks examples with the pure Go backend, and with XLA where everything is tested.
func run(t *testing.T, examples []example) {
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) { e.check(t, backend(t)) })
	}
	t.Run("XLA", func(t *testing.T) {
		level.OnlyFull(t, "compiles each")
		dev := device.MustNew(device.Options{Kind: device.CPU, Report: func(string) {}})
		defer dev.Close()
		for _, e := range examples {
			t.Run(e.name, func(t *testing.T) { e.check(t, dev.Backend) })
		}
	})
}
