// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

func TestActivations(t *testing.T) {
	bound := func(x float64) float64 { return min(max(x, 0), 1) }
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	elu := func(x, alpha float64) float64 {
		if x > 0 {
			return x
		}
		return alpha * math.Expm1(x)
	}
	var examples []example
	for _, c := range []struct {
		activation layer.Activation
		name       string
		silent     bool
		value      func(x float64) float64
	}{
		{layer.ReLU{}, "relu", true, func(x float64) float64 { return max(x, 0) }},
		{layer.ReLU{Max: 1.1}, "relu1.1", true, func(x float64) float64 { return min(max(x, 0), 1.1) }},
		{layer.ReLU{NegativeSlope: 0.3}, "leaky_relu", false, func(x float64) float64 { return max(x, 0.3*x) }},
		{layer.ReLU{NegativeSlope: 0.3, Threshold: 0.5, Max: 2}, "thresholded_relu", false, func(x float64) float64 {
			if x > 0.5 {
				return min(x, 2)
			}
			return 0.3 * (x - 0.5)
		}},
		{layer.ReLU{Threshold: 0.5}, "thresholded_relu", true, func(x float64) float64 {
			if x > 0.5 {
				return x
			}
			return 0
		}},
		{layer.Clip{Min: -0.7, Max: 1.3}, "clip", true, func(x float64) float64 { return min(max(x, -0.7), 1.3) }},
		{layer.Clip{Min: math.Inf(-1), Max: 1.3}, "clip", false, func(x float64) float64 { return min(x, 1.3) }},
		{layer.ELU{Alpha: 0.8}, "elu", false, func(x float64) float64 { return elu(x, 0.8) }},
		{layer.CELU{Alpha: 0.8}, "celu", false, func(x float64) float64 {
			return max(x, 0) + min(0, 0.8*math.Expm1(x/0.8))
		}},
		{layer.GELU{}, "gelu", false, func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }},
		{layer.GELU{Tanh: true}, "gelu", false, func(x float64) float64 {
			return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}},
		{layer.HardSigmoid{Alpha: 0.2, Beta: 0.5}, "hard_sigmoid", true,
			func(x float64) float64 { return bound(0.2*x + 0.5) }},
		{layer.Sigmoid, "sigmoid", false, sigmoid},
		{layer.Tanh, "tanh", false, math.Tanh},
		{layer.Softplus, "softplus", false, func(x float64) float64 { return math.Log1p(math.Exp(x)) }},
		{layer.Softsign, "softsign", false, func(x float64) float64 { return x / (1 + math.Abs(x)) }},
		{layer.Exponential, "exponential", false, math.Exp},
		{layer.SiLU, "silu", false, func(x float64) float64 { return x * sigmoid(x) }},
		{layer.HardSiLU, "hard_silu", true, func(x float64) float64 { return x * bound(x/6+0.5) }},
		{layer.SELU, "selu", false, func(x float64) float64 { return 1.05070098 * elu(x, 1.67326324) }},
		{layer.Mish, "mish", false, func(x float64) float64 { return x * math.Tanh(math.Log1p(math.Exp(x))) }},
		{layer.Absolute, "abs", false, math.Abs},
		{layer.Negative, "negative", false, func(x float64) float64 { return -x }},
		{layer.Erf, "erf", false, math.Erf},
		{layer.Square, "square", false, func(x float64) float64 { return x * x }},
	} {
		require.Equal(t, c.name, c.activation.String())
		require.Equal(t, c.silent, c.activation.Silent(), c.name)
		examples = append(examples, example{c.name, layer.Activate{Activation: c.activation}, [][]int{{3, 4, 5}},
			func(x []array, _ map[string]array) array {
				return mapped(x[0], c.value)
			}})
	}
	softmax := func(x array) array {
		whole := reduced(mapped(x, math.Exp), []int{len(x.dims) - 1}, sum)
		return made(x.dims, func(p []int) float64 { return math.Exp(*x.at(p...)) / broadcast(whole, p) })
	}
	examples = append(examples,
		example{"softmax", layer.Activate{Activation: layer.Softmax}, [][]int{{3, 4, 5}},
			func(x []array, _ map[string]array) array { return softmax(x[0]) }},
		example{"log softmax", layer.Activate{Activation: layer.LogSoftmax}, [][]int{{5}},
			func(x []array, _ map[string]array) array {
				return mapped(softmax(x[0]), math.Log)
			}})
	run(t, examples)
}

// TestActivationsOfPositives are those that take positive numbers alone.
func TestActivationsOfPositives(t *testing.T) {
	for name, c := range map[layer.Function]struct{ value, slope float64 }{
		layer.Sqrt: {1.5, 1 / 3.}, layer.Log: {math.Log(2.25), 1 / 2.25}, layer.Reciprocal: {1 / 2.25, -1 / (2.25 * 2.25)},
	} {
		outputs, err := CallOnceN(backend(t), func(x *Node) []*Node {
			y := name.Apply(x)
			return []*Node{y, Gradient(ReduceAllSum(y), x)[0]}
		}, []float32{2.25})
		require.NoError(t, err)
		require.InDelta(t, c.value, tensors.MustCopyFlatData[float32](outputs[0])[0], 1e-6, name)
		require.InDelta(t, c.slope, tensors.MustCopyFlatData[float32](outputs[1])[0], 1e-6, name)
	}
}

// TestFarActivations stay finite, and so do their gradients, where exponentials overflow.
func TestFarActivations(t *testing.T) {
	for _, a := range []layer.Activation{layer.ReLU{}, layer.ELU{Alpha: 1}, layer.CELU{Alpha: 1}, layer.SELU,
		layer.Softplus, layer.Mish,
		layer.SiLU, layer.HardSiLU, layer.GELU{}, layer.GELU{Tanh: true}, layer.Sigmoid, layer.Tanh,
		layer.Softmax, layer.LogSoftmax} {
		outputs, err := CallOnceN(backend(t), func(x *Node) []*Node {
			y := a.Apply(x)
			return []*Node{y, Gradient(ReduceAllSum(y), x)[0]}
		}, [][]float32{{-1000, 1000, -100, 100, 0}})
		require.NoError(t, err)
		for _, output := range outputs {
			for _, x := range tensors.MustCopyFlatData[float32](output) {
				require.False(t, math.IsNaN(float64(x)) || math.IsInf(float64(x), 0), "%s: %v", a, outputs)
			}
		}
	}
}
