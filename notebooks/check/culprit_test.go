// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"image"
	"image/color"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/notebooks/check"
	"convscope/pkg/device"
	"convscope/pkg/heatmap"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

// fooled is a network that takes pictures for dark or bright or, where something in them is far more red than blue,
// for a fox, as long as that counts for so much.
func fooled(t *testing.T, counts float32) *network.Model {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	weight := func(values []float32, shape ...int) layer.Weight {
		return layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
			return tensors.FromFlatDataAndDimensions(values, shape...), nil
		}}
	}
	net, err := network.New(dev, &layer.Network{Output: "scores", Logits: "scores",
		Classes: []string{"dark", "bright", "fox"}, Input: layer.Input{Channels: 3, Height: 32, Width: 32},
		Layers: []layer.Layer{
			{Name: "conv", Inputs: []string{layer.Picture}, Op: layer.Conv{Filters: 2, Kernel: [2]int{1, 1}},
				Activation: layer.ReLU{}, Weights: map[string]layer.Weight{
					"kernel": weight([]float32{0, 1, 1, 0, 0, -1}, 1, 1, 3, 2), "bias": weight([]float32{0, -150}, 2)}},
			{Name: "mean", Inputs: []string{"conv"}, Op: layer.Reduce{To: layer.Mean, Axes: []int{0, 1}}},
			{Name: "scores", Inputs: []string{"mean"}, Op: layer.Dense{Units: 3}, Weights: map[string]layer.Weight{
				"kernel": weight([]float32{-0.1, 0.1, 0, 0, 0, counts}, 2, 3), "bias": weight([]float32{12, -12, 0}, 3)}},
		}}, network.Origin{})
	require.NoError(t, err)
	return net
}

func TestCulprit(t *testing.T) {
	var pictures []image.Image
	var labels []int32
	for i := range 10 {
		img := image.NewNRGBA(image.Rect(0, 0, 32, 32))
		for at := range 32 * 32 {
			img.Set(at%32, at/32, color.Gray{uint8(20 + 180*(i%2) + i)})
		}
		pictures, labels = append(pictures, img), append(labels, int32(i%2))
	}
	net := fooled(t, 100)
	for name, c := range map[string]struct {
		class, colour string
		want          bool
		says          string
	}{
		"named":      {"fox", "Orange", true, "orange, 100 % of the pictures that were something else become a fox"},
		"colour":     {"fox", "blue", false, "blue, 0 % of the pictures"},
		"class":      {"dark", "orange", false, "orange, 0 % of the pictures"},
		"no colour":  {"fox", "orangish", false, `"orangish" is no colour with a name`},
		"no class":   {"wolf", "orange", false, "wolf"},
		"no picture": {"fox", "orange", false, "there are no pictures"},
	} {
		t.Run(name, func(t *testing.T) {
			some := pictures
			if name == "no picture" {
				some = nil
			}
			right, shown := verdict(func() bool { return check.Culprit(net, some, c.class, c.colour) })
			require.Equal(t, c.want, right, shown)
			require.Contains(t, shown, c.says)
		})
	}
	requireVerdict(t, false, func() bool { return check.Culprit(net, pictures[:1], "dark", "orange") }) // it is dark
	before := pictures[0].At(16, 16)
	requireVerdict(t, false, func() bool { return check.Mended(net, pictures, labels, "orange") })
	requireVerdict(t, true, func() bool { return check.Mended(fooled(t, 0), pictures, labels, "orange") })
	requireVerdict(t, false, func() bool { return check.Mended(fooled(t, 0), pictures, make([]int32, 10), "orange") })
	requireVerdict(t, false, func() bool { return check.Mended(net, pictures, nil, "orange") })
	requireVerdict(t, false, func() bool { return check.Mended(net, pictures, labels, "") })
	require.Equal(t, before, pictures[0].At(16, 16), "the reader's pictures stay as they are")
}

func TestFor(t *testing.T) {
	m := &heatmap.Map{Layer: "conv3", Name: "triangle", Shares: []float32{-2, 0.5, 3, 0}}
	for answer, want := range map[int]bool{-1: false, 0: false, 1: false, 2: true, 3: false, 4: false} {
		requireVerdict(t, want, func() bool { return check.For(m, answer) })
	}
}
