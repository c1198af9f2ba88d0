// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"context"
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

// constant are weights that are all the same.
func constant(value float32, shape ...int) layer.Weight {
	return layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
		return tensors.FromScalarAndDimensions(value, shape...), nil
	}}
}

// TestCeiling lets a filter climb that fires as much as its activation lets it before the first step, with and without
// help for silent ones, and as an objective.
func TestCeiling(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	for name, activation := range map[string]layer.Activation{
		"ReLU6": layer.ReLU{Max: 6}, "clip": layer.Clip{Min: 0, Max: 6}, "min": layer.Clip{Min: math.Inf(-1), Max: 6},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := network.New(dev, &layer.Network{
				Name: "one", Output: "conv",
				Input: layer.Input{Channels: 1, Deviation: []float64{128}},
				Layers: []layer.Layer{{
					Name: "conv", Inputs: []string{layer.Picture}, Activation: activation,
					Op:      layer.Conv{Filters: 1, Kernel: [2]int{3, 3}},
					Weights: map[string]layer.Weight{"kernel": constant(1, 3, 3, 1, 1), "bias": constant(2, 1)},
				}},
			}, network.Origin{})
			require.NoError(t, err)
			outputs, err := m.PhotoActivations(tensors.FromScalarAndDimensions(float32(128), 1, 8, 8, 1), "conv")
			require.NoError(t, err)
			for _, v := range tensors.MustCopyFlatData[float32](outputs[0]) {
				require.Equal(t, float32(6), v, "9 ones and 2, held at 6")
			}
			objective, err := ascent.ParseObjective("channel:conv:0", ascent.Files{})
			require.NoError(t, err)
			for _, target := range []ascent.Target{m.MustChannels("conv", 0), m.MustObjective(objective, 1)} {
				for _, noRescue := range []bool{true, false} {
					result, err := ascent.Run(context.Background(), target, ascent.Options{Size: 8, Steps: 5, NoRescue: noRescue})
					require.NoError(t, err)
					loss := result.Loss[0]
					require.InDelta(t, 11, loss[0], 2, "what it would be without the ceiling, of noise about 128")
					for i := 1; i < len(loss); i++ {
						require.Greater(t, loss[i], loss[i-1])
					}
				}
			}
		})
	}
}
