// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/neighbor"
	"convscope/pkg/network"
)

// side is of the pictures here, channels what the layer that is asked about has.
const side, channels = 9, 4

var pure = sync.OnceValues(func() (*device.Device, error) { return device.New(device.Options{Kind: device.Go}) })

// row is a layer that takes the one before it, unless it names others.
func row(name string, op layer.Op, inputs ...string) layer.Layer {
	return layer.Layer{Name: name, Op: op, Inputs: inputs}
}

// networkOf draws weights for layers; "source" hands the picture on.
func networkOf(t *testing.T, rows ...layer.Layer) *layer.Network {
	t.Helper()
	n := &layer.Network{Name: "made", Input: layer.Input{Channels: channels, Height: side, Width: side}}
	n.Layers = append([]layer.Layer{row("source", layer.Conv{Filters: channels, Kernel: [2]int{1, 1}, NoBias: true},
		layer.Picture)}, rows...)
	for i := range n.Layers[1:] {
		if n.Layers[i+1].Inputs == nil {
			n.Layers[i+1].Inputs = []string{n.Layers[i].Name}
		}
	}
	shapes := map[string][]int{layer.Picture: {side, side, channels}}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n.Layers {
		l := &n.Layers[i]
		var inputs [][]int
		for _, input := range l.Inputs {
			inputs = append(inputs, shapes[input])
		}
		shape, err := l.Op.Shape(inputs...)
		require.NoError(t, err, l.Name)
		shapes[l.Name] = shape
		l.Weights = make(map[string]layer.Weight)
		roles := l.Op.Weights(inputs...)
		for _, role := range []string{"kernel", "depthwise_kernel", "pointwise_kernel", "bias", "gamma", "beta",
			"mean", "variance", "constant", "alpha"} {
			dims, has := roles[role]
			if !has {
				continue
			}
			size := 1
			for _, dim := range dims {
				size *= dim
			}
			values := make([]float32, size)
			for k := range values {
				values[k] = float32(r.NormFloat64())
				switch {
				case role == "variance":
					values[k] = float32(r.Float64() + 0.5)
				case l.Name == "source":
					values[k] = 0
					if k/channels == k%channels {
						values[k] = 1
					}
				}
			}
			l.Weights[role] = layer.Weight{Shape: dims, Read: func() (*tensors.Tensor, error) {
				return tensors.FromFlatDataAndDimensions(slices.Clone(values), dims...), nil
			}}
		}
	}
	n.Output = n.Layers[len(n.Layers)-1].Name
	require.NoError(t, n.Check())
	return n
}

// same is padding that keeps the size.
var same = layer.Padding{Same: true}

// conv is a convolution of the end, which sees all that an impulse does.
func conv(filters, size, groups int) layer.Conv {
	return layer.Conv{Filters: filters, Kernel: [2]int{size, size}, Groups: groups, Padding: same}
}

