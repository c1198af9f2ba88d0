// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
)

// TestWaysAreKept runs the one ascent of a full network that is cheap enough: its recipe names the way of each kind of
// convolution, and reproducing obeys it, whatever a trial would choose.
func TestWaysAreKept(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	defer dev.Close()
	net := Random(dev, 1, 1)
	target, err := net.Channels("block2_conv1", 0)
	require.NoError(t, err)
	result, err := ascent.Run(context.Background(), target, ascent.Options{Size: 4, Steps: 1})
	require.NoError(t, err)
	made, err := net.Recipe(result)
	require.NoError(t, err)
	const kind = "convolution 3x3, 64 to 64 channels, 2^4 positions"
	require.Equal(t, map[string]string{kind: "direct"}, made.Ways)
	require.Equal(t, "direct", made.Convolution)

	net.choose = func(shape) Convolution { panic("the recipe knows") }
	again, madeAgain, err := net.Reproduce(context.Background(), made, ascent.Options{})
	require.NoError(t, err)
	require.Equal(t, made, madeAgain)
	require.True(t, result.Pictures.Equal(again.Pictures))

	s := shape{batch: 1, height: 4, width: 4, in: 64, out: 64}
	require.Equal(t, Tiles, forced(map[string]string{kind: "tiles"}, always(Lines))(s))
	s.in = 128
	require.Equal(t, Lines, forced(map[string]string{kind: "tiles"}, always(Lines))(s), "a kind that the recipe does not name")
}
