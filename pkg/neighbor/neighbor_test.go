// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package neighbor_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/layer"
	"convscope/pkg/neighbor"
	"convscope/pkg/network"
	_ "convscope/vgg16" // registers itself
)

// activated is a row with an activation.
func activated(l layer.Layer, a layer.Activation) layer.Layer {
	l.Activation = a
	return l
}

// given replaces a weight that was drawn.
func given(n *layer.Network, name, role string, values ...float32) {
	for i := range n.Layers {
		if n.Layers[i].Name == name {
			shape := n.Layers[i].Weights[role].Shape
			n.Layers[i].Weights[role] = layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
				return tensors.FromFlatDataAndDimensions(slices.Clone(values), shape...), nil
			}}
		}
	}
}

// names are neighbours without numbers, in order of the layers' and filters' names.
func names(all []neighbor.Neighbor) []string {
	var list []string
	for _, n := range all {
		list = append(list, fmt.Sprint(n.Layer, " ", n.Filter))
	}
	slices.Sort(list)
	return list
}

// TestNames looks at whose filters the neighbours are.
func TestNames(t *testing.T) {
	relu := layer.ReLU{}
	point := func(filters int) layer.Conv { return layer.Conv{Filters: filters, Kernel: [2]int{1, 1}} }
	add, times := layer.Arithmetic{Operation: layer.Add}, layer.Arithmetic{Operation: layer.Multiply}
	for name, test := range map[string]struct {
		rows  []layer.Layer
		layer string
		fedBy []string // filter 1
		feeds []string
	}{
		"through what keeps channels": {[]layer.Layer{
			row("relu", layer.Activate{Activation: relu}), row("pad", layer.Pad{Begin: []int{1, 1}, End: []int{1, 1}}),
			row("pool", layer.MaxPool{Size: [2]int{2, 2}}), row("mean", layer.AveragePool{Size: [2]int{2, 2}}),
			row("up", layer.Resize{Scale: [2]float64{2, 2}}), row("prelu", layer.PReLU{Alpha: []int{channels}}),
			row("norm", layer.LayerNorm{}), row("norm2", layer.GroupNorm{Groups: 2}),
			row("lrn", layer.LRN{Size: 3, Alpha: 1, Beta: 1, Bias: 1}),
			row("end", layer.Conv{Filters: 2, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Groups: 2}),
		}, "end", []string{"source 2", "source 3"}, nil},
		"an addition": {[]layer.Layer{
			row("a", point(2)), row("b", point(2), "source"), row("sum", add, "a", "b"), activated(row("end", point(3)), relu),
		}, "end", []string{"a 0", "a 1", "b 0", "b 1"}, nil},
		"additions one after the other": {[]layer.Layer{
			row("a", point(2)), row("b", point(2)), row("sum", add, "a", "b"), row("relu", layer.Activate{Activation: relu}),
			row("c", point(2)), row("sum2", add, "relu", "c"), row("end", point(3)),
		}, "end", []string{"a 0", "a 1", "b 0", "b 1", "c 0", "c 1"}, nil},
		"of an addition": {[]layer.Layer{
			row("a", point(2)), row("b", point(2), "source"), row("sum", add, "a", "b"), row("end", point(3)),
		}, "sum", []string{"a 1", "b 1"}, []string{"end 0", "end 1", "end 2"}},
		"of a concatenation": {[]layer.Layer{
			row("a", point(1)), row("b", point(2), "source"), row("both", layer.Concat{Axis: -1}, "a", "b"),
			row("end", point(1)),
		}, "both", []string{"source 0", "source 1", "source 2", "source 3"}, []string{"end 0"}},
		"one above the other": {[]layer.Layer{
			row("a", point(2)), row("b", point(2), "source"), row("both", layer.Concat{Axis: 0}, "a", "b"),
			row("end", point(1)),
		}, "both", []string{"a 1", "b 1"}, []string{"end 0"}},
		"of a pool": {[]layer.Layer{row("pool", layer.MaxPool{Size: [2]int{2, 2}}), row("end", point(2))},
			"pool", nil, []string{"end 0", "end 1"}},
		"of a depthwise one": {[]layer.Layer{row("dw", layer.DepthwiseConv{Kernel: [2]int{3, 3}}), row("end", point(2))},
			"dw", []string{"source 1"}, []string{"end 0", "end 1"}},
		"before a depthwise one": {[]layer.Layer{row("dw", layer.DepthwiseConv{Multiplier: 2, Kernel: [2]int{3, 3}}),
			row("end", point(2))},
			"source", nil, []string{"dw 2", "dw 3", "end 0", "end 1"}},
		"depthwise before a larger kernel": {[]layer.Layer{row("dw", layer.DepthwiseConv{Kernel: [2]int{3, 3}}),
			row("end", layer.Conv{Filters: 2, Kernel: [2]int{3, 3}})},
			"end", []string{"dw 0", "dw 1", "dw 2", "dw 3"}, nil},
		"squeeze and excitation": {[]layer.Layer{
			row("means", layer.Reduce{To: layer.Mean, Axes: []int{0, 1}, Keep: true}),
			activated(row("gate", point(channels)), layer.Sigmoid), row("gated", times, "source", "gate"),
			row("end", point(2)),
		}, "end", []string{"source 0", "source 1", "source 2", "source 3"}, nil},
		"the gate first, without places": {[]layer.Layer{
			row("means", layer.Reduce{To: layer.Mean, Axes: []int{0, 1}}),
			activated(row("gate", layer.Dense{Units: channels}), layer.Sigmoid), row("gated", times, "gate", "source"),
			row("end", point(2)),
		}, "end", []string{"source 0", "source 1", "source 2", "source 3"}, nil},
		"a gate for each position": {[]layer.Layer{
			activated(row("gate", point(1)), layer.Sigmoid), row("gated", times, "source", "gate"), row("end", point(2)),
		}, "end", []string{"source 0", "source 1", "source 2", "source 3"}, nil},
		"a gate's own neighbours": {[]layer.Layer{
			row("means", layer.Reduce{To: layer.Mean, Axes: []int{0, 1}, Keep: true}),
			activated(row("gate", point(2)), layer.Sigmoid),
		}, "gate", []string{"source 0", "source 1", "source 2", "source 3"}, nil},
		"swish in two": {[]layer.Layer{
			row("sigmoid", layer.Activate{Activation: layer.Sigmoid}), row("swish", times, "sigmoid", "source"),
			row("end", point(2)),
		}, "end", []string{"source 0", "source 1", "source 2", "source 3"}, nil},
		"hard swish in four": {[]layer.Layer{
			row("plus", layer.Arithmetic{Operation: layer.Add, Constant: []int{1}}),
			row("clip", layer.Activate{Activation: layer.Clip{Max: 6}}), row("swish", times, "source", "clip"),
			row("by", layer.Arithmetic{Operation: layer.Divide, Constant: []int{1}}), row("end", point(2)),
		}, "end", []string{"source 0", "source 1", "source 2", "source 3"}, nil},
		"dense after means": {[]layer.Layer{row("means", layer.Reduce{To: layer.Mean, Axes: []int{0, 1}}),
			activated(row("end", layer.Dense{Units: 2}), layer.Softmax)},
			"end", []string{"source 0", "source 1", "source 2", "source 3"}, nil},
		"dense after one position": {[]layer.Layer{row("pool", layer.MaxPool{Size: [2]int{9, 9}}),
			row("flat", layer.Flatten{}), row("end", layer.Dense{Units: 2})},
			"end", []string{"source 0", "source 1", "source 2", "source 3"}, nil},
		"the maximum of two": {[]layer.Layer{row("a", point(2)), row("b", point(2), "source"),
			row("larger", layer.Arithmetic{Operation: layer.Maximum}, "a", "b"), row("end", point(1))},
			"end", []string{"a 0", "a 1", "b 0", "b 1"}, nil},

		"the picture": {nil, "source", nil, nil},
		"dense after a plane": {[]layer.Layer{row("flat", layer.Flatten{}), row("end", layer.Dense{Units: 2})},
			"end", nil, nil},
		"positions as channels": {[]layer.Layer{row("turn", layer.Permute{Axes: []int{2, 0, 1}}), row("end", point(2))},
			"end", nil, nil},
		"channels and positions mixed": {[]layer.Layer{row("turn", layer.Permute{Axes: []int{2, 0, 1}}),
			row("again", layer.Reshape{To: []int{9, 9, 4}}),
			row("end", point(2))}, "end", nil, nil},
		"a softmax on the way": {[]layer.Layer{row("soft", layer.Activate{Activation: layer.Softmax}),
			row("end", point(2))}, "end", nil, nil},
		"an absolute value": {[]layer.Layer{row("abs", layer.Activate{Activation: layer.Absolute}),
			row("end", point(2))}, "end", nil, nil},
		"squared": {[]layer.Layer{row("square", times, "source", "source"), row("end", point(2))},
			"end", nil, nil},
		"a product of two ways": {[]layer.Layer{row("a", point(2)), row("b", point(2), "source"),
			row("ab", times, "a", "b"), row("end", point(2))}, "end", nil, nil},
		"a quotient": {[]layer.Layer{row("a", layer.Arithmetic{Operation: layer.Divide, Constant: []int{1},
			ConstantFirst: true}), row("end", point(2))}, "end", nil, nil},
		"means over channels": {[]layer.Layer{row("mean", layer.Reduce{To: layer.Mean, Axes: []int{2}, Keep: true}),
			row("end", point(2))}, "end", nil, nil},
		"not for positions alike": {[]layer.Layer{row("times", layer.Arithmetic{Operation: layer.Multiply,
			Constant: []int{9, 9, channels}}), row("end", point(2))},
			"end", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := networkOf(t, test.rows...)
			found, err := neighbor.Find(n, test.layer, 1000, 1%filtersOf(t, n, test.layer))
			require.NoError(t, err)
			require.Equal(t, test.fedBy, names(found[0].FedBy))
			require.Equal(t, test.feeds, names(found[0].Feeds))
			for _, by := range append(found[0].FedBy, found[0].Feeds...) {
				require.NotZero(t, by.Weight)
				require.NotEmpty(t, by.Kernel)
			}
		})
	}
}

