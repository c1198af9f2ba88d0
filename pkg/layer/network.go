// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "github.com/gomlx/gomlx/core/tensors"

// Picture is the name under which layers take the network's input.
const Picture = ""

// Network is a convnet as data. Nothing of it is on a device.
type Network struct {
	// Name is the network's own, or its file's.
	Name string
	// Input is what it takes.
	Input Input
	// Layers are in an order of computation: each comes after those it takes.
	Layers []Layer
	// Output names the layer that gives the network's output, usually the last one.
	Output string
	// Logits names the layer with the classes' scores before any softmax or sigmoid, "" if the network classifies
	// nothing.
	Logits string
	// Classes are the classes' names in order, nil if nobody knows them.
	Classes []string
}

// Layer is one row of the table.
type Layer struct {
	// Name is the one that the network's author gave it.
	Name string
	// Aliases are other names that find it.
	Aliases []string
	// Class is what the file calls such a layer: "Conv2D", "MaxPool".
	Class string
	// Inputs names the layers whose outputs it takes, in order; [Picture] is the network's input.
	Inputs []string
	// Op is what it computes, up to its activation.
	Op Op
	// Activation is what it makes of that, nil for nothing.
	Activation Activation
	// Weights are what Op takes, by their roles: "kernel", "bias", "gamma".
	Weights map[string]Weight
}

// Weight is one array of a layer's weights, still in its file.
type Weight struct {
	// Shape is as Op takes it, channels last: a kernel is [height, width, in/groups, out].
	Shape []int
	// Read returns the values in the shape's order. It is called when a graph first needs them.
	Read func() (*tensors.Tensor, error)
}
