// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Identity gives what it takes: a dropout, an augmentation, an input.
type Identity struct{}

// Shape is the input's.
func (Identity) Shape(inputs ...[]int) ([]int, error) { return only(inputs) }

// Weights are none.
func (Identity) Weights(...[]int) map[string][]int { return nil }

// Build gives its input.
func (Identity) Build(_ func(string) *Node, inputs ...*Node) *Node { return inputs[0] }

// Channelwise is true.
func (Identity) Channelwise(...[]int) bool { return true }

// Activate is an activation as a layer of its own.
type Activate struct {
	Activation Activation
}

// Shape is the input's.
func (a Activate) Shape(inputs ...[]int) ([]int, error) {
	if a.Activation == nil {
		return nil, errors.New("it has no activation")
	}
	return only(inputs)
}

// Weights are none.
func (a Activate) Weights(...[]int) map[string][]int { return nil }

// Build applies the activation.
func (a Activate) Build(_ func(string) *Node, inputs ...*Node) *Node {
	return a.Activation.Apply(inputs[0])
}

// Channelwise is true but for a softmax.
func (a Activate) Channelwise(...[]int) bool { return a.Activation != nil && separate(a.Activation) }

// PReLU is x above 0 and alpha * x below. Its weight is "alpha".
type PReLU struct {
	// Alpha is the weight's shape, which is broadcast: [channels] or [1, 1, channels] for one number a channel.
	Alpha []int
}

// Shape is the input's.
func (p PReLU) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	both, err := Arithmetic{Operation: Multiply, Constant: p.Alpha}.Shape(in)
	if err != nil || !slices.Equal(both, in) {
		return nil, fmt.Errorf("an alpha of %v doesn't fit %v", p.Alpha, in)
	}
	return in, nil
}

// Weights are alpha.
func (p PReLU) Weights(...[]int) map[string][]int { return map[string][]int{alphaRole: p.Alpha} }

const alphaRole = "alpha"

// Build adds it to the graph.
func (p PReLU) Build(weight func(string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	below := graph.Mul(x, along(weight(alphaRole), x))
	return graph.Where(graph.GreaterThan(x, graph.ZerosLike(x)), x, below)
}

// Channelwise is true.
func (p PReLU) Channelwise(...[]int) bool { return true }

// Unsupported stands for a layer that can't be computed. All layers that don't need it work.
type Unsupported struct {
	// Why says in a few words what is missing: "MultiHeadAttention is not supported".
	Why string
}

// UnsupportedError is the error of a layer that is [Unsupported], and of those that need it.
type UnsupportedError struct {
	Why string
}

// Error is the reason.
func (e *UnsupportedError) Error() string { return e.Why }

// Shape is an [*UnsupportedError].
func (u Unsupported) Shape(...[]int) ([]int, error) { return nil, &UnsupportedError{u.Why} }

// Weights are none.
func (u Unsupported) Weights(...[]int) map[string][]int { return nil }

// Build panics.
func (u Unsupported) Build(func(string) *Node, ...*Node) *Node {
	exceptions.Panicf("%s", u.Why)
	return nil
}
