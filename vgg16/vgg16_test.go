// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/vgg16"
)

// tiny is a VGG16 with 1/16 of the filters and random weights, on the pure Go backend.
func tiny(t testing.TB) *vgg16.Model {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	return vgg16.Random(dev, 16, 1)
}

// noise is a gray noise picture, [1, height, width, 3].
func noise(height, width int) *tensors.Tensor {
	pixels := make([]float32, height*width*3)
	ascent.Noise(pixels, 1, 0)
	return tensors.FromFlatDataAndDimensions(pixels, 1, height, width, 3)
}

func TestTable(t *testing.T) {
	layers := vgg16.Layers()
	require.Len(t, layers, 18)
	parameters, in := 0, 3
	for _, layer := range layers {
		require.Equal(t, in, layer.In, layer.Name)
		in = layer.Filters
		parameters += int(layer.Parameters())
	}
	require.Equal(t, 14_714_688, parameters, "as Keras counts them")
	sees := map[string]int{"block1_conv1": 3, "block1_conv2": 5, "block1_pool": 6, "block2_conv1": 10,
		"block3_conv1": 24, "block4_conv1": 60, "block5_conv3": 196, "block5_pool": 212}
	for name, want := range sees {
		layer, err := vgg16.Find(name)
		require.NoError(t, err)
		require.Equal(t, want, layer.ReceptiveField(), name)
	}
	layers[0].Name = "changed"
	require.Equal(t, "block1_conv1", vgg16.Layers()[0].Name, "the table is not the caller's to change")
}

func TestSummary(t *testing.T) {
	header, rows := vgg16.Summary(150, 150)
	require.Len(t, rows, 19)
	for _, row := range rows {
		require.Len(t, row, len(header))
	}
	require.Equal(t, []string{"block3_conv1", "conv", "37 x 37 x 256", "256", "295,168", "24 x 24"}, rows[6])
}

func TestShapes(t *testing.T) {
	net := tiny(t)
	for _, size := range [][2]int{{32, 32}, {45, 37}, {33, 64}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			var names []string
			for _, layer := range vgg16.Layers() {
				names = append(names, layer.Name)
			}
			outputs, err := net.Activations(noise(size[0], size[1]), names...)
			require.NoError(t, err)
			for i, layer := range vgg16.Layers() {
				height, width := layer.OutputSize(size[0], size[1])
				found, err := net.Find(layer.Name)
				require.NoError(t, err)
				require.Equal(t, []int{1, height, width, found.Filters}, outputs[i].Shape().Dimensions, layer.Name)
			}
		})
	}
}

func TestPoolIsTheMaximum(t *testing.T) {
	net := tiny(t)
	outputs, err := net.Activations(noise(7, 6), "block1_conv2", "block1_pool")
	require.NoError(t, err)
	before, after := outputs[0].Value().([][][][]float32)[0], outputs[1].Value().([][][][]float32)[0]
	require.Len(t, after, 3, "the odd last row is dropped")
	for row := range after {
		for column := range after[row] {
			for channel, got := range after[row][column] {
				want := max(before[2*row][2*column][channel], before[2*row][2*column+1][channel],
					before[2*row+1][2*column][channel], before[2*row+1][2*column+1][channel])
				require.Equal(t, want, got)
			}
		}
	}
}

// TestChannelMeanTakesNoShortcut compares the objective that computes one filter only with the plain one: loss and
// gradient.
func TestChannelMeanTakesNoShortcut(t *testing.T) {
	net := tiny(t)
	for _, name := range []string{"block1_conv1", "block2_conv2", "block2_pool", "block4_conv1"} {
		t.Run(name, func(t *testing.T) {
			plain := ascent.ChannelMean(func(scope *model.Scope, x *Node) *Node { return vgg16.Activation(scope, x, name) })
			run := func(objective ascent.LossFunc) (losses, gradients []float32) {
				outputs, err := model.CallOnceN(net.Backend, net.Store, func(scope *model.Scope, x, filters *Node) (*Node, *Node) {
					losses := objective(scope, x, filters)
					return losses, Gradient(ReduceAllSum(losses), x)[0]
				}, two(18, 21), tensors.FromFlatDataAndDimensions([]int32{3, 1}, 2))
				require.NoError(t, err)
				return tensors.MustCopyFlatData[float32](outputs[0]), tensors.MustCopyFlatData[float32](outputs[1])
			}
			wantLoss, wantGradient := run(plain)
			gotLoss, gotGradient := run(vgg16.ChannelMean(name))
			require.InDeltaSlice(t, wantLoss, gotLoss, 1e-4*float64(largest(wantLoss)))
			require.InDeltaSlice(t, wantGradient, gotGradient, 1e-4*float64(largest(wantGradient)))
			require.NotZero(t, largest(wantGradient), "a comparison of zeros proves nothing")
		})
	}
}

