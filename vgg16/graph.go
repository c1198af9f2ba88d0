// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"convscope/pkg/layer"
)

// Activation builds VGG16 from the pictures up to the layer, no further, and returns the layer's output, after its
// ReLU.
//
// The pictures are [batch, height, width, 3]; the result is [batch, height/stride, width/stride, filters]. Values go
// in as they are: see [Preprocess] for photographs. Like all graph functions it panics on a wrong name or shape.
func Activation(scope *model.Scope, pictures *Node, layer string) *Node {
	return Activations(scope, pictures, layer)[0]
}

// Activations is [Activation] for several layers in one graph: it builds up to the deepest of them and
// returns their outputs in the order of the names.
func Activations(scope *model.Scope, pictures *Node, layers ...string) []*Node {
	return table.Network().Outputs(scope, pictures, layer.Walk{}, layers...)
}

// Preprocess turns photographs into what VGG16's weights expect: from red, green, blue to blue, green, red, minus the
// means of the pictures that it learned from.
//
// pictures is [batch, height, width, 3] with values from 0 to 255; so is the result, in the other order and centred.
// The book's gradient ascent doesn't use it: it feeds gray noise as it is.
func Preprocess(pictures *Node) *Node { return table.Network().Input.Apply(pictures) }

// Onward builds the layers after one of them, up to another and with it: from the output of the first, [batch, h, w,
// channels], to that of the second. The two may be the same. Like all graph functions it panics on wrong names.
func Onward(scope *model.Scope, output *Node, from, to string) *Node {
	mustFind(from)
	mustFind(to)
	return onward(scope, table.Network(), output, layer.Walk{}, from, to)
}

// onward is Onward for any chain of layers.
func onward(scope *model.Scope, net *layer.Network, output *Node, how layer.Walk, from, to string) *Node {
	at := func(name string) int {
		return slices.IndexFunc(net.Layers, func(l layer.Layer) bool { return l.Name == name })
	}
	first, last := at(from), at(to)
	switch {
	case first > last:
		exceptions.Panicf("%s comes after %s: name the layer nearer the picture first", from, to)
	case first == last:
		return output
	}
	rest := &layer.Network{Name: net.Name, Output: to, Layers: slices.Clone(net.Layers[first+1 : last+1])}
	rest.Input.Channels = output.Shape().Dim(-1)
	rest.Layers[0].Inputs = []string{layer.Picture}
	return rest.Outputs(scope, output, how, to)[0] // [batch, height/stride, width/stride, filters]
}

// mustFind is [Find] for graph functions.
func mustFind(name string) Layer {
	found, err := Find(name)
	if err != nil {
		panic(err)
	}
	return found
}

// Logits builds VGG16 with its top up to the class scores before the softmax: pictures [batch, 224, 224, 3] give
// [batch, classes].
//
// Values go in as they are: see [Preprocess] for photographs. Like all graph functions it panics, on another shape
// and, with [ErrNoTop], when the weights have no top.
func Logits(scope *model.Scope, pictures *Node) *Node {
	if dims := pictures.Shape().Dimensions; len(dims) != 4 || dims[1] != TopSize || dims[2] != TopSize {
		panic(fmt.Errorf("the top takes pictures of %dx%d pixels, [batch, %d, %d, 3], not %v",
			TopSize, TopSize, TopSize, TopSize, dims))
	}
	return TopLogits(scope, Activation(scope, pictures, "block5_pool"))
}

// TopLogits builds the top alone: the output of block5_pool, [batch, 7, 7, 512], gives the class scores before the
// softmax, [batch, classes].
func TopLogits(scope *model.Scope, output *Node) *Node {
	kernel := scope.Store().GetVariable(layer.Variable(topLayers[0], kernelName))
	if kernel == nil {
		panic(ErrNoTop)
	}
	inputs := kernel.Shape().Dim(0)
	dims := output.Shape().Dimensions
	if len(dims) != 4 || dims[1] != topSide || dims[2] != topSide || dims[1]*dims[2]*dims[3] != inputs {
		panic(fmt.Errorf("the top takes the output of block5_pool for pictures of %dx%d pixels, "+
			"[batch, %d, %d, %d], not %v",
			TopSize, TopSize, topSide, topSide, inputs/topSide/topSide, dims))
	}
	var units []int
	for _, name := range topLayers {
		units = append(units, scope.Store().GetVariable(layer.Variable(name, biasName)).Shape().Dim(0))
	}
	net := Network()
	addTop(net, units...)
	return onward(scope, net, output, layer.Walk{Before: true}, "block5_pool", topLayers[len(topLayers)-1])
}
