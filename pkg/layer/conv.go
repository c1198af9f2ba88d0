// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "github.com/gomlx/gomlx/core/graph"

// Conv is a convolution. Its weights are "kernel" [height, width, in/groups, filters] and "bias" [filters].
type Conv struct {
	// Filters counts the output channels.
	Filters int
	// Kernel is the window's height and width.
	Kernel [2]int
	// Stride and Dilation are those of rows and columns; 0 stands for 1.
	Stride, Dilation [2]int
	// Groups divide the channels of input and output: each takes its own part of the input; 0 stands for 1.
	Groups int
	// Padding is of zeros.
	Padding Padding
	// NoBias leaves out the bias.
	NoBias bool
}

// Shape is [height, width, filters].
func (c Conv) Shape(inputs ...[]int) ([]int, error) {
	in, w, err := c.fit(inputs)
	if err != nil {
		return nil, err
	}
	if groups := max(c.Groups, 1); in[2]%groups != 0 || c.Filters%groups != 0 {
		return nil, errChannels
	}
	return []int{w.out[0], w.out[1], c.Filters}, nil
}

func (c Conv) fit(inputs [][]int) ([]int, window, error) {
	in, err := positions(inputs)
	if err != nil {
		return nil, window{}, err
	}
	if err := checkFilters(c.Filters); err != nil {
		return nil, window{}, err
	}
	w, err := c.Padding.fit(in, window{kernel: c.Kernel, stride: c.Stride, dilation: c.Dilation}, false)
	return in, w, err
}

// Weights are the kernel and the bias.
func (c Conv) Weights(inputs ...[]int) map[string][]int {
	if _, err := c.Shape(inputs...); err != nil {
		return nil
	}
	kernel := []int{c.Kernel[0], c.Kernel[1], inputs[0][2] / max(c.Groups, 1), c.Filters}
	return withBias(map[string][]int{kernelRole: kernel}, c.Filters, c.NoBias)
}

// withBias adds a bias to weights, unless there is none.
func withBias(weights map[string][]int, filters int, none bool) map[string][]int {
	if !none {
		weights[biasRole] = []int{filters}
	}
	return weights
}

// Window is the kernel with its dilation, and the stride.
func (c Conv) Window() ([2]int, [2]float64) { return spans(c.Kernel, c.Dilation), strides(c.Stride) }

// Build adds it to the graph.
func (c Conv) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	y := convolve(x, weight(kernelRole), c.mustFit(x), max(c.Groups, 1)) // [batch, height, width, filters]
	return addBias(y, weight, c.NoBias)
}

// mustFit is fit for graph functions.
func (c Conv) mustFit(x *Node) window {
	_, w, err := c.fit([][]int{x.Shape().Dimensions[1:]})
	if err != nil {
		panic(err)
	}
	return w
}

// addBias adds a bias to x, [..., channels], unless there is none.
func addBias(x *Node, weight func(role string) *Node, none bool) *Node {
	if none {
		return x
	}
	return graph.Add(x, along(weight(biasRole), x))
}
