// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "github.com/gomlx/gomlx/core/graph"

// DepthwiseConv is a convolution in which each channel has kernels of its own: output channel c*Multiplier+m is the
// one of input channel c. Its weights are "kernel" [height, width, in, multiplier] and "bias" [in*multiplier].
type DepthwiseConv struct {
	// Multiplier counts the kernels of each channel; 0 stands for 1.
	Multiplier int
	// Kernel, Stride, Dilation, Padding and NoBias are as in [Conv].
	Kernel, Stride, Dilation [2]int
	Padding                  Padding
	NoBias                   bool
}

// conv is the convolution in groups that it is.
func (d DepthwiseConv) conv(channels int) Conv {
	return Conv{Filters: channels * min(max(d.Multiplier, 1), most), Kernel: d.Kernel, Stride: d.Stride,
		Dilation: d.Dilation, Groups: channels, Padding: d.Padding, NoBias: d.NoBias}
}

// Shape is [height, width, in*multiplier].
func (d DepthwiseConv) Shape(inputs ...[]int) ([]int, error) {
	in, err := positions(inputs)
	if err != nil {
		return nil, err
	}
	return d.conv(in[2]).Shape(in)
}

// Weights are the kernel and the bias.
func (d DepthwiseConv) Weights(inputs ...[]int) map[string][]int {
	if _, err := d.Shape(inputs...); err != nil {
		return nil
	}
	channels, multiplier := inputs[0][2], max(d.Multiplier, 1)
	kernel := []int{d.Kernel[0], d.Kernel[1], channels, multiplier}
	return withBias(map[string][]int{kernelRole: kernel}, channels*multiplier, d.NoBias)
}

// Window is the kernel with its dilation, and the stride.
func (d DepthwiseConv) Window() ([2]int, [2]float64) {
	return spans(d.Kernel, d.Dilation), strides(d.Stride)
}

// Build adds it to the graph.
func (d DepthwiseConv) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	conv := d.conv(x.Shape().Dim(-1))
	return conv.Build(d.grouped(weight, conv), x)
}

// grouped gives the convolution in groups its kernel, [height, width, 1, in*multiplier].
func (d DepthwiseConv) grouped(weight func(role string) *Node, conv Conv) func(role string) *Node {
	return func(role string) *Node {
		if role != kernelRole {
			return weight(role)
		}
		return graph.Reshape(weight(role), d.Kernel[0], d.Kernel[1], 1, conv.Filters)
	}
}
