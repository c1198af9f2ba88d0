// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/notebooks/check"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/vgg16"
)

func TestRobust(t *testing.T) {
	net := load(t)
	requireVerdict(t, false, func() bool { return check.Robust(net, ascent.Method{}, 0.55) })
	requireVerdict(t, true, func() bool { return check.Robust(net, ascent.MustMethod("crisp"), 0.55) })
	requireVerdict(t, false, func() bool { return check.Robust(net, ascent.Method{Octaves: -1}, 0.55) })
}

func TestApart(t *testing.T) {
	net := load(t)
	liked := ascent.Channel("block3_conv1", 3)
	requireVerdict(t, false, func() bool { return check.Apart(net, liked) })
	requireVerdict(t, false, func() bool { return check.Apart(net, ascent.Channel("block3_conv1", 7).Times(-1)) })
	requireVerdict(t, true, func() bool {
		return check.Apart(net, liked.Minus(ascent.Channel("block3_conv1", 7).Times(3)))
	})
}

func TestStubborn(t *testing.T) {
	net := load(t)
	requireVerdict(t, true, func() bool { return check.Stubborn(net, "block1_conv1", 32) })
	requireVerdict(t, false, func() bool { return check.Stubborn(net, "block1_conv1", 36) })
	requireVerdict(t, false, func() bool { return check.Stubborn(net, "block1_conv1", 0) })
	requireVerdict(t, false, func() bool { return check.Stubborn(net, "block1_conv1", -1) })
}

// load is the real network.
func load(t *testing.T) *vgg16.Model {
	t.Helper()
	level.Real(t, "needs the weights (59 MB) and XLA")
	dev, err := device.New(device.Options{})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	net, err := vgg16.Load(dev, vgg16.Options{})
	require.NoError(t, err)
	return net
}
