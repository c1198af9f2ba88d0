// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Op is what a layer computes. An Op is a small comparable or plain struct that holds its options and no weights.
//
// Shapes are those of one picture, without the batch: [height, width, channels] or [features].
type Op interface {
	// Shape returns the output's shape, or an error that says which size or option doesn't fit.
	Shape(inputs ...[]int) ([]int, error)
	// Weights are the shapes of the weights that it takes, by their roles.
	Weights(inputs ...[]int) map[string][]int
	// Build adds it to the graph; inputs and output have the batch in front. It panics, as graph functions do.
	Build(weight func(role string) *Node, inputs ...*Node) *Node
}

// Window is an Op that looks at squares of its input. Receptive fields and strides follow from it.
type Window interface {
	Op
	// Window returns how many rows and columns one output position sees, and how far apart positions are, in positions
	// of the input; a stride below 1 is an up-sampling's.
	Window() (size [2]int, stride [2]float64)
}

// Filtering is an Op whose output channels have kernels of their own, so that one of them can be computed alone.
type Filtering interface {
	Op
	// BuildChosen is Build for one output channel a picture: filters is [batch] int32, the result's last axis is 1.
	BuildChosen(weight func(role string) *Node, filters *Node, inputs ...*Node) *Node
}

// Activation is what a layer makes of each value, or of all channels at a position (softmax).
type Activation interface {
	// Apply adds it to the graph.
	Apply(x *Node) *Node
	// Silent says whether it makes one and the same value, without a gradient, of a range of inputs: true for ReLU and
	// its kin, false for SiLU or a leaky ReLU. Only then can a filter be dead.
	Silent() bool
	// String is Keras' name for it: "relu", "silu".
	String() string
}
