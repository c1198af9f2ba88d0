// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// BatchNorm is (x - mean) / sqrt(variance + epsilon) * gamma + beta for each channel, with kept means. Its weights are
// "gamma", "beta", "mean" and "variance", each [channels]. Without scale and center it is Keras' Normalization too,
// whose guard against a variance of 0 is an epsilon of 1e-14.
type BatchNorm struct {
	// Epsilon is added to the variance, as it is.
	Epsilon float64
	// NoScale and NoCenter leave out gamma and beta.
	NoScale, NoCenter bool
}

// Shape is the input's.
func (b BatchNorm) Shape(inputs ...[]int) ([]int, error) { return withChannels(inputs) }

// withChannels is the shape of the single input, which has at least one axis.
func withChannels(inputs [][]int) ([]int, error) {
	in, err := only(inputs)
	if err == nil && len(in) == 0 {
		err = fmt.Errorf("it takes [..., channels], not a single number")
	}
	return in, err
}

// Weights are up to four.
func (b BatchNorm) Weights(inputs ...[]int) map[string][]int {
	in, err := b.Shape(inputs...)
	if err != nil {
		return nil
	}
	channels := []int{in[len(in)-1]}
	return affine(map[string][]int{meanRole: channels, varianceRole: channels}, channels, b.NoScale, b.NoCenter)
}

const (
	meanRole     = "mean"
	varianceRole = "variance"
)

// affine adds gamma and beta to weights, unless they are left out.
func affine(weights map[string][]int, shape []int, noScale, noCenter bool) map[string][]int {
	if !noScale {
		weights[gammaRole] = shape
	}
	if !noCenter {
		weights[betaRole] = shape
	}
	return weights
}

// Channelwise is true.
func (b BatchNorm) Channelwise(...[]int) bool { return true }

// LayerNorm takes the mean and variance of each picture over some axes: (x - mean) / sqrt(variance + epsilon) * gamma
// + beta. Its weights are "gamma" and "beta", of the sizes of the axes, in the order of the input's.
type LayerNorm struct {
	// Epsilon is added to the variance, as it is.
	Epsilon float64
	// Axes are those of the mean; empty stands for the last one.
	Axes []int
	// NoScale and NoCenter leave out gamma and beta.
	NoScale, NoCenter bool
}

// Shape is the input's.
func (l LayerNorm) Shape(inputs ...[]int) ([]int, error) {
	in, err := withChannels(inputs)
	if err != nil {
		return nil, err
	}
	_, err = axesOf(l.axes(), len(in))
	return in, err
}

func (l LayerNorm) axes() []int {
	if len(l.Axes) == 0 {
		return []int{-1}
	}
	return l.Axes
}

// Weights are gamma and beta.
func (l LayerNorm) Weights(inputs ...[]int) map[string][]int {
	in, err := l.Shape(inputs...)
	if err != nil {
		return nil
	}
	axes, _ := axesOf(l.axes(), len(in)) // Shape has seen them
	var shape []int
	for i, size := range in {
		if axes[i] {
			shape = append(shape, size)
		}
	}
	return affine(make(map[string][]int), shape, l.NoScale, l.NoCenter)
}

// GroupNorm takes the mean and variance of each picture over all positions of each group of channels that follow one
// another. Its weights are "gamma" and "beta", each [channels].
type GroupNorm struct {
	// Groups counts the groups; 0 and below stand for one a channel, which is instance normalization.
	Groups int
	// Epsilon is added to the variance, as it is.
	Epsilon float64
	// NoScale and NoCenter leave out gamma and beta.
	NoScale, NoCenter bool
}

// Shape is the input's.
func (g GroupNorm) Shape(inputs ...[]int) ([]int, error) {
	in, err := withChannels(inputs)
	if err == nil && g.Groups > 0 && in[len(in)-1]%g.Groups != 0 {
		err = errChannels
	}
	return in, err
}

// Weights are gamma and beta.
func (g GroupNorm) Weights(inputs ...[]int) map[string][]int {
	in, err := g.Shape(inputs...)
	if err != nil {
		return nil
	}
	return affine(make(map[string][]int), slices.Clone(in[len(in)-1:]), g.NoScale, g.NoCenter)
}

// Channelwise is true where each channel is a group.
func (g GroupNorm) Channelwise(...[]int) bool { return g.Groups <= 0 }

// Build adds it to the graph.
func (b BatchNorm) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	scale, offset := b.line(weight)
	return graph.Add(graph.Mul(x, along(scale, x)), along(offset, x))
}

// line is the normalization as x * scale + offset, for each channel.
func (b BatchNorm) line(weight func(role string) *Node) (scale, offset *Node) {
	variance := weight(varianceRole)
	scale = graph.Reciprocal(graph.Sqrt(graph.Add(variance, scalar(variance, b.Epsilon)))) // [channels]
	if !b.NoScale {
		scale = graph.Mul(scale, weight(gammaRole))
	}
	offset = graph.Neg(graph.Mul(weight(meanRole), scale))
	if !b.NoCenter {
		offset = graph.Add(offset, weight(betaRole))
	}
	return scale, offset
}

// Build adds it to the graph.
func (l LayerNorm) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	axes, err := axesOf(l.axes(), x.Rank()-1)
	if err != nil {
		panic(err)
	}
	var over []int
	shape := slices.Clone(x.Shape().Dimensions)
	for i := range shape {
		if i > 0 && axes[i-1] {
			over = append(over, i)
		} else {
			shape[i] = 1
		}
	}
	fit := func(role string) *Node { return graph.Reshape(weight(role), shape...) }
	return rescaled(normal(x, l.Epsilon, over), fit, l.NoScale, l.NoCenter)
}

// normal takes x to a mean of 0 and a variance of 1 along the axes.
func normal(x *Node, epsilon float64, axes []int) *Node {
	difference := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, axes...))
	variance := graph.ReduceAndKeep(graph.Square(difference), graph.ReduceMean, axes...)
	return graph.Div(difference, graph.Sqrt(graph.Add(variance, scalar(x, epsilon))))
}

// rescaled is x * gamma + beta, unless they are left out.
func rescaled(x *Node, weight func(role string) *Node, noScale, noCenter bool) *Node {
	if !noScale {
		x = graph.Mul(x, along(weight(gammaRole), x))
	}
	if !noCenter {
		x = graph.Add(x, along(weight(betaRole), x))
	}
	return x
}

// Build adds it to the graph.
func (g GroupNorm) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	dims := x.Shape().Dimensions
	channels := dims[len(dims)-1]
	groups := g.Groups
	if groups <= 0 {
		groups = channels
	}
	positions := size(dims[1 : len(dims)-1])
	apart := graph.Reshape(x, dims[0], positions, groups, channels/groups) // [batch, positions, groups, n]
	y := graph.Reshape(normal(apart, g.Epsilon, []int{1, 3}), dims...)
	return rescaled(y, weight, g.NoScale, g.NoCenter)
}
