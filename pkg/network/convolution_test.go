// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
	"convscope/pkg/network"
)

func TestConvolutions(t *testing.T) {
	conv := layer.Conv{Filters: 2, Kernel: [2]int{1, 1}}
	relu := layer.Activate{Activation: layer.ReLU{}}
	row := func(name string, op layer.Op, inputs ...string) layer.Layer {
		return layer.Layer{Name: name, Inputs: inputs, Op: op}
	}
	fused := row("fused", conv, layer.Picture)
	fused.Activation = layer.ReLU{}
	table := network.NewTable(&layer.Network{Name: "all", Input: layer.Input{Channels: 3, Height: 4, Width: 4},
		Layers: []layer.Layer{
			fused, row("pool", layer.MaxPool{Size: [2]int{2, 2}}, "fused"),
			row("a", conv, "pool"), row("a.relu", relu, "a"),
			row("b", conv, "a.relu"), row("b.norm", layer.BatchNorm{}, "b"), row("b.relu", relu, "b.norm"),
			row("plain", conv, "b.relu"), row("norm", layer.BatchNorm{}, "plain"),
			row("sum", layer.Arithmetic{Operation: layer.Add}, "norm", "b.relu"),
			row("twice", conv, "sum"), row("twice.relu", relu, "twice"),
			row("end", layer.Arithmetic{Operation: layer.Add}, "twice", "twice.relu"),
			row("flat", layer.Flatten{}, "end"), row("dense", layer.Dense{Units: 2}, "flat"),
		}})
	require.Equal(t, []string{"fused", "a.relu", "b.relu", "plain", "twice"}, table.Convolutions())
}
