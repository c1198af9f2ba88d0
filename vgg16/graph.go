// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"convscope/pkg/ascent"
)

// Activation builds VGG16 from the pictures up to the layer, no further, and returns the layer's output, after its
// ReLU.
//
// The pictures are [batch, height, width, 3]; the result is [batch, height/stride, width/stride, filters]. Values go
// in as they are: see [Preprocess] for photographs. Like all graph functions it panics on a wrong name or shape.
func Activation(scope *model.Scope, pictures *Node, layer string) *Node {
	outputs := Activations(scope, pictures, layer)
	return outputs[0]
}

// Activations is [Activation] for several layers in one graph: it builds up to the deepest of them and
// returns their outputs in the order of the names.
func Activations(scope *model.Scope, pictures *Node, layers ...string) []*Node {
	outputs := make([]*Node, len(layers))
	missing := len(layers)
	for _, name := range layers {
		layer := mustFind(name)
		mustBePictures(pictures, layer)
	}
	x := pictures // [batch, height, width, 3]
	for _, layer := range table {
		x = layer.build(scope, x)
		for i, name := range layers {
			if name == layer.Name {
				outputs[i] = x
				missing--
			}
		}
		if missing == 0 {
			break
		}
	}
	return outputs
}

// Onward builds the layers after one of them, up to another and with it: from the output of the first, [batch, h, w,
// channels], to that of the second. The two may be the same. Like all graph functions it panics on wrong names.
func Onward(scope *model.Scope, output *Node, from, to string) *Node {
	first, last := len(mustFind(from).upTo()), len(mustFind(to).upTo())
	if first > last {
		exceptions.Panicf("%s comes after %s: name the layer nearer the picture first", from, to)
	}
	for _, layer := range table[first:last] {
		output = layer.build(scope, output) // [batch, height/stride, width/stride, filters]
	}
	return output
}

// build adds one layer to the graph.
func (l Layer) build(scope *model.Scope, x *Node) *Node {
	if l.Kind == Pool {
		return maxPool(x) // [batch, height/2, width/2, filters]
	}
	return relu(l.convolve(scope, x)) // [batch, height, width, filters]
}

// convolve computes a convolution before its ReLU, from [batch, height, width, in] to [batch, height, width, filters].
// How it is computed is the device's matter, see [device.Device.Convolution].
func (l Layer) convolve(scope *model.Scope, x *Node) *Node {
	x = Convolve(x, l.variable(scope, x.Graph(), kernelName)).PadSame().Done() // [batch, height, width, filters]
	return Add(x, l.bias(scope, x.Graph()))
}

// buildBelow is build for a layer below the target, whose ReLU may be a redirected one.
func (l Layer) buildBelow(scope *model.Scope, x *Node, redirect bool) *Node {
	if l.Kind == Pool || !redirect {
		return l.build(scope, x)
	}
	return ascent.RedirectedReLU(l.convolve(scope, x)) // [batch, height, width, filters]
}

// variable returns one of the layer's variables from the store.
func (l Layer) variable(scope *model.Scope, g *Graph, name string) *Node {
	return stored(scope, l.Name, name).NodeValue(g)
}

// stored returns a variable of the layer from the store.
func stored(scope *model.Scope, layer, name string) *model.Variable {
	path := model.JoinPath(scope.Scope(), layer, name)
	v := scope.Store().GetVariable(path)
	if v == nil {
		exceptions.Panicf("the store has no weights %s: load them with vgg16.Load", path)
	}
	return v
}

// bias returns the layer's bias, [1, 1, 1, filters].
func (l Layer) bias(scope *model.Scope, g *Graph) *Node {
	return Reshape(l.variable(scope, g, biasName), 1, 1, 1, -1)
}

// relu is max(x, 0). Its gradient is a plain selection, which XLA fuses with its neighbours.
func relu(x *Node) *Node {
	return Max(x, ScalarZero(x.Graph(), x.DType()))
}

// maxPool takes the maximum of each 2x2 square.
//
// It is written as the maximum of four strided slices because the gradient of a windowed maximum is slow on XLA's
// CPU backend and missing in GoMLX's pure Go one. Ties go to the first, as in Keras.
func maxPool(x *Node) *Node {
	dims := x.Shape().Dimensions
	height, width := dims[1]/2*2, dims[2]/2*2
	corner := func(row, column int) *Node {
		return Slice(x, AxisRange(), AxisRange(row, height).Stride(2), AxisRange(column, width).Stride(2)) // [batch, height/2, width/2, filters]
	}
	return Max(Max(corner(0, 0), corner(0, 1)), Max(corner(1, 0), corner(1, 1)))
}

// mustFind is [Find] for graph functions.
func mustFind(name string) Layer {
	layer, err := Find(name)
	if err != nil {
		panic(err)
	}
	return layer
}

// mustBePictures checks the shape [batch, height, width, 3] and that the pictures are large enough for the layer.
func mustBePictures(x *Node, layer Layer) {
	if x.Rank() != 4 || x.Shape().Dim(3) != 3 {
		exceptions.Panicf("vgg16 takes pictures of shape [batch, height, width, 3], not %s", x.Shape())
	}
	if err := layer.CheckSize(x.Shape().Dim(1), x.Shape().Dim(2)); err != nil {
		panic(err)
	}
}
