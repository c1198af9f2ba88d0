// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// ReLU is max(x, 0), with Keras' options: x where it is at least Threshold, NegativeSlope * (x - Threshold) below, and
// at most Max. ReLU6, leaky and thresholded ReLUs are such.
type ReLU struct {
	// Max bounds the result; 0 stands for no bound.
	Max float64
	// NegativeSlope is a leaky one's.
	NegativeSlope float64
	// Threshold is where x begins to pass.
	Threshold float64
}

// String is "relu", "relu6", "leaky_relu" or "thresholded_relu".
func (r ReLU) String() string {
	switch {
	case r.Threshold != 0:
		return "thresholded_relu"
	case r.NegativeSlope != 0:
		return "leaky_relu"
	case r.Max != 0:
		return fmt.Sprintf("relu%g", r.Max)
	}
	return "relu"
}

// Silent is true without a negative slope.
func (r ReLU) Silent() bool { return r.NegativeSlope == 0 }

// Clip holds values between two others, of which either may be infinite.
type Clip struct{ Min, Max float64 }

// String is "clip".
func (c Clip) String() string { return "clip" }

// Silent is true where there is a minimum.
func (c Clip) Silent() bool { return !math.IsInf(c.Min, -1) }

// ELU is x above 0 and Alpha * (exp(x) - 1) below.
type ELU struct{ Alpha float64 }

// String is "elu".
func (e ELU) String() string { return "elu" }

// Silent is false.
func (e ELU) Silent() bool { return false }

// CELU is x above 0 and Alpha * (exp(x/Alpha) - 1) below.
type CELU struct{ Alpha float64 }

// String is "celu".
func (c CELU) String() string { return "celu" }

// Silent is false.
func (c CELU) Silent() bool { return false }

// GELU is x times the normal distribution's share below x.
type GELU struct {
	// Tanh approximates it: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))).
	Tanh bool
}

// String is "gelu".
func (g GELU) String() string { return "gelu" }

// Silent is false.
func (g GELU) Silent() bool { return false }

// HardSigmoid is Alpha * x + Beta, held between 0 and 1: Keras 3 and PyTorch have 1/6 and 0.5, Keras 2 and ONNX 0.2 and
// 0.5.
type HardSigmoid struct{ Alpha, Beta float64 }

// String is "hard_sigmoid".
func (h HardSigmoid) String() string { return "hard_sigmoid" }

// Silent is true.
func (h HardSigmoid) Silent() bool { return true }

// Function is an activation without options.
type Function string

// The functions, by Keras' names where it has them.
const (
	Sigmoid     Function = "sigmoid"
	Tanh        Function = "tanh"
	Softplus    Function = "softplus"
	Softsign    Function = "softsign"
	Exponential Function = "exponential"
	// SiLU is x * sigmoid(x), also called swish.
	SiLU Function = "silu"
	// HardSiLU is x * HardSigmoid{1.0 / 6, 0.5}, also called hard swish.
	HardSiLU Function = "hard_silu"
	SELU     Function = "selu"
	Mish     Function = "mish"
	// Softmax and LogSoftmax are over the last axis.
	Softmax    Function = "softmax"
	LogSoftmax Function = "log_softmax"

	Absolute   Function = "abs"
	Negative   Function = "negative"
	Erf        Function = "erf"
	Log        Function = "log"
	Reciprocal Function = "reciprocal"
	Square     Function = "square"
	Sqrt       Function = "sqrt"
)

// String is the function's name.
func (f Function) String() string { return string(f) }

// Silent is true for HardSiLU alone.
func (f Function) Silent() bool { return f == HardSiLU }

// separate says whether an activation takes each channel by itself.
func separate(a Activation) bool { return a != Softmax && a != LogSoftmax }

// scalar is a number of x's type.
func scalar(x *Node, value float64) *Node { return graph.Scalar(x.Graph(), x.DType(), value) }
