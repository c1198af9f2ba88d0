// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/internal/level"
	"convscope/pkg/layer"
	"convscope/pkg/onnx"
)

// TestWritten lets onnx check what Write wrote and onnxruntime run it: the numbers are those of the network, and those
// of what Read reads.
func TestWritten(t *testing.T) {
	level.Real(t, "needs onnxruntime and XLA")
	picture := func(op layer.Op) *layer.Network {
		return &layer.Network{Input: layer.Input{Channels: 4, Height: 11, Width: 10},
			Layers: []layer.Layer{{Name: "only", Inputs: []string{layer.Picture}, Op: op}}}
	}
	odd := small()
	for i, name := range []string{"picture", "필터 1", "a/b", "picture/before", "필터 1.kernel", "scores"} {
		odd.Layers[i].Name = name
		if i > 0 {
			odd.Layers[i].Inputs = []string{odd.Layers[i-1].Name}
		}
	}
	networks := map[string]*layer.Network{
		"all that can be written": small(), "odd names": odd,
		"an output that is not the last": func() *layer.Network {
			net := small()
			net.Logits, net.Classes, net.Output = "", nil, "pool"
			return net
		}(),
		"a pool with strides of its size in one direction": picture(layer.MaxPool{Size: [2]int{3, 2}, Stride: [2]int{2, 0}}),
		"a pool that keeps a last window": picture(layer.MaxPool{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Ceil: true,
			Padding: layer.Padding{Begin: [2]int{1, 1}, End: [2]int{1, 1}}}),
		"a pool with lower padding": picture(layer.MaxPool{Size: [2]int{2, 2}, Stride: [2]int{1, 2},
			Padding: layer.Padding{Same: true, Lower: true}}),
		"a spread pool": picture(layer.MaxPool{Size: [2]int{2, 2}, Stride: [2]int{1, 1}, Dilation: [2]int{2, 3}}),
		"a spread convolution": picture(layer.Conv{Filters: 6, Kernel: [2]int{3, 3}, Dilation: [2]int{2, 1}, Groups: 2,
			Padding: layer.Padding{Same: true}}),
		"a spread window of even size": picture(layer.Conv{Filters: 2, Kernel: [2]int{2, 4}, Dilation: [2]int{3, 1},
			Padding: layer.Padding{Same: true, Lower: true}}),
		"a depthwise convolution": picture(layer.DepthwiseConv{Multiplier: 3, Kernel: [2]int{2, 3}, Stride: [2]int{2, 1},
			Padding: layer.Padding{Same: true}}),
		"a ReLU of its own": picture(layer.Activate{Activation: layer.ReLU{}}),
		"one filter a channel": picture(layer.Conv{Filters: 4, Kernel: [2]int{2, 3}, Stride: [2]int{3, 2}, Groups: 4,
			Padding: layer.Padding{Same: true, Lower: true}, NoBias: true}),
		"a mean that keeps its directions": picture(layer.Reduce{To: layer.Mean, Axes: []int{0, 1}, Keep: true}),
	}
	var asked []question
	random := rand.New(rand.NewPCG(1, 2))
	names := slices.Sorted(maps.Keys(networks))
	for _, name := range names {
		net := networks[name]
		require.NoError(t, net.Initialize(3), name)
		var file bytes.Buffer
		require.NoError(t, onnx.Write(&file, net), name)
		q := question{Path: put(t, file.Bytes()), Shape: []int{1, net.Input.Height, net.Input.Width, net.Input.Channels}}
		for range net.Input.Height * net.Input.Width * net.Input.Channels {
			q.Values = append(q.Values, random.Float32()*2-1)
		}
		asked = append(asked, q)
	}
	for i, answer := range askONNXRuntime(t, asked) {
		t.Run(names[i], func(t *testing.T) {
			require.Empty(t, answer.Error)
			theirs := tensors.FromFlatDataAndDimensions(answer.Values, answer.Shape...)
			read, err := onnx.Read(asked[i].Path)
			require.NoError(t, err)
			require.NoError(t, read.Check())
			for what, net := range map[string]*layer.Network{"written": networks[names[i]], "read again": read} {
				ours := result(t, net, tensors.FromFlatDataAndDimensions(asked[i].Values, asked[i].Shape...))
				require.LessOrEqual(t, apart(t, ours, theirs), 1e-5, what)
			}
		})
	}
}

// question is a picture for a network's file, and the answer to it an array or an error.
type question struct {
	Path   string    `json:"path,omitempty"`
	Shape  []int     `json:"shape"`
	Values []float32 `json:"values"`
	Error  string    `json:"error,omitempty"`
}

// askONNXRuntime lets one Python process answer all.
func askONNXRuntime(t *testing.T, asked []question) (answers []question) {
	t.Helper()
	python, site := python(t, "torch", torch)
	text, err := json.Marshal(asked)
	require.NoError(t, err)
	command := exec.Command(python, filepath.Join("testdata", "written.py"))
	command.Env = fetch.PythonEnv("PYTHONPATH="+site, "PYTHONNOUSERSITE=1")
	command.Stdin = bytes.NewReader(text)
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	require.NoError(t, err, said.String())
	require.NoError(t, json.Unmarshal(out, &answers), said.String())
	require.Len(t, answers, len(asked))
	return answers
}

// result is a network's output for a picture.
func result(t *testing.T, net *layer.Network, picture *tensors.Tensor) *tensors.Tensor {
	t.Helper()
	dev, err := xla()
	require.NoError(t, err)
	output := cmp.Or(net.Output, net.Logits, net.Layers[len(net.Layers)-1].Name)
	out, err := model.CallOnce(dev.Backend, stored(t, net), func(scope *model.Scope, x *Node) *Node {
		return net.Outputs(scope, x, layer.Walk{}, output)[0]
	}, picture)
	require.NoError(t, err)
	return out
}
