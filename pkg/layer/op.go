// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// Node is a value in a graph that is being built.
type Node = graph.Node

// Op is what a layer computes. An Op is a small plain struct that holds its options and no weights.
//
// Shapes are those of one picture, without the batch: [height, width, channels] or [features]. Axes count without the
// batch too: 0 is the height; a negative one counts from the end, -1 is the channels.
type Op interface {
	// Shape returns the output's shape, or an error that says which size or option doesn't fit.
	Shape(inputs ...[]int) ([]int, error)
	// Weights are the shapes of the weights that it takes, by their roles; nil where the inputs don't fit.
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

// Channelwise is an Op that may keep channels apart: each channel of its output depends on the same channel of its
// inputs alone.
type Channelwise interface {
	Op
	// Channelwise says whether it does for inputs of these shapes. If so, Build takes inputs whose last axis is 1 as
	// well, with weights that are [batch, ..., 1].
	Channelwise(inputs ...[]int) bool
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

// The roles of weights that several layers have.
const (
	kernelRole   = "kernel"
	biasRole     = "bias"
	gammaRole    = "gamma"
	betaRole     = "beta"
	constantRole = "constant"
)

// only returns the shape of an Op's single input.
func only(inputs [][]int) ([]int, error) {
	if len(inputs) != 1 {
		return nil, fmt.Errorf("it takes one input, not %d", len(inputs))
	}
	return inputs[0], nil
}

// positions returns the shape of an Op's single input, which must be [height, width, channels].
func positions(inputs [][]int) ([]int, error) {
	in, err := only(inputs)
	if err == nil && len(in) != 3 {
		err = fmt.Errorf("it takes [height, width, channels], not %v", in)
	}
	return in, err
}

// axisOf takes an axis that may count from the end to one from the start, of shapes of that rank.
func axisOf(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("there is no axis %d among %d", axis, rank)
	}
	if axis < 0 {
		axis += rank
	}
	return axis, nil
}

// axesOf is axisOf for several, which must differ.
func axesOf(axes []int, rank int) (map[int]bool, error) {
	found := make(map[int]bool, len(axes))
	for _, given := range axes {
		axis, err := axisOf(given, rank)
		if err != nil {
			return nil, err
		}
		if found[axis] {
			return nil, fmt.Errorf("axis %d is named twice", given)
		}
		found[axis] = true
	}
	return found, nil
}

// along shapes a weight for x: one dimension is the channels. Weights of a chosen channel have x's rank already.
func along(weight, x *Node) *Node {
	if weight.Rank() == x.Rank() {
		return weight
	}
	dims := make([]int, x.Rank()) // 1, ..., 1, the weight's own
	for i := range dims {
		dims[i] = 1
	}
	copy(dims[len(dims)-weight.Rank():], weight.Shape().Dimensions)
	return graph.Reshape(weight, dims...)
}
