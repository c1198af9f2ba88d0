// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"context"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

// TestOneAnswerToAll climbs by filters whose input is silent, so that they answer their bias to all pictures: they are
// called dead, and are woken where gradients through silent ReLUs can.
func TestOneAnswerToAll(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	for name, c := range map[string]struct {
		bias float32
		life ascent.Life
	}{"nothing wakes it": {-1e6, ascent.Inert}, "a little below": {-1.5, ascent.Rescued}} {
		t.Run(name, func(t *testing.T) {
			m, err := network.New(dev, &layer.Network{
				Name: "two", Output: "second", Input: layer.Input{Channels: 1, Deviation: []float64{128}},
				Layers: []layer.Layer{
					{Name: "first", Inputs: []string{layer.Picture}, Activation: layer.ReLU{Max: 6},
						Op:      layer.Conv{Filters: 1, Kernel: [2]int{1, 1}},
						Weights: map[string]layer.Weight{"kernel": constant(1, 1, 1, 1, 1), "bias": constant(c.bias, 1)}},
					{Name: "second", Inputs: []string{"first"}, Activation: layer.ReLU{},
						Op:      layer.DepthwiseConv{Kernel: [2]int{3, 3}},
						Weights: map[string]layer.Weight{"kernel": constant(1, 3, 3, 1, 1), "bias": constant(0.5, 1)}},
				},
			}, network.Origin{})
			require.NoError(t, err)
			outputs, err := m.PhotoActivations(tensors.FromScalarAndDimensions(float32(128), 1, 8, 8, 1), "second")
			require.NoError(t, err)
			require.Equal(t, float32(0.5), tensors.MustCopyFlatData[float32](outputs[0])[0])
			for _, noRescue := range []bool{true, false} {
				result, err := ascent.Run(context.Background(), m.MustChannels("second", 0),
					ascent.Options{Size: 8, Steps: 40, Step: 8, NoRescue: noRescue})
				require.NoError(t, err)
				if noRescue {
					require.Equal(t, ascent.Dead, result.Fates[0].Life)
					require.Equal(t, float32(0.5), result.Loss[0][39])
				} else {
					require.Equal(t, c.life, result.Fates[0].Life, result.Fates[0].How)
				}
			}
		})
	}
}