// TestImpulse asks networks that are linear in their "source" what a picture of zeros with a single one in it becomes:
// the answer is the kernel, turned round.
func TestImpulse(t *testing.T) {
	depthwise := layer.DepthwiseConv{Kernel: [2]int{3, 3}, Padding: same}
	for name, rows := range map[string][]layer.Layer{
		"directly":         {row("end", conv(5, 3, 1))},
		"one position":     {row("end", conv(5, 1, 1))},
		"groups":           {row("end", conv(6, 3, 2))},
		"an uneven kernel": {row("end", layer.Conv{Filters: 2, Kernel: [2]int{1, 5}, Padding: same})},
		"separable": {row("end", layer.SeparableConv{Filters: 3, Multiplier: 2,
			Kernel: [2]int{3, 3}, Padding: same})},
		"dense at positions":  {row("end", layer.Dense{Units: 3})},
		"batch normalization": {row("bn", layer.BatchNorm{Epsilon: 1e-3}), row("end", conv(3, 3, 1))},
		"without scale":       {row("bn", layer.BatchNorm{Epsilon: 0.5, NoScale: true}), row("end", conv(3, 3, 1))},
		"two in a row":        {row("bn", layer.BatchNorm{}), row("bn2", layer.BatchNorm{}), row("end", conv(3, 3, 1))},
		"rescaled": {row("scaled", layer.Rescale{Scale: []float64{1, -2, 3, 0.5}, Offset: []float64{1}}),
			row("end", conv(3, 3, 1))},
		"rescaled by one": {row("scaled", layer.Rescale{Scale: []float64{-2}}), row("end", conv(3, 3, 1))},
		"negated":         {row("not", layer.Activate{Activation: layer.Negative}), row("end", conv(3, 3, 1))},
		"dropout":         {row("drop", layer.Identity{}), row("end", conv(3, 3, 1))},
		"times a constant": {row("mul", layer.Arithmetic{Operation: layer.Multiply,
			Constant: []int{1, 1, channels}}), row("end", conv(3, 3, 1))},
		"by a constant": {row("div", layer.Arithmetic{Operation: layer.Divide, Constant: []int{1}}),
			row("end", conv(3, 3, 1))},
		"from a constant": {row("sub", layer.Arithmetic{Operation: layer.Subtract, Constant: []int{channels},
			ConstantFirst: true}), row("end", conv(3, 3, 1))},
		"less a constant": {row("sub", layer.Arithmetic{Operation: layer.Subtract, Constant: []int{channels}}),
			row("end", conv(3, 3, 1))},
		"average with another": {row("mean", layer.Arithmetic{Operation: layer.Average, Constant: []int{1}}),
			row("end", conv(3, 3, 1))},
		"added to itself": {row("bn", layer.BatchNorm{}), row("sum", layer.Arithmetic{Operation: layer.Add}, "bn",
			"source"), row("end", conv(3, 3, 1))},
		"less itself": {row("bn", layer.BatchNorm{}), row("sum", layer.Arithmetic{Operation: layer.Subtract},
			"bn", "source"), row("end", conv(3, 3, 1))},
		"one channel for all": {row("first", layer.Slice{Axes: []int{2}, Starts: []int{1}, Ends: []int{2}}),
			row("sum", layer.Arithmetic{Operation: layer.Add}, "source", "first"), row("end", conv(3, 3, 1))},
		"depthwise":               {row("end", depthwise)},
		"depthwise with two each": {row("end", layer.DepthwiseConv{Multiplier: 2, Kernel: [2]int{3, 3}, Padding: same})},
		"depthwise in groups":     {row("end", conv(2*channels, 3, channels))},
		"through depthwise":       {row("dw", depthwise), row("bn", layer.BatchNorm{}), row("end", conv(3, 1, 1))},
		"through two each": {row("dw", layer.DepthwiseConv{Multiplier: 2, Kernel: [2]int{3, 5}, Padding: same}),
			row("bn", layer.BatchNorm{}),
			row("end", conv(4, 1, 2))},
		"beside depthwise": {row("dw", depthwise), row("both", layer.Concat{Axis: -1}, "dw", "source"),
			row("end", conv(3, 1, 1))},
		"around depthwise": {row("dw", depthwise), row("sum", layer.Arithmetic{Operation: layer.Add}, "dw", "source"),
			row("end", conv(3, 1, 1))},
		"concatenation": {row("bn", layer.BatchNorm{}), row("both", layer.Concat{Axis: 2}, "source", "bn", "source"),
			row("end", conv(6, 3, 3))},
		"a split": {row("half", layer.Slice{Axes: []int{-1}, Starts: []int{2}, Ends: []int{4}}),
			row("end", conv(3, 3, 1))},
		"every second": {row("half", layer.Slice{Axes: []int{-1}, Starts: []int{1}, Ends: []int{9},
			Steps: []int{2}}), row("end", conv(3, 3, 1))},
		"backwards": {row("back", layer.Slice{Axes: []int{2}, Starts: []int{-1}, Ends: []int{-9},
			Steps: []int{-1}}), row("end", conv(4, 3, 2))},
		"padded channels": {row("pad", layer.Pad{Begin: []int{0, 0, 1}, End: []int{0, 0, 2}}), row("end", conv(3, 3, 1))},
		"fewer channels":  {row("pad", layer.Pad{Begin: []int{0, 0, -1}}), row("end", conv(3, 3, 1))},
		"a shuffle": {row("apart", layer.Reshape{To: []int{0, 0, 2, 2}}),
			row("turn", layer.Permute{Axes: []int{0, 1, 3, 2}}),
			row("together", layer.Reshape{To: []int{0, 0, channels}}), row("end", conv(4, 3, 2))},
		"there and back": {row("first", layer.Permute{Axes: []int{2, 0, 1}}),
			row("last", layer.Permute{Axes: []int{1, 2, -3}}),
			row("more", layer.Expand{Axes: []int{0}}), row("fewer", layer.Squeeze{Axes: []int{0}}), row("end", conv(3, 3, 1))},
	} {
		t.Run(name, func(t *testing.T) {
			n := networkOf(t, rows...)
			kernels, filters := impulses(t, n)
			all, err := neighbor.Find(n, "end", 1000)
			require.NoError(t, err)
			require.Len(t, all, filters)
			source, err := neighbor.Find(n, "source", 1000)
			require.NoError(t, err)
			found, feeds := 0, 0
			for filter, own := range all {
				require.True(t, slices.IsSortedFunc(own.FedBy, func(a, b neighbor.Neighbor) int {
					return int(math.Copysign(1, math.Abs(b.Weight)-math.Abs(a.Weight)))
				}))
				for _, by := range own.FedBy {
					require.Equal(t, "source", by.Layer)
					want := kernels[by.Filter][filter]
					require.NotNil(t, want)
					check(t, want, by)
					found++
				}
			}
			for c, own := range source {
				for _, fed := range own.Feeds {
					if fed.Layer != "end" {
						continue // a depthwise convolution on the way
					}
					check(t, kernels[c][fed.Filter], fed)
					feeds++
				}
			}
			there := 0
			for _, filters := range kernels {
				there += len(filters)
			}
			require.Positive(t, there)
			require.Equal(t, there, found)
			require.Equal(t, there, feeds)
		})
	}
}

