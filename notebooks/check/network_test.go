// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/notebooks/check"
	"convscope/notebooks/texture"
	"convscope/pkg/device"
	"convscope/pkg/heatmap"
	"convscope/pkg/network"
)

// textures is lesson 7's own network.
func textures(t *testing.T, input string) *network.Model {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	net, err := network.Open(t.Context(), dev, network.Options{Model: texture.MustFile(), Input: input})
	require.NoError(t, err)
	return net
}

func TestConvention(t *testing.T) {
	net := textures(t, "mean=127,std=128")
	requireVerdict(t, true, func() bool { return check.Convention(net, "mean=127,std=128") })
	requireVerdict(t, true, func() bool { return check.Convention(net, " mean = 127 , 127,127, std = 128 ") })
	for _, wrong := range []string{"raw", "tf", "", "mean=127", "mean=x", "bgr"} {
		requireVerdict(t, false, func() bool { return check.Convention(net, wrong) })
	}
	requireVerdict(t, true, func() bool { return check.Convention(textures(t, ""), "raw") })
}

func TestMostSilent(t *testing.T) {
	net, photo := textures(t, ""), texture.MustDraw("rings", 7)
	requireVerdict(t, true, func() bool { return check.MostSilent(net, photo, "conv2d_3") })
	for _, wrong := range []string{"conv2d", "dense", "conv9", ""} {
		requireVerdict(t, false, func() bool { return check.MostSilent(net, photo, wrong) })
	}
}

func TestField(t *testing.T) {
	net := textures(t, "")
	for answer, want := range map[int]bool{17: false, 18: true, 19: false, 0: false} {
		requireVerdict(t, want, func() bool { return check.Field(net, "conv2d_2", answer) })
	}
	requireVerdict(t, true, func() bool { return check.Field(net, "dense", 0) })
	requireVerdict(t, false, func() bool { return check.Field(net, "dense", 80) })
	requireVerdict(t, false, func() bool { return check.Field(net, "conv9", 1) })
}

func TestSpeaksFor(t *testing.T) {
	m := &heatmap.Map{Name: "rings", Probability: 0.9}
	requireVerdict(t, true, func() bool { return check.SpeaksFor(m, "rings") })
	requireVerdict(t, false, func() bool { return check.SpeaksFor(m, "dots") })
	requireVerdict(t, false, func() bool { return check.SpeaksFor(m, "") })
}
