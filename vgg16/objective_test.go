// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"context"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/vgg16"
)

// TestObjective climbs objectives over several layers; a channel's is the same as the shortcut's.
func TestObjective(t *testing.T) {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	net := vgg16.Random(dev, 16, 3)
	photo := image.NewNRGBA(image.Rect(0, 0, 30, 20))
	for i := range photo.Pix {
		photo.Pix[i] = uint8(i * 11)
	}
	photo.Set(0, 0, color.White)
	for name, o := range map[string]ascent.Objective{
		"difference":    ascent.Channel("block2_conv1", 1).Minus(ascent.Channel("block1_conv2", 0).Times(0.5)),
		"pool and conv": ascent.Channel("block1_pool", 1).Plus(ascent.Neuron("block1_conv2", 2)),
		"layer":         ascent.Layer("block2_pool"),
		"diversity":     ascent.Channel("block2_conv1", 1).Minus(ascent.Diversity("block1_conv2").Times(-1)),
		"interpolation": ascent.Interpolation("block1_conv1", 0, "block2_conv2", 3),
		"caricature":    ascent.Caricature("block2_conv1", photo, 1),
	} {
		t.Run(name, func(t *testing.T) {
			target, err := net.Objective(o, 3)
			require.NoError(t, err)
			result, err := ascent.Run(context.Background(), target, ascent.Options{Size: 20, Steps: 4})
			require.NoError(t, err)
			require.Equal(t, o.String()+", picture 1", result.Caption(1))
			before, after := 0.0, 0.0
			for _, loss := range result.Loss {
				before, after = before+float64(loss[0]), after+float64(loss[3])
			}
			require.Greater(t, after, before, "it climbs")
		})
	}
	t.Run("a channel", func(t *testing.T) {
		o := ascent.Options{Size: 16, Steps: 3}
		general, err := ascent.Run(context.Background(), net.MustObjective(ascent.Channel("block2_pool", 0), 1), o)
		require.NoError(t, err)
		short, err := ascent.Run(context.Background(), net.MustChannel("block2_pool", 0), o)
		require.NoError(t, err)
		require.InDeltaSlice(t, short.Loss[0], general.Loss[0], 1e-3*math.Abs(float64(short.Loss[0][2])))
	})
	_, err := net.Objective(ascent.Channel("block9_conv1", 0), 1)
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
	_, err = net.Objective(ascent.Channel("block1_conv1", 0), 0)
	require.ErrorContains(t, err, "at least 1")
	many, err := net.Objective(ascent.Diversity("block1_conv1"), 3)
	require.NoError(t, err)
	_, err = ascent.Run(context.Background(), many, ascent.Options{Size: 8, Steps: 1, Batch: 2})
	require.ErrorContains(t, err, "they climb together")
}

// TestCaricatureOnXLA climbs where a photo's map lies in the device's own memory, which no program may refer to.
func TestCaricatureOnXLA(t *testing.T) {
	net := real(t)
	photo := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	for i := range photo.Pix {
		photo.Pix[i] = uint8(i * 7)
	}
	target, err := net.Objective(ascent.Caricature("block2_conv1", photo, 1), 1)
	require.NoError(t, err)
	result, err := ascent.Run(context.Background(), target, ascent.Options{Size: 64, Steps: 3})
	require.NoError(t, err)
	require.Greater(t, result.Loss[0][2], result.Loss[0][0], "it climbs")
}

// TestResponses are the means and the largest of the activations, in as many parts as it takes.
func TestResponses(t *testing.T) {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	net := vgg16.Random(dev, 16, 3)
	one := tensors.MustCopyFlatData[float32](noise(12, 10))
	// The last in a part of its own.
	pictures := tensors.FromFlatDataAndDimensions(slices.Concat(make([]float32, 10*len(one)), one), 11, 12, 10, 3)
	outputs, err := net.Activations(noise(12, 10), "block1_conv2")
	require.NoError(t, err)
	values := tensors.MustCopyFlatData[float32](outputs[0])
	responses, err := net.Responses(pictures, false, "block1_conv2", "block1_pool")
	require.NoError(t, err)
	require.Len(t, responses, 2)
	require.Len(t, responses[0].Mean, 11)
	filters := outputs[0].Shape().Dim(3)
	require.Len(t, responses[0].Peak[10], filters)
	sum, peak := 0.0, 0.0
	for i := 1; i < len(values); i += filters {
		sum, peak = sum+float64(values[i]), max(peak, float64(values[i]))
	}
	require.InEpsilon(t, sum/float64(len(values)/filters), responses[0].Mean[10][1], 1e-4)
	require.InEpsilon(t, peak, responses[0].Peak[10][1], 1e-4)
	_, err = net.Responses(pictures, true, "block7")
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
}

// TestBound compares the bound of the first layer with what pictures reach: no picture more, the best one exactly
// that.
func TestBound(t *testing.T) {
	level.Real(t, "needs the weights (59 MB) and XLA")
	dev := device.MustNew(device.Options{})
	defer dev.Close()
	net, err := vgg16.Load(dev, vgg16.Options{})
	require.NoError(t, err)
	_, kernel := kernelOf(t, net)
	for _, filter := range []int{0, 5, 32, 63} {
		bound, err := net.Bound("block1_conv1", filter, false)
		require.NoError(t, err)
		best := make([]float32, 3*3*3)
		for i := range best {
			if kernel[i*64+filter] > 0 {
				best[i] = 255
			}
		}
		outputs, err := net.Activations(tensors.FromFlatDataAndDimensions(best, 1, 3, 3, 3), "block1_conv1")
		require.NoError(t, err)
		middle := tensors.MustCopyFlatData[float32](outputs[0])[4*64+filter]
		require.InDelta(t, max(bound, 0), middle, 1e-2, "filter %d", filter)
	}
	deep, err := net.Bound("block3_conv1", 7, true)
	require.NoError(t, err)
	require.Greater(t, deep, 0.)
	_, err = net.Bound("block1_conv1", 64, false)
	require.ErrorContains(t, err, "choose 0 to 63")
}

// kernelOf reads the first layer's kernel.
func kernelOf(t *testing.T, net *vgg16.Model) (dims []int, values []float32) {
	t.Helper()
	kernel := net.Store.GetVariable("/block1_conv1/kernel")
	require.NotNil(t, kernel)
	value, err := kernel.Value()
	require.NoError(t, err)
	return value.Shape().Dimensions, tensors.MustCopyFlatData[float32](value)
}
