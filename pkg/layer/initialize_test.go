// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

// values are a layer's weight.
func values(t *testing.T, n *layer.Network, name, role string) []float32 {
	t.Helper()
	found, err := n.Find(name)
	require.NoError(t, err)
	value, err := found.Weights[role].Read()
	require.NoError(t, err)
	return tensors.MustCopyFlatData[float32](value)
}

func TestInitialize(t *testing.T) {
	wide := func() *layer.Network {
		return &layer.Network{Input: layer.Input{Channels: 3, Height: 8, Width: 8}, Layers: []layer.Layer{
			{Name: "conv", Inputs: []string{layer.Picture}, Op: layer.Conv{Filters: 200, Kernel: [2]int{3, 3}},
				Activation: layer.ReLU{}},
			{Name: "norm", Inputs: []string{"conv"}, Op: layer.BatchNorm{Epsilon: 1e-3}},
			{Name: "mean", Inputs: []string{"norm"}, Op: layer.Reduce{To: layer.Mean, Axes: []int{0, 1}}},
			{Name: "scores", Inputs: []string{"mean"}, Op: layer.Dense{Units: 100}}}}
	}
	first, same, other := wide(), wide(), wide()
	require.NoError(t, first.Initialize(1))
	require.NoError(t, same.Initialize(1))
	require.NoError(t, other.Initialize(2))
	require.NoError(t, first.Check())
	require.Equal(t, values(t, first, "conv", "kernel"), values(t, same, "conv", "kernel"))
	require.NotEqual(t, values(t, first, "conv", "kernel"), values(t, other, "conv", "kernel"))

	// Each product of a sum has its share of the variance, twice as much where a ReLU follows.
	for name, want := range map[string]float64{"conv": 2. / 27, "scores": 1. / 200} {
		sum, kernel := 0., values(t, first, name, "kernel")
		for _, v := range kernel {
			sum += float64(v) * float64(v)
		}
		require.InEpsilon(t, want, sum/float64(len(kernel)), 0.1, name)
	}
	for role, want := range map[string]float32{"gamma": 1, "variance": 1, "beta": 0, "mean": 0} {
		for _, v := range values(t, first, "norm", role) {
			require.Equal(t, want, v, role)
		}
	}
	for _, v := range values(t, first, "conv", "bias") {
		require.Zero(t, v)
	}

	all := branched()
	require.NoError(t, all.Initialize(math.MaxUint64))
	require.NoError(t, all.Check())

	broken := wide()
	broken.Layers[2].Inputs = []string{"nothing"}
	require.ErrorContains(t, broken.Initialize(1), `mean takes "nothing"`)
	require.ErrorContains(t, (&layer.Network{Input: layer.Input{Channels: 3}}).Initialize(1), "no layers")
}
