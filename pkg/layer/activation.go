// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// ReLU is max(x, 0), with Keras' options: x above Threshold, NegativeSlope * (x - Threshold) below, and
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

// HardSigmoid is Alpha * x + Beta, held between 0 and 1: Keras 3 and PyTorch have 1/6 and 0.5, Keras 2 and ONNX 0.2
// and 0.5.
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

// functions are all of them.
var functions = []Function{Sigmoid, Tanh, Softplus, Softsign, Exponential, SiLU, HardSiLU, SELU, Mish, Softmax,
	LogSoftmax, Absolute, Negative, Erf, Log, Reciprocal, Square, Sqrt}

// String is the function's name.
func (f Function) String() string { return string(f) }

// Silent is true for HardSiLU alone.
func (f Function) Silent() bool { return f == HardSiLU }

// separate says whether an activation takes each channel by itself.
func separate(a Activation) bool { return a != Softmax && a != LogSoftmax }

// scalar is a number of x's type.
func scalar(x *Node, value float64) *Node { return graph.Scalar(x.Graph(), x.DType(), value) }

// Apply adds it to the graph.
func (r ReLU) Apply(x *Node) *Node {
	switch r {
	case ReLU{}:
		return relu(x)
	case ReLU{Max: r.Max}:
		return box(x, r.Max)
	}
	return r.bounded(r.rise(x))
}

// rise is the ReLU without its bound.
func (r ReLU) rise(x *Node) *Node {
	if r.Threshold == 0 && r.NegativeSlope == 0 {
		return relu(x)
	}
	below := graph.Mul(graph.Sub(x, scalar(x, r.Threshold)), scalar(x, r.NegativeSlope))
	passes := graph.GreaterThan(x, graph.BroadcastToShape(scalar(x, r.Threshold), x.Shape()))
	return graph.Where(passes, x, below)
}

// bounded holds x below the maximum.
func (r ReLU) bounded(x *Node) *Node {
	if r.Max == 0 {
		return x
	}
	return graph.Min(x, scalar(x, r.Max))
}

// box is x between 0 and most. Its gradient passes where the result is between them, not at either, as PyTorch's and
// TensorFlow's for ReLU6 does. It asks for the result alone, so that what x was need not be kept, and is written as
// package device knows it.
func box(x *Node, most float64) *Node {
	y := graph.Min(relu(x), scalar(x, most))
	return withGradient(x, y, func(gradient *Node) *Node {
		passes := graph.LogicalAnd(graph.GreaterThan(y, scalar(y, 0)), graph.LessThan(y, scalar(y, most)))
		return graph.Where(passes, gradient, graph.ZerosLike(gradient))
	})
}

// relu is max(x, 0). Its gradient is a plain selection, which XLA fuses with its neighbours.
func relu(x *Node) *Node { return graph.Max(x, graph.ScalarZero(x.Graph(), x.DType())) }

// Apply adds it to the graph.
func (c Clip) Apply(x *Node) *Node {
	if c.Min == 0 && c.Max > 0 && !math.IsInf(c.Max, 1) {
		return box(x, c.Max)
	}
	if !math.IsInf(c.Min, -1) {
		x = graph.Max(x, scalar(x, c.Min))
	}
	if !math.IsInf(c.Max, 1) {
		x = graph.Min(x, scalar(x, c.Max))
	}
	return x
}

// Apply adds it to the graph.
func (e ELU) Apply(x *Node) *Node { return exponentialBelow(x, e.Alpha, 1) }

// Apply adds it to the graph.
func (c CELU) Apply(x *Node) *Node { return exponentialBelow(x, c.Alpha, 1/c.Alpha) }

// exponentialBelow is x above 0 and alpha * (exp(x*rate) - 1) below.
func exponentialBelow(x *Node, alpha, rate float64) *Node {
	zero := graph.ScalarZero(x.Graph(), x.DType())
	// The exponential is taken of nothing above 0, where it would overflow and make its gradient NaN.
	below := graph.Sub(graph.Exp(graph.Mul(graph.Min(x, zero), scalar(x, rate))), scalar(x, 1))
	return graph.Where(graph.GreaterThan(x, graph.ZerosLike(x)), x, graph.Mul(below, scalar(x, alpha)))
}

// Apply adds it to the graph.
func (g GELU) Apply(x *Node) *Node {
	if g.Tanh {
		cube := graph.Mul(x, graph.Mul(x, x))
		inner := graph.Mul(graph.Add(x, graph.Mul(cube, scalar(x, 0.044715))), scalar(x, math.Sqrt(2/math.Pi)))
		return graph.Mul(graph.Mul(x, scalar(x, 0.5)), graph.Add(graph.Tanh(inner), scalar(x, 1)))
	}
	share := graph.Add(graph.Erf(graph.Mul(x, scalar(x, 1/math.Sqrt2))), scalar(x, 1))
	return graph.Mul(graph.Mul(x, scalar(x, 0.5)), share)
}

// Apply adds it to the graph.
func (h HardSigmoid) Apply(x *Node) *Node {
	line := graph.Add(graph.Mul(x, scalar(x, h.Alpha)), scalar(x, h.Beta))
	return graph.Min(relu(line), scalar(x, 1))
}

// Apply adds it to the graph.
func (f Function) Apply(x *Node) *Node {
	switch f {
	case Sigmoid:
		return graph.Logistic(x)
	case Tanh:
		return graph.Tanh(x)
	case Softplus:
		return softplus(x)
	case Softsign:
		return graph.Div(x, graph.Add(graph.Abs(x), scalar(x, 1)))
	case Exponential:
		return graph.Exp(x)
	case SiLU:
		return graph.Mul(x, graph.Logistic(x))
	case HardSiLU:
		return graph.Mul(x, HardSigmoid{1.0 / 6, 0.5}.Apply(x))
	case SELU: // Klambauer et al. 2017
		const alpha, scale = 1.6732632423543772, 1.0507009873554805
		return graph.Mul(ELU{alpha}.Apply(x), scalar(x, scale))
	case Mish:
		return graph.Mul(x, graph.Tanh(softplus(x)))
	case Softmax:
		return graph.Softmax(x, -1)
	case LogSoftmax:
		return graph.LogSoftmax(x, -1)
	case Absolute:
		return graph.Abs(x)
	case Negative:
		return graph.Neg(x)
	case Erf:
		return graph.Erf(x)
	case Log:
		return graph.Log(x)
	case Reciprocal:
		return graph.Reciprocal(x)
	case Square:
		return graph.Square(x)
	case Sqrt:
		return graph.Sqrt(x)
	}
	exceptions.Panicf("there is no activation %q", string(f))
	return nil
}

// softplus is log(1 + exp(x)), without an overflow.
func softplus(x *Node) *Node {
	return graph.Add(relu(x), graph.Log1p(graph.Exp(graph.Neg(graph.Abs(x)))))
}
