// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

// SeparableConv is a depthwise convolution without a bias, followed by a 1x1 convolution. Its weights are
// "depthwise_kernel" [height, width, in, multiplier], "pointwise_kernel" [1, 1, in*multiplier, filters] and "bias"
// [filters].
type SeparableConv struct {
	// Filters counts the output channels.
	Filters int
	// Multiplier, Kernel, Stride, Dilation and Padding are those of the [DepthwiseConv].
	Multiplier               int
	Kernel, Stride, Dilation [2]int
	Padding                  Padding
	// NoBias leaves out the bias.
	NoBias bool
}

const (
	depthwiseRole = "depthwise_kernel"
	pointwiseRole = "pointwise_kernel"
)

// depthwise is its first half.
func (s SeparableConv) depthwise() DepthwiseConv {
	return DepthwiseConv{Multiplier: s.Multiplier, Kernel: s.Kernel, Stride: s.Stride, Dilation: s.Dilation,
		Padding: s.Padding, NoBias: true}
}

// pointwise is its second half.
func (s SeparableConv) pointwise() Conv {
	return Conv{Filters: s.Filters, Kernel: [2]int{1, 1}, NoBias: s.NoBias}
}

// Shape is [height, width, filters].
func (s SeparableConv) Shape(inputs ...[]int) ([]int, error) {
	middle, err := s.depthwise().Shape(inputs...)
	if err != nil {
		return nil, err
	}
	return s.pointwise().Shape(middle)
}

// Weights are the two kernels and the bias.
func (s SeparableConv) Weights(inputs ...[]int) map[string][]int {
	if _, err := s.Shape(inputs...); err != nil {
		return nil
	}
	depthwise := s.depthwise().Weights(inputs...)[kernelRole]
	return withBias(map[string][]int{
		depthwiseRole: depthwise, pointwiseRole: {1, 1, depthwise[2] * depthwise[3], s.Filters},
	}, s.Filters, s.NoBias)
}

// Window is the depthwise kernel with its dilation, and the stride.
func (s SeparableConv) Window() ([2]int, [2]float64) { return s.depthwise().Window() }

// Build adds it to the graph.
func (s SeparableConv) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	return s.pointwise().Build(as(weight, pointwiseRole), s.first(weight, inputs))
}

// first builds the first half.
func (s SeparableConv) first(weight func(role string) *Node, inputs []*Node) *Node {
	return s.depthwise().Build(as(weight, depthwiseRole), inputs...) // [batch, height, width, in*multiplier]
}

// as gives the weight of that role for a kernel.
func as(weight func(role string) *Node, kernel string) func(role string) *Node {
	return func(role string) *Node {
		if role == kernelRole {
			role = kernel
		}
		return weight(role)
	}
}
