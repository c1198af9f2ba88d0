// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "github.com/gomlx/gomlx/core/graph"

// folds returns the convolution that a batch normalization can go into: it is the only one that takes the convolution,
// whose own values nobody asks for. That pays for what package device has its own kernels for, which add a bias and
// take a ReLU on their way, as long as the kernel, which is multiplied each time, is smaller than the output.
func (w *walker) folds(i int) (convolution int, ok bool) {
	layer := &w.network.Layers[i]
	if _, is := layer.Op.(BatchNorm); !is || layer.Inputs[0] == Picture {
		return 0, false
	}
	at := w.places[layer.Inputs[0]]
	below := &w.network.Layers[at]
	conv, _, is := w.convolution(at)
	if !is || below.Activation != nil || w.users[at] != 1 {
		return 0, false
	}
	for f := range forms {
		if w.wanted[f][at] {
			return 0, false
		}
	}
	in := w.inputShapes(at)[0]
	_, window, err := conv.fit([][]int{in})
	depthwise := conv.Groups == in[2] && conv.Filters == in[2]
	kernel := size(conv.Kernel[:]) * in[2] / max(conv.Groups, 1) * conv.Filters
	own := depthwise || conv.Groups <= 1 && window.plain()
	return at, err == nil && own && kernel <= size(w.shapes[at])
}

// convolution is a layer as a convolution in groups, and its weights.
func (w *walker) convolution(i int) (conv Conv, weight func(role string) *Node, ok bool) {
	layer := &w.network.Layers[i]
	weight = func(role string) *Node { return w.weight(layer.Name, role) }
	switch op := layer.Op.(type) {
	case Conv:
		return op, weight, true
	case DepthwiseConv:
		conv = op.conv(w.inputShapes(i)[0][2])
		return conv, op.grouped(weight, conv), true
	}
	return conv, nil, false
}

// folded builds a convolution and its batch normalization in one.
func (w *walker) folded(norm, convolution int) *Node {
	conv, weight, _ := w.convolution(convolution)
	name := w.network.Layers[norm].Name
	scale, offset := w.network.Layers[norm].Op.(BatchNorm).line(func(role string) *Node {
		return w.weight(name, role)
	})
	noBias := conv.NoBias
	conv.NoBias = false
	return conv.Build(func(role string) *Node {
		switch {
		case role == kernelRole:
			kernel := weight(role)
			return graph.Mul(kernel, along(scale, kernel))
		case noBias:
			return offset
		}
		return graph.Add(graph.Mul(weight(role), scale), offset)
	}, w.inputs(convolution, whole)...)
}
