// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"bytes"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
	"convscope/pkg/onnx"
)

// small is a table of all that can be written.
func small() *layer.Network {
	return &layer.Network{Name: "small", Logits: "scores", Classes: []string{"a, b", "it's c"},
		Input: layer.Input{Channels: 3, Height: 17, Width: 13, Mean: []float64{1, 2, 3}, Deviation: []float64{0.5},
			BGR: true},
		Layers: []layer.Layer{
			{Name: "same", Inputs: []string{layer.Picture}, Activation: layer.ReLU{},
				Op: layer.Conv{Filters: 4, Kernel: [2]int{3, 3}, Padding: layer.Padding{Same: true}}},
			{Name: "pool", Inputs: []string{"same"}, Op: layer.MaxPool{Size: [2]int{2, 2}}},
			{Name: "grouped", Inputs: []string{"pool"}, Op: layer.Conv{Filters: 6, Kernel: [2]int{3, 2}, Groups: 2,
				Stride: [2]int{2, 1}, Padding: layer.Padding{Begin: [2]int{1, 0}, End: [2]int{1, 1}}, NoBias: true}},
			{Name: "block.last", Inputs: []string{"grouped"}, Activation: layer.ReLU{},
				Op: layer.Conv{Filters: 5, Kernel: [2]int{1, 1}}},
			{Name: "mean", Inputs: []string{"block.last"}, Op: layer.Reduce{To: layer.Mean, Axes: []int{1, 0}}},
			{Name: "scores", Inputs: []string{"mean"}, Op: layer.Dense{Units: 2}}}}
}

// TestWrite reads what was written, and finds the same layers, shapes and weights.
func TestWrite(t *testing.T) {
	net := small()
	require.NoError(t, net.Initialize(1))
	var file bytes.Buffer
	require.NoError(t, onnx.Write(&file, net))
	read, err := onnx.Read(put(t, file.Bytes()))
	require.NoError(t, err)
	require.NoError(t, read.Check())

	want := net.Input
	want.Source = "from the file"
	require.Equal(t, want, read.Input)
	require.Equal(t, net.Classes, read.Classes)
	require.Equal(t, "scores", read.Output)
	require.Equal(t, "scores", read.Logits)
	for _, l := range net.Layers {
		t.Run(l.Name, func(t *testing.T) {
			shape, err := net.ShapeOf(l.Name, 17, 13)
			require.NoError(t, err)
			again, err := read.ShapeOf(l.Name, 17, 13)
			require.NoError(t, err)
			require.Equal(t, shape, again)
			from := l.Name
			if l.Activation != nil {
				from += ".Conv" // the name is the activation's then
			}
			found, err := read.Find(from)
			require.NoError(t, err)
			for role, w := range l.Weights {
				wrote, err := w.Read()
				require.NoError(t, err)
				got, err := found.Weights[role].Read()
				require.NoError(t, err)
				require.Equal(t, tensors.MustCopyFlatData[float32](wrote), tensors.MustCopyFlatData[float32](got), role)
			}
		})
	}

	for name, spoil := range map[string]func(n *layer.Network){
		"scores as ONNX: its operation": func(n *layer.Network) { n.Layers[5].Op = layer.Flatten{} },
		"mean as ONNX: its operation": func(n *layer.Network) {
			n.Layers[4].Op = layer.Reduce{To: layer.Sum, Axes: []int{0, 1}}
		},
		"scores as ONNX: it is a dense layer of places": func(n *layer.Network) { n.Layers[5].Inputs[0] = "block.last" },
		"a\xff as ONNX: its name \"a\\xff\" is not UTF-8": func(n *layer.Network) {
			n.Layers[5].Name, n.Logits = "a\xff", "a\xff"
		},
		"same as ONNX: its window has both": func(n *layer.Network) {
			n.Layers[0].Op = layer.Conv{Filters: 4, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Dilation: [2]int{2, 2},
				Padding: layer.Padding{Same: true}}
		},
		"same as ONNX: its activation elu": func(n *layer.Network) { n.Layers[0].Activation = layer.ELU{Alpha: 1} },
		"same as ONNX: its activation":     func(n *layer.Network) { n.Layers[0].Activation = layer.ReLU{Max: 6} },
	} {
		t.Run(name, func(t *testing.T) {
			net := small()
			net.Classes = nil
			spoil(net)
			require.NoError(t, net.Initialize(1))
			var file bytes.Buffer
			require.ErrorContains(t, onnx.Write(&file, net), "writing "+name)
			require.Zero(t, file.Len())
		})
	}
	require.ErrorContains(t, onnx.Write(&file, small()), "has no weight")
}

// TestWriteAgain writes what was read: from then on each file is the same.
func TestWriteAgain(t *testing.T) {
	net := small()
	net.Layers[2].Op = layer.DepthwiseConv{Multiplier: 2, Kernel: [2]int{3, 2}}
	require.NoError(t, net.Initialize(1))
	var files [3]bytes.Buffer
	for i := range files {
		require.NoError(t, onnx.Write(&files[i], net))
		read, err := onnx.Read(put(t, files[i].Bytes()))
		require.NoError(t, err)
		net = read
	}
	require.Equal(t, files[1].Bytes(), files[2].Bytes())
}