// two is a batch of two different noise pictures.
func two(height, width int) *tensors.Tensor {
	pixels := make([]float32, 2*height*width*3)
	ascent.Noise(pixels, 2, 0)
	return tensors.FromFlatDataAndDimensions(pixels, 2, height, width, 3)
}

// largest is the largest magnitude.
func largest(values []float32) float32 {
	most := float32(0)
	for _, v := range values {
		most = max(most, float32(math.Abs(float64(v))))
	}
	return most
}

func TestChannelsClimb(t *testing.T) {
	target, err := tiny(t).Channels("block2_conv1", 0, 5)
	require.NoError(t, err)
	result, err := ascent.Run(context.Background(), target, ascent.Options{Height: 12, Width: 20, Steps: 10})
	require.NoError(t, err)
	for i := range result.Filters {
		require.Greater(t, result.Loss[i][9], result.Loss[i][0])
	}
}

func TestBadNames(t *testing.T) {
	net := tiny(t)
	tests := map[string]struct {
		run   func() error
		words []string
	}{
		"unknown layer": {func() error { _, err := net.Channels("block3_conf1", 0); return err },
			[]string{"block3_conf1", "did you mean block3_conv1", "block5_pool"}},
		"no layer": {func() error { _, err := net.Activations(noise(8, 8), ""); return err },
			[]string{"no layer", "block1_conv1"}},
		"filter too high": {func() error { _, err := net.Channels("block1_conv1", 4); return err },
			[]string{"no filter 4", "0 to 3"}},
		"filter negative": {func() error { _, err := net.Channels("block1_conv1", -1); return err },
			[]string{"no filter -1"}},
		"too small": {func() error {
			target, err := net.Channels("block5_conv1", 0)
			require.NoError(t, err)
			_, err = ascent.Run(context.Background(), target, ascent.Options{Size: 15})
			return err
		}, []string{"15x15", "block5_conv1", "16x16"}},
		"activation too small": {func() error { _, err := net.Activations(noise(3, 8), "block3_conv1"); return err },
			[]string{"3x8", "4x4"}},
		"no picture": {func() error {
			_, err := net.Activations(tensors.FromScalarAndDimensions(float32(1), 8, 8, 3), "block1_conv1")
			return err
		}, []string{"[batch, height, width, 3]"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.run()
			require.Error(t, err)
			for _, word := range test.words {
				require.Contains(t, err.Error(), word)
			}
		})
	}
}

func TestPreprocess(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	defer dev.Close()
	picture := [][][][]float32{{{{10, 20, 30}, {0, 0, 0}}}}
	got := MustExecOnce(dev.Backend, vgg16.Preprocess, picture).Value().([][][][]float32)[0][0]
	require.InDeltaSlice(t, []float32{30 - 103.939, 20 - 116.779, 10 - 123.68}, got[0], 1e-4)
	require.InDeltaSlice(t, []float32{-103.939, -116.779, -123.68}, got[1], 1e-4)
}

// A VGG16 with random weights runs anywhere, without files or network.
func Example() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	net := vgg16.Random(dev, 16, 1)
	picture := tensors.FromScalarAndDimensions(float32(128), 1, 64, 48, 3)
	outputs, err := net.Activations(picture, "block1_conv1", "block3_pool")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(outputs[0].Shape().Dimensions, outputs[1].Shape().Dimensions)
	// Output: [1 64 48 4] [1 8 6 16]
}
