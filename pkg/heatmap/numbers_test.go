// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
	"convscope/pkg/heatmap"
)

// value are the numbers that testdata/reference.py knows too.
func value(scale, offset float32, dims ...int) *tensors.Tensor {
	size := 1
	for _, d := range dims {
		size *= d
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = offset + scale*float32(math.Sin(0.7*float64(i)+0.3))
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// small is the network of testdata/reference.py: a convolution whose places are 2x2 pixels, and three classes that use
// each place in their own way.
func small(t testing.TB) *heatmap.Target {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	return &heatmap.Target{
		Backend: dev.Backend, Store: model.NewStore(), Classes: []string{"cat", "coffee", "rocket"}, Layer: "layer",
		Stride: 2, ReceptiveField: 2, Unit: 2,
		Graph: cut(func(pictures *Node) *Node {
			x := AddScalar(DivScalar(pictures, 100), -1)
			kernel := Const(x.Graph(), value(1, 0, 2, 2, 3, 6))
			x = Convolve(x, kernel).Strides(2).Done() // [batch, height/2, width/2, 6]
			return MaxScalar(x, 0)
		}, bent),
	}
}

// bent are logits that bend everywhere: [batch, 3].
func bent(features *Node) *Node {
	g := features.Graph()
	x := Reshape(Tanh(features), features.Shape().Dim(0), -1)   // [batch, places * 6]
	x = MatMul(x, Const(g, value(0.5, 0, x.Shape().Dim(1), 3))) // [batch, 3]
	return Add(x, Const(g, value(1, 0, 1, 3)))
}

// TestNumbers compares every method, of logits and of probabilities, with pytorch-grad-cam.
func TestNumbers(t *testing.T) {
	data, err := os.ReadFile("testdata/numbers.json")
	require.NoError(t, err)
	var want map[string][]float32
	require.NoError(t, json.Unmarshal(data, &want))
	target := small(t)
	pictures := value(100, 127.5, 2, 8, 10, 3)
	for _, softmax := range []bool{false, true} {
		for _, named := range heatmap.Methods() {
			name := string(named.Method)
			if softmax {
				name += " softmax"
			}
			t.Run(name, func(t *testing.T) {
				maps, err := heatmap.ExplainTensor(context.Background(), target, pictures, []string{"coffee", "2"},
					heatmap.Options{Method: named.Method, Softmax: softmax})
				require.NoError(t, err)
				require.Len(t, maps, 2)
				largest := 0.0
				for _, v := range want[name] {
					largest = max(largest, math.Abs(float64(v)))
				}
				for i, m := range maps {
					require.InDeltaSlice(t, want[name][i*20:(i+1)*20], m.Values, 1e-5*largest)
					require.InDeltaSlice(t, want["logits"][i*3:(i+1)*3], m.Logits, 1e-5)
					require.Equal(t, [2]int{4, 5}, [2]int{m.Height, m.Width})
					require.Equal(t, i+1, m.Class)
					require.Equal(t, target.Classes[i+1], m.Name)
					require.InDelta(t, m.Logits[m.Class], m.Score, 1e-7)
					require.InDelta(t, m.Probabilities[m.Class], m.Probability, 1e-7)
					mean, total, probability := 0.0, 0.0, 0.0
					for _, v := range m.Values {
						mean += float64(v) / float64(len(m.Values))
					}
					for _, v := range m.Shares {
						total += float64(v)
					}
					for _, p := range m.Probabilities {
						probability += float64(p)
					}
					require.Len(t, m.Shares, 6)
					require.InDelta(t, mean, total, 1e-5*largest, "the shares add up to the map's mean")
					require.InDelta(t, 1, probability, 1e-6)
				}
			})
		}
	}
}

// TestGradient compares HiResCAM, gradient times activation, with differences of the score: on the features
// themselves, as pictures of their own.
func TestGradient(t *testing.T) {
	target := small(t)
	target.Graph = cut(func(pictures *Node) *Node { return DivScalar(pictures, 100) }, bent)
	target.Stride = 1
	pictures := value(100, 127.5, 1, 4, 5, 3)
	score := func(pictures *tensors.Tensor) float64 {
		maps, err := heatmap.ExplainTensor(context.Background(), target, pictures, []string{"cat"}, heatmap.Options{})
		require.NoError(t, err)
		return maps[0].Score
	}
	maps, err := heatmap.ExplainTensor(context.Background(), target, pictures, []string{"cat"},
		heatmap.Options{Method: heatmap.HiResCAM})
	require.NoError(t, err)
	values := tensors.MustCopyFlatData[float32](pictures)
	for _, place := range []int{0, 7, 19} {
		want := 0.0
		for c := range 3 {
			const step = 5
			up, down := append([]float32(nil), values...), append([]float32(nil), values...)
			up[place*3+c] += step
			down[place*3+c] -= step
			slope := (score(tensors.FromFlatDataAndDimensions(up, 1, 4, 5,
				3)) - score(tensors.FromFlatDataAndDimensions(down, 1, 4, 5, 3))) / (2 * step)
			want += slope * float64(values[place*3+c])
		}
		require.InDelta(t, want, maps[0].Values[place], 5e-3)
	}
}