// check compares a kernel with what an impulse in the middle became, around the middle.
func check(t *testing.T, want [side][side]float64, n neighbor.Neighbor) {
	t.Helper()
	var sum, squares float64
	rows, columns := len(n.Kernel), len(n.Kernel[0])
	for y := range side {
		for x := range side {
			i, j := rows/2+side/2-y, columns/2+side/2-x
			got := 0.
			if i >= 0 && i < rows && j >= 0 && j < columns {
				got = n.Kernel[i][j]
			}
			require.InDelta(t, want[y][x], got, 1e-4, "%v at %d, %d", n, y, x)
			sum, squares = sum+want[y][x], squares+want[y][x]*want[y][x]
		}
	}
	require.InDelta(t, math.Copysign(math.Sqrt(squares), sum), n.Weight, 1e-4)
}

// impulses returns, by channels of "source" and filters of "end", what a one in the middle adds to the output, where
// that is not zero.
func impulses(t *testing.T, n *layer.Network) (kernels []map[int][side][side]float64, filters int) {
	t.Helper()
	dev, err := pure()
	require.NoError(t, err)
	m, err := network.New(dev, n, network.Origin{})
	require.NoError(t, err)
	values := make([]float32, (channels+1)*side*side*channels) // the last picture is empty
	for c := range channels {
		values[((c*side+side/2)*side+side/2)*channels+c] = 1
	}
	outputs, err := m.Activations(tensors.FromFlatDataAndDimensions(values, channels+1, side, side, channels), "end")
	require.NoError(t, err)
	dims := outputs[0].Shape().Dimensions
	require.Equal(t, []int{channels + 1, side, side}, dims[:3], fmt.Sprint(dims))
	filters = dims[3]
	flat := tensors.MustCopyFlatData[float32](outputs[0])
	one := side * side * filters
	for c := range channels {
		all := make(map[int][side][side]float64)
		for f := range filters {
			var kernel [side][side]float64
			some := false
			for p := range side * side {
				v := float64(flat[c*one+p*filters+f]) - float64(flat[channels*one+p*filters+f])
				kernel[p/side][p%side] = v
				some = some || math.Abs(v) > 1e-5
			}
			if some {
				all[f] = kernel
			}
		}
		kernels = append(kernels, all)
	}
	return kernels, filters
}