func filtersOf(t *testing.T, n *layer.Network, name string) int {
	t.Helper()
	filters, err := n.Channels(name)
	require.NoError(t, err)
	return filters
}

// TestNumbers computes a few kernels by hand.
func TestNumbers(t *testing.T) {
	n := networkOf(t,
		row("first", layer.Conv{Filters: 2, Kernel: [2]int{1, 1}}), row("bn", layer.BatchNorm{Epsilon: 1}),
		row("relu", layer.Activate{Activation: layer.ReLU{}}), row("pool", layer.MaxPool{Size: [2]int{2, 2}}),
		row("second", layer.Conv{Filters: 2, Kernel: [2]int{1, 2}, Stride: [2]int{2, 2}, NoBias: true}),
		row("bn2", layer.BatchNorm{}), row("relu2", layer.Activate{Activation: layer.ReLU{}}))
	given(n, "bn", "gamma", -4, 2)
	given(n, "bn", "variance", 3, 0)        // with epsilon the scales are -2 and 2
	given(n, "second", "kernel", []float32{ // [1, 2, 2, 2]
		3, 0, 0.5, 1,
		4, 0, 0.5, -3}...)
	given(n, "bn2", "gamma", -1, 1)
	given(n, "bn2", "variance", 4, 1)
	by := func(name string, filter int) []neighbor.Neighbor {
		found, err := neighbor.Find(n, name, 2, filter)
		require.NoError(t, err)
		return found[0].FedBy
	}
	require.Equal(t, []neighbor.Neighbor{
		{"first", 0, -10, [][]float64{{-6, -8}}},
		{"first", 1, math.Sqrt2, [][]float64{{1, 1}}}}, by("second", 0))
	require.Equal(t, []neighbor.Neighbor{{"first", 1, -math.Sqrt(40), [][]float64{{2, -6}}}}, by("second", 1))
	require.Equal(t, []neighbor.Neighbor{ // the second normalization turns the first filter's sign
		{"first", 0, 5, [][]float64{{3, 4}}},
		{"first", 1, -math.Sqrt(0.5), [][]float64{{-0.5, -0.5}}}}, by("relu2", 0))
	found, err := neighbor.Find(n, "first", 1)
	require.NoError(t, err)
	require.Equal(t, []neighbor.Neighbor{{"second", 0, -10, [][]float64{{-6, -8}}}}, found[0].Feeds)
	require.Equal(t, []neighbor.Neighbor{{"second", 1, -math.Sqrt(40), [][]float64{{2, -6}}}}, found[1].Feeds)
	found, err = neighbor.Find(n, "relu", 1, 0) // after the normalization
	require.NoError(t, err)
	require.Equal(t, []neighbor.Neighbor{{"second", 0, 5, [][]float64{{3, 4}}}}, found[0].Feeds)
}

