// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"image"
	"image/color"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"convscope/notebooks/check"
	"convscope/pkg/activation"
	"convscope/pkg/device"
	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
	"convscope/vgg16"
)

// small is a thin network of random weights, and a photo of a kind.
func small(t *testing.T) (*vgg16.Model, image.Image) {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	photo := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for i := range 40 * 40 {
		photo.SetNRGBA(i%40, i/40, color.NRGBA{uint8(i * 7), uint8(i / 3), uint8(i * i), 255})
	}
	return vgg16.Random(dev, 64, 1), photo
}

func TestOutputSize(t *testing.T) {
	requireVerdict(t, true, func() bool { return check.OutputSize("block4_pool", 300, 18) })
	requireVerdict(t, false, func() bool { return check.OutputSize("block4_pool", 300, 19) })
	requireVerdict(t, false, func() bool { return check.OutputSize("block4_pool", 300, 0) })
	requireVerdict(t, false, func() bool { return check.OutputSize("block4_pol", 300, 18) })
}

func TestSees(t *testing.T) {
	requireVerdict(t, true, func() bool { return check.Sees(100, "block4_pool") })
	requireVerdict(t, false, func() bool { return check.Sees(100, "block5_conv1") })
	requireVerdict(t, false, func() bool { return check.Sees(100, "block1_conv1") })
	requireVerdict(t, false, func() bool { return check.Sees(100, "") })
	requireVerdict(t, false, func() bool { return check.Sees(1000, "block5_pool") })
}

func TestLoudest(t *testing.T) {
	net, photo := small(t)
	output := net.MustPhotoActivations(picture.Tensor(photo, 224, 224), "block2_conv1")[0]
	order := activation.Strongest(output, 2)
	requireVerdict(t, true, func() bool { return check.Loudest(net, photo, "block2_conv1", order[0]) })
	requireVerdict(t, false, func() bool { return check.Loudest(net, photo, "block2_conv1", order[1]) })
	requireVerdict(t, false, func() bool { return check.Loudest(net, photo, "block2_conv1", -1) })
	requireVerdict(t, false, func() bool { return check.Loudest(net, photo, "block9", 0) })
}

func TestFirstSilent(t *testing.T) {
	net, _ := small(t)
	// Black all over, so that a channel that is silent in the middle is so nearly everywhere.
	photo := image.NewGray(image.Rect(0, 0, 40, 40))
	first := ""
	for _, layer := range vgg16.Layers() {
		if activation.Silent(net.MustPhotoActivations(picture.Tensor(photo, 224, 224), layer.Name)[0]) > 0 {
			first = layer.Name
			break
		}
	}
	require.NotEmpty(t, first)
	requireVerdict(t, true, func() bool { return check.FirstSilent(net, photo, first) })
	requireVerdict(t, false, func() bool { return check.FirstSilent(net, photo, "block5_pool") })
	requireVerdict(t, false, func() bool { return check.FirstSilent(net, photo, "block9") })
}

func TestHiResCAM(t *testing.T) {
	net, _ := small(t)
	requireVerdict(t, true, func() bool {
		return check.HiResCAM(net, func(maps, gradients *Node) *Node {
			return Squeeze(ReduceSum(Mul(maps, gradients), -1), 0)
		})
	})
	requireVerdict(t, true, func() bool {
		return check.HiResCAM(net, func(maps, gradients *Node) *Node {
			return Squeeze(ReduceMean(Mul(maps, gradients), -1), 0)
		})
	})
	requireVerdict(t, false, func() bool {
		return check.HiResCAM(net, func(maps, gradients *Node) *Node {
			return Squeeze(ReduceMean(Mul(maps, ReduceAndKeep(gradients, ReduceMean, 1, 2)), -1), 0)
		})
	})
	requireVerdict(t, false, func() bool {
		return check.HiResCAM(net, func(maps, gradients *Node) *Node { return Mul(maps, gradients) })
	})
	requireVerdict(t, false, func() bool {
		return check.HiResCAM(net, func(maps, gradients *Node) *Node { return Add(maps, ReduceSum(gradients, 0)) })
	})
}

func TestAgainst(t *testing.T) {
	m := &heatmap.Map{Name: "cat", Layer: "block5_conv3", Shares: []float32{0.2, -0.1, 0, -0.4}}
	requireVerdict(t, true, func() bool { return check.Against(m, 3) })
	for _, wrong := range []int{0, 1, 2, 4, -1} {
		requireVerdict(t, false, func() bool { return check.Against(m, wrong) })
	}
}
