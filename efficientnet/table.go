// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package efficientnet

import (
	"fmt"

	"convscope/pkg/layer"
)

// Size is the height and width of the pictures that it learned from, in pixels. Others may be given.
const Size = 224

// The kinds of layers, [network.Layer.Kind].
const (
	// Conv is a convolution with "same" padding, its batch normalization and, but for projections, a ReLU6.
	Conv = "conv"
	// Depthwise is such a convolution of each channel by itself.
	Depthwise = "depthwise"
	// Add is the sum of what goes into a block and what comes out of it.
	Add = "add"
	// Pool is the mean over all places, Dense the classes' scores and their softmax.
	Pool, Dense = "pool", "dense"
)

// stages are the blocks of one shape that follow one another: how many, their kernels' size, the first one's stride,
// how many times as many channels they work with, and how many come out (Tan and Le 2019, table 1; Lite0 has no
// squeeze-and-excitation).
var stages = []struct{ blocks, kernel, stride, expansion, filters int }{
	{1, 3, 1, 1, 16}, {2, 3, 2, 6, 24}, {2, 5, 2, 6, 40}, {3, 3, 2, 6, 80}, {3, 5, 1, 6, 112},
	{4, 5, 2, 6, 192}, {1, 3, 1, 6, 320},
}

// Network is EfficientNet-Lite0's table, without weights.
func Network() *layer.Network {
	t := &table{
		Network: layer.Network{
			Name: "efficientnet-lite0",
			Input: layer.Input{Channels: 3, Height: Size, Width: Size, Mean: []float64{127}, Deviation: []float64{128},
				Source: "as TensorFlow has it"},
		},
		last: layer.Picture,
	}
	t.conv("stem_conv", "_conv_stem", 32, 3, 2)
	number, channels := 0, 32
	for _, s := range stages {
		for i := range s.blocks {
			stride := 1
			if i == 0 {
				stride = s.stride
			}
			t.block(number, channels, channels*s.expansion, s.filters, s.kernel, stride)
			number, channels = number+1, s.filters
		}
	}
	t.conv("head_conv", "_conv_head", 1280, 1, 1)
	t.add(layer.Layer{Name: "pool", Aliases: []string{"_avg_pooling"}, Class: Pool,
		Op: layer.Reduce{Axes: []int{0, 1}, To: layer.Mean}})
	t.add(layer.Layer{
		Name: "predictions", Aliases: []string{"_fc"}, Class: Dense, Op: layer.Dense{Units: 1000},
		Activation: layer.Softmax,
	})
	t.Output, t.Logits = t.last, t.last
	return &t.Network
}

// table is a table that is being written.
type table struct {
	layer.Network
	last string // layer
}

// add adds a layer that takes the last one, unless it says what.
func (t *table) add(l layer.Layer) {
	if l.Inputs == nil {
		l.Inputs = []string{t.last}
	}
	t.Layers, t.last = append(t.Layers, l), l.Name
}

// conv adds a convolution with a ReLU6.
func (t *table) conv(name, original string, filters, kernel, stride int) {
	t.add(layer.Layer{
		Name: name, Aliases: []string{original}, Class: Conv, Activation: layer.ReLU{Max: 6},
		Op: layer.Conv{Filters: filters, Kernel: [2]int{kernel, kernel}, Stride: [2]int{stride, stride},
			Padding: layer.Padding{Same: true}},
	})
}

// block adds one block: the channels that go into it, work in it and come out of it.
func (t *table) block(number, in, within, out, kernel, stride int) {
	ours, theirs, input := fmt.Sprintf("block%d_", number), fmt.Sprintf("_blocks.%d", number), t.last
	if within != in {
		t.conv(ours+"expand", theirs+"._expand_conv", within, 1, 1)
	}
	t.add(layer.Layer{
		Name: ours + "depthwise", Aliases: []string{theirs + "._depthwise_conv"}, Class: Depthwise,
		Activation: layer.ReLU{Max: 6},
		Op: layer.DepthwiseConv{Kernel: [2]int{kernel, kernel}, Stride: [2]int{stride, stride},
			Padding: layer.Padding{Same: true}},
	})
	t.conv(ours+"project", theirs+"._project_conv", out, 1, 1)
	t.Layers[len(t.Layers)-1].Activation = nil
	if stride == 1 && in == out {
		t.add(layer.Layer{
			Name: ours + "add", Class: Add, Inputs: []string{t.last, input},
			Op: layer.Arithmetic{Operation: layer.Add},
		})
	}
	whole := &t.Layers[len(t.Layers)-1]
	whole.Aliases = append(whole.Aliases, theirs)
}
