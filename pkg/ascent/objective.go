// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// LossFunc is a graph function that says how well each picture of a batch pleases what it is made for.
//
// It takes pictures [batch, height, width, channels] and one index for each picture, [batch] int32, a filter's as a
// rule, and returns one loss each, [batch]. Each loss may depend on its own picture only.
type LossFunc func(scope *model.Scope, pictures, filters *Node) *Node

// How is in what form a method asks for a loss.
type How struct {
	// Border is how many positions of the output don't count at each side.
	Border int
	// Waking is what helps a silent filter.
	Waking Waking
}

// Waking is what helps a filter whose activation is zero everywhere, so that its gradient is zero as well.
type Waking int

const (
	// Unaided is the activation as it is, the book's way.
	Unaided Waking = iota
	// PreActivation is the value before the ReLU, as long as the filter is silent.
	PreActivation
	// Redirected is PreActivation with gradients that pass through silent ReLUs on the way, see [RedirectedReLU].
	Redirected
)

// Source is what a model lends to an ascent.
type Source struct {
	// Loss builds the loss in the form asked for.
	Loss func(how How) LossFunc
	// Preprocess takes photographs, [batch, height, width, 3] in gray levels of red, green and blue, to the model's
	// input. Nil is for models that take them as they are.
	Preprocess func(pictures *Node) *Node
	// Scaled says that pictures are always preprocessed, since gray levels as they are would be far beyond what the
	// model learned from.
	Scaled bool
	// Black is about what a black photograph is to the model: what pictures that are fed as they are must start from
	// to reach the filters that answer to darkness.
	Black float32
	// Fires says that a loss above zero means that the filter fires, so that silent ones can be told and woken.
	Fires bool
	// Loops says that the backend runs what is in a loop as fast as what isn't, so that several steps may be one call.
	Loops bool
}

// ChannelMean is the book's objective: the mean over all positions of a layer's output at one filter
// (Chollet, "Deep Learning with Python", 1st edition, 5.4.2).
//
// activation takes pictures [batch, height, width, 3] to the layer's output [batch, h, w, channels].
func ChannelMean(activation func(scope *model.Scope, pictures *Node) *Node) LossFunc {
	return func(scope *model.Scope, pictures, filters *Node) *Node {
		output := activation(scope, pictures)                             // [batch, h, w, channels]
		perChannel := ReduceMean(output, 1, 2)                            // [batch, channels]
		chosen := OneHot(filters, output.Shape().Dim(-1), output.DType()) // [batch, channels]
		return ReduceSum(Mul(perChannel, chosen), 1)                      // [batch]
	}
}

// Inside leaves out a border of that many positions, of x [batch, h, w, channels]. Of an output that is too small its
// middle stays.
func Inside(x *Node, border int) *Node {
	height, width := x.Shape().Dim(1), x.Shape().Dim(2)
	rows, columns := min(border, (height-1)/2), min(border, (width-1)/2)
	return Slice(x, AxisRange(), AxisRange(rows, height-rows), AxisRange(columns, width-columns))
}

// Awake is the mean of each picture's activations, which activate makes of x, or, with another waking than [Unaided],
// the mean of x itself as long as that is not above zero. x are pre-activations [batch, h, w, n]; the result is
// [batch].
func Awake(x *Node, activate func(*Node) *Node, waking Waking) *Node {
	fired := ReduceMean(activate(x), 1, 2, 3) // [batch]
	if waking == Unaided {
		return fired
	}
	return Where(GreaterThan(fired, ScalarZero(x.Graph(), x.DType())), fired, ReduceMean(x, 1, 2, 3))
}

// feed is what the model gets of pictures.
func (s Source) feed(pictures *Node, photographic bool) *Node {
	if (photographic || s.Scaled) && s.Preprocess != nil {
		return s.Preprocess(pictures)
	}
	return pictures
}

// RedirectedReLU is max(x, 0) whose gradient passes on even where all of a picture's units are silent: then only what
// would push a silent unit further down is held back (Lucid's redirected_relu_grad). x is [batch, ...].
func RedirectedReLU(x *Node) *Node {
	path := IdentityWithCustomGradient(x, func(x, v *Node) *Node {
		zero := ZerosLike(v)
		normal := Where(GreaterThan(x, ZerosLike(x)), v, zero)
		redirected := Where(GreaterThan(x, ZerosLike(x)), v, MaxScalar(v, 0))
		passed := Abs(normal)
		for passed.Rank() > 1 {
			passed = ReduceMax(passed, -1)
		}
		silent := column(passed, v) // [batch, 1, ...]
		silent = BroadcastToShape(silent, v.Shape())
		return Where(GreaterThan(silent, zero), normal, redirected)
	})
	return Add(StopGradient(MaxScalar(x, 0)), Sub(path, StopGradient(path)))
}
