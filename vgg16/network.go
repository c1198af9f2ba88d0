// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"strings"

	"convscope/pkg/layer"
	"convscope/pkg/network"
)

// The kinds of layers, [Layer.Kind].
const (
	// Conv is a 3x3 convolution with "same" padding and stride 1, followed by a ReLU.
	Conv = "conv"
	// Pool is a 2x2 maximum with stride 2; an odd last row or column is dropped.
	Pool = "pool"
)

// Layer is one row of the network's table.
type Layer = network.Layer

// blocks are how many convolutions there are between two pools, and how many filters each of them has (Simonyan and
// Zisserman 2014, configuration D).
var blocks = []struct{ convolutions, filters int }{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}}

// Network is VGG16's table, without its top and without weights: 13 convolutions and 5 pools, with Keras' names.
func Network() *layer.Network { return thin(1) }

// thin is the table with 1/thin of the filters. The means are the average blue, green and red of the pictures that
// VGG16 learned from, in gray levels (Simonyan and Zisserman 2014; Keras' "caffe" mode).
func thin(thin int) *layer.Network {
	net := &layer.Network{Name: "vgg16", Input: layer.Input{Channels: 3, Mean: []float64{103.939, 116.779, 123.68},
		BGR: true, Source: "as Keras has it"}}
	below := layer.Picture
	add := func(l layer.Layer) {
		l.Inputs, below, net.Output = []string{below}, l.Name, l.Name
		net.Layers = append(net.Layers, l)
	}
	for i, block := range blocks {
		name := "block" + string(rune('1'+i))
		for k := range block.convolutions {
			add(layer.Layer{
				Name: name + "_conv" + string(rune('1'+k)), Class: Conv, Activation: layer.ReLU{},
				Op: layer.Conv{Filters: max(block.filters/thin, 1), Kernel: [2]int{3, 3},
					Padding: layer.Padding{Same: true}},
			})
		}
		add(layer.Layer{Name: name + "_pool", Class: Pool, Op: layer.MaxPool{Size: [2]int{2, 2}}})
	}
	return net
}

// addTop puts the classifier on the table: dense layers of so many units, at last of the classes.
func addTop(net *layer.Network, units ...int) {
	below := net.Output
	add := func(l layer.Layer) {
		l.Inputs, below, net.Output = []string{below}, l.Name, l.Name
		net.Layers = append(net.Layers, l)
	}
	add(layer.Layer{Name: "flatten", Class: "flatten", Op: layer.Flatten{}})
	for i, name := range topLayers {
		l := layer.Layer{Name: name, Class: "dense", Activation: layer.ReLU{}, Op: layer.Dense{Units: units[i]}}
		if i == len(topLayers)-1 {
			l.Activation = layer.Softmax
		}
		add(l)
	}
	net.Logits, net.Input.Height, net.Input.Width = net.Output, TopSize, TopSize
}

// table is what is known of VGG16 without its top.
var table = network.NewTable(Network())

// Layers returns the 13 convolutions and 5 pools of VGG16 in order.
func Layers() []Layer { return table.Layers() }

// Find returns the layer of that name, or an error that names those that are near.
func Find(name string) (Layer, error) { return table.Find(name) }

// Summary is the network's table for people, see [network.Table.Summary].
func Summary(height, width int) (header []string, rows [][]string) {
	return table.Summary(height, width)
}

// isTop says whether a weight's name, "fc1/kernel", is of the top.
func isTop(name string) bool {
	layer, _, _ := strings.Cut(name, "/")
	for _, top := range topLayers {
		if layer == top {
			return true
		}
	}
	return false
}