func TestMistakes(t *testing.T) {
	n := networkOf(t, row("end", layer.Conv{Filters: 2, Kernel: [2]int{3, 3}}))
	_, err := neighbor.Find(n, "ende", 1)
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
	for _, filter := range []int{-1, 2} {
		_, err = neighbor.Find(n, "end", 1, 0, filter)
		require.EqualError(t, err, fmt.Sprintf("end has no filter %d: choose 0 to 1", filter))
	}
	broken := errors.New("the disk is gone")
	n.Layers[1].Weights["kernel"] = layer.Weight{Shape: []int{3, 3, 4, 2},
		Read: func() (*tensors.Tensor, error) { return nil, broken }}
	_, err = neighbor.Find(n, "end", 1)
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "neighbours of end: reading the kernel of end: the disk is gone")
	n.Layers[1].Weights = nil // they are in a model's store
	found, err := neighbor.Find(n, "end", 1)
	require.NoError(t, err)
	require.Equal(t, []neighbor.Filter{{Filter: 0}, {Filter: 1}}, found)
	given(n, "source", "kernel", make([]float32, 16)...)
	n = networkOf(t, row("end", layer.Conv{Filters: 1, Kernel: [2]int{1, 1}}))
	given(n, "end", "kernel", 0, float32(math.NaN()), float32(math.Inf(1)), -1)
	found, err = neighbor.Find(n, "end", 9)
	require.NoError(t, err)
	require.Equal(t, []neighbor.Neighbor{{"source", 3, -1, [][]float64{{-1}}}}, found[0].FedBy)
}

// TestManyWays has 2^60 ways from the source to the end.
func TestManyWays(t *testing.T) {
	var rows []layer.Layer
	below := "source"
	for i := range 60 {
		name := fmt.Sprint("sum", i)
		rows = append(rows, row(name, layer.Arithmetic{Operation: layer.Average}, below, below))
		below = name
	}
	found, err := neighbor.Find(networkOf(t, append(rows,
		row("end", layer.Conv{Filters: 1, Kernel: [2]int{1, 1}}))...), "end", 9)
	require.NoError(t, err)
	require.Len(t, found[0].FedBy, channels)
}

// TestVGG16 compares with the weights themselves.
func TestVGG16(t *testing.T) {
	level.Real(t, "needs the weights (59 MB)")
	dev, err := pure()
	require.NoError(t, err)
	m, err := network.Open(context.Background(), dev, network.Options{Report: func(string) {}})
	require.NoError(t, err)
	defer func() { require.NoError(t, m.Close()) }()
	const most, filter = 6, 17
	kernels := func(name string) (values []float32, in, filters int) {
		l, err := m.Network().Find(name)
		require.NoError(t, err)
		value, err := l.Weights["kernel"].Read()
		require.NoError(t, err)
		dims := value.Shape().Dimensions
		require.Equal(t, []int{3, 3}, dims[:2])
		return tensors.MustCopyFlatData[float32](value), dims[2], dims[3]
	}
	// strongest is which of all pairs of channels and filters that are allowed have the kernels with the largest sums of
	// squares.
	strongest := func(name string, in, out func(int) bool) (all []neighbor.Neighbor) {
		values, channels, filters := kernels(name)
		for c := range channels {
			for f := range filters {
				if !in(c) || !out(f) {
					continue
				}
				var sum, squares float64
				kernel := make([][]float64, 3)
				for i := range 9 {
					v := float64(values[i*channels*filters+c*filters+f])
					kernel[i/3] = append(kernel[i/3], v)
					sum, squares = sum+v, squares+v*v
				}
				all = append(all, neighbor.Neighbor{Filter: c + f, Weight: math.Copysign(math.Sqrt(squares), sum), Kernel: kernel})
			}
		}
		slices.SortFunc(all, func(a, b neighbor.Neighbor) int {
			return int(math.Copysign(1, math.Abs(b.Weight)-math.Abs(a.Weight)))
		})
		return all[:most]
	}
	any, this := func(int) bool { return true }, func(i int) bool { return i == filter }
	found, err := m.Neighbors("block3_conv1", most, filter)
	require.NoError(t, err)
	for k, want := range strongest("block3_conv1", any, this) {
		want.Layer, want.Filter = "block2_conv2", want.Filter-filter // across the pool
		require.Equal(t, want, found[0].FedBy[k])
	}
	for k, want := range strongest("block3_conv2", this, any) {
		want.Layer, want.Filter = "block3_conv2", want.Filter-filter
		require.Equal(t, want, found[0].Feeds[k])
	}
	all, err := m.Neighbors("block5_conv1", 1)
	require.NoError(t, err)
	require.Len(t, all, 512)
	require.Equal(t, "block4_conv3", all[511].FedBy[0].Layer)
	first, err := m.Neighbors("block1_conv1", most)
	require.NoError(t, err)
	require.Nil(t, first[0].FedBy)
	require.Len(t, first[0].Feeds, most)
}
