// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
)

func TestFind(t *testing.T) {
	n := branched()
	for _, name := range []string{"conv1", "first", "block1/conv:0"} {
		found, err := n.Find(name)
		require.NoError(t, err)
		require.Equal(t, "conv1", found.Name)
	}
	for name, nearest := range map[string]string{
		"Conv1": "conv1", "bn": "bn2", "pool_1": "pool1", "depthwise_conv": "depthwise", "": "up", "block1": "conv1",
		"soft": "softmaxed", "\xff\xfe": "up", strings.Repeat("x", 1<<20): "expand",
	} {
		_, err := n.Find(name)
		var unknown *layer.UnknownLayerError
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, name, unknown.Name)
		require.Len(t, unknown.Valid, len(n.Layers))
		require.Equal(t, nearest, unknown.Valid[0], "%.20q", name)
	}
	n.Layers[3].Aliases = []string{"conv1"} // a name goes before an alias
	found, err := n.Find("conv1")
	require.NoError(t, err)
	require.Equal(t, "conv1", found.Name)
	_, err = (&layer.Network{}).Find("conv1")
	require.EqualError(t, err, `the network has no layer "conv1": it has none at all`)
	small := &layer.Network{Name: "small", Layers: []layer.Layer{{Name: "a"}, {Name: "bb"}}}
	_, err = small.Find("b")
	require.EqualError(t, err, `small has no layer "b": did you mean bb? (all: bb, a)`)
}

func TestUpTo(t *testing.T) {
	names := func(layers []layer.Layer) (all []string) {
		for _, l := range layers {
			all = append(all, l.Name)
		}
		return all
	}
	all, err := branched().UpTo("bn2")
	require.NoError(t, err)
	require.Equal(t, []string{"rescaled", "conv1", "pad1", "pool1", "conv2", "bn2"}, names(all))
	all, err = branched().UpTo("strided") // beside which groups stands
	require.NoError(t, err)
	require.NotContains(t, names(all), "groups")
	_, err = branched().UpTo("conv7")
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
}

func TestShapes(t *testing.T) {
	n := branched()
	for _, c := range []struct {
		layer         string
		height, width int
		want          []int
		says          string
	}{
		{"conv1", 16, 14, []int{16, 14, 6}, ""},
		{"conv1", 7, 99, []int{7, 99, 6}, ""},
		{"pool1", 7, 99, []int{4, 50, 6}, ""},
		{"means", 7, 99, []int{1, 1, 12}, ""},
		{"pool2", 16, 14, []int{8, 8, 3}, ""},
		{"flat", 16, 14, []int{48}, ""},
		{"average", 1, 14, []int{1, 4, 3}, ""},
		{"conv1", 0, 5, nil, "rescaled: "},
		{"conv1", 1 << 40, 1 << 40, nil, "is too large"},
		{"conv9", 5, 5, nil, "has no layer"},
	} {
		t.Run(fmt.Sprint(c.layer, c.height, c.width), func(t *testing.T) {
			shape, err := n.ShapeOf(c.layer, c.height, c.width)
			if c.says != "" {
				require.ErrorContains(t, err, c.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, shape)
		})
	}
	channels, err := n.Channels("joined")
	require.NoError(t, err)
	require.Equal(t, 16, channels)
	filled(n)
	_, err = n.ShapeOf("dense", 16, 14)
	require.NoError(t, err)
	_, err = n.ShapeOf("dense", 16, 15)
	require.NoError(t, err, "so little more changes nothing")
	_, err = n.ShapeOf("dense", 32, 32)
	require.EqualError(t, err, `dense has a weight "kernel" of [48 7], it should be [192 7]`)
	require.NotNil(t, n.Shapes(32, 32)[0])
}

// chain is a network of layers one after the other, on pictures of one channel.
func chain(ops ...layer.Op) *layer.Network {
	n := &layer.Network{Input: layer.Input{Channels: 1}}
	below := layer.Picture
	for i, op := range ops {
		name := fmt.Sprint("l", i)
		n.Layers = append(n.Layers, layer.Layer{Name: name, Inputs: []string{below}, Op: op})
		below = name
	}
	return n
}

func TestSmallest(t *testing.T) {
	square := func(n int) [2]int { return [2]int{n, n} }
	valid := layer.Conv{Filters: 1, Kernel: square(3)}
	pool := layer.MaxPool{Size: square(2)}
	for _, c := range []struct {
		name string
		net  *layer.Network
		want int
	}{
		{"two valid ones and pools", chain(valid, pool, valid, pool), 10},
		{"same", chain(layer.Conv{Filters: 1, Kernel: square(7), Padding: layer.Padding{Same: true}}), 1},
		{"what goes up again", chain(pool, pool, layer.Resize{Scale: [2]float64{4, 4}},
			layer.Reshape{To: []int{4, 4, 1}}), 4},
		{"a fixed size", chain(layer.Flatten{}, layer.Reshape{To: []int{196, -1}}), 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			last := c.net.Layers[len(c.net.Layers)-1].Name
			height, width, err := c.net.Smallest(last)
			require.NoError(t, err)
			require.Equal(t, square(c.want), [2]int{height, width})
			require.NoError(t, c.net.CheckSize(last, height, width))
			if c.want > 1 {
				require.ErrorContains(t, c.net.CheckSize(last, c.want-1, c.want),
					fmt.Sprintf("a picture of %dx%d pixels is too small for %s: it needs at least %dx%d",
						c.want-1, c.want, last, c.want, c.want))
			}
		})
	}
	n := chain(layer.Flatten{}, layer.Reshape{To: []int{15, 13}}) // no square fits
	n.Input.Height, n.Input.Width = 15, 13
	height, width, err := n.Smallest("l1")
	require.NoError(t, err)
	require.Equal(t, [2]int{15, 13}, [2]int{height, width})
	_, _, err = n.Smallest("l9")
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
}

func TestReceptiveField(t *testing.T) {
	square := func(n int) [2]int { return [2]int{n, n} }
	conv := func(kernel, stride, dilation int) layer.Op {
		return layer.Conv{Filters: 1, Kernel: square(kernel), Stride: square(stride), Dilation: square(dilation),
			Padding: layer.Padding{Same: true}}
	}
	pool := layer.MaxPool{Size: square(2)}
	for _, c := range []struct {
		name   string
		net    *layer.Network
		size   int // 0 for all
		stride float64
	}{
		{"3x3", chain(conv(3, 1, 1)), 3, 1},
		{"VGG16's block2_conv1", chain(conv(3, 1, 1), conv(3, 1, 1), pool, conv(3, 1, 1)), 10, 2},
		{"dilated", chain(conv(3, 1, 2)), 5, 1},
		{"ResNet's beginning", chain(conv(7, 2, 1), layer.MaxPool{Size: square(3), Stride: square(2)},
			conv(3, 1, 1)), 19, 4},
		{"up again", chain(pool, conv(3, 1, 1), layer.Resize{Scale: [2]float64{2, 2}}, conv(3, 1, 1)), 8, 1},
		{"resized", chain(layer.Resize{Height: 448, Width: 448}, conv(3, 1, 1)), 2, 0.5},
		{"transposed", chain(pool, layer.ConvTranspose{Filters: 1, Kernel: square(4), Stride: square(2)}), 4, 1},
		{"a step", chain(conv(3, 1, 1), layer.Slice{Axes: []int{0, 1}, Starts: []int{0, 0}, Ends: []int{9, 9},
			Steps: []int{2, 2}}, conv(3, 1, 1)), 7, 2},
		{"a global mean", chain(conv(3, 1, 1), layer.Reduce{To: layer.Mean, Axes: []int{0, 1}}), 0, 1},
		{"flattened", chain(conv(3, 1, 1), layer.Flatten{}, layer.Dense{Units: 3}), 0, 1},
		{"shuffled channels", chain(conv(3, 1, 1), layer.Reshape{To: []int{0, 0, 1, 1}},
			layer.Permute{Axes: []int{0, 1, 3, 2}}, layer.Reshape{To: []int{0, 0, -1}}), 3, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			field, err := c.net.ReceptiveField(c.net.Layers[len(c.net.Layers)-1].Name)
			require.NoError(t, err)
			require.Equal(t, square(c.size), field.Size)
			require.Equal(t, [2]float64{c.stride, c.stride}, field.Stride)
			require.Equal(t, c.size == 0, field.All())
		})
	}
	field, err := branched().ReceptiveField("gated") // of the branch that isn't a gate
	require.NoError(t, err)
	require.Equal(t, layer.Field{Size: [2]int{13, 13}, Stride: [2]float64{4, 4}}, field)
	_, err = branched().ReceptiveField("conv7")
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
}

func TestSilent(t *testing.T) {
	n := branched()
	want := map[string]bool{"conv1": true, "pad1": true, "pool1": true, "relu2": true, "depthwise": true, "groups": true,
		"strided": true, "joined": true, "transposed": true, "pool2": true, "dense": true}
	for _, l := range n.Layers {
		silent, err := n.Silent(l.Name)
		require.NoError(t, err)
		require.Equal(t, want[l.Name], silent, l.Name)
	}
	_, err := n.Silent("conv7")
	require.ErrorAs(t, err, new(*layer.UnknownLayerError))
}

func TestInput(t *testing.T) {
	levels := [][][][]float32{{{{0, 100, 255}}}}
	for _, c := range []struct {
		name string
		in   layer.Input
		want []float32
		low  float64 // of red
	}{
		{"as it is", layer.Input{Channels: 3}, []float32{0, 100, 255}, 0},
		{"caffe", layer.Input{Channels: 3, Mean: []float64{103, 116, 123}, BGR: true}, []float32{152, -16, -123}, -123},
		{"tf", layer.Input{Channels: 3, Mean: []float64{127.5}, Deviation: []float64{127.5}},
			[]float32{-1, -0.21568628, 1}, -1},
		{"torch", layer.Input{Channels: 3, Mean: []float64{100, 50, 55}, Deviation: []float64{50, 25, 100}},
			[]float32{-2, 2, 2}, -2},
	} {
		t.Run(c.name, func(t *testing.T) {
			y, err := CallOnce(backend(t), c.in.Apply, levels)
			require.NoError(t, err)
			got := tensors.MustCopyFlatData[float32](y)
			require.InDeltaSlice(t, c.want, got, 1e-6)
			low, high := c.in.Range(0)
			require.InDelta(t, c.low, low, 1e-9)
			require.Greater(t, high, low)
			for channel, level := range []float64{0, 100, 255} {
				at := channel
				if c.in.BGR {
					at = 2 - channel
				}
				require.InDelta(t, float64(got[at]), c.in.Value(level, channel), 1e-6)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	good := func() *layer.Network {
		n := branched()
		filled(n)
		n.Classes = []string{"a", "b", "c", "d"}
		return n
	}
	require.NoError(t, good().Check())
	for _, c := range []struct {
		name  string
		spoil func(n *layer.Network)
		says  string
	}{
		{"no layers", func(n *layer.Network) { n.Layers = nil }, "branched has no layers"},
		{"no name", func(n *layer.Network) { n.Layers[2].Name = "" }, "layer 3 of branched has no name"},
		{"a name twice", func(n *layer.Network) { n.Layers[2].Name = "conv1" }, `branched has two layers called "conv1"`},
		{"an unknown input", func(n *layer.Network) {
			n.Layers[2].Inputs = []string{"conv7"}
		}, `pad1 takes "conv7", which is no layer before it`},
		{"a later input", func(n *layer.Network) {
			n.Layers[2].Inputs = []string{"bn2"}
		}, `pad1 takes "bn2", which is no layer before it`},
		{"itself as input", func(n *layer.Network) {
			n.Layers[2].Inputs = []string{"pad1"}
		}, `pad1 takes "pad1", which is no layer before it`},
		{"too many inputs", func(n *layer.Network) {
			n.Layers[2].Inputs = []string{"conv1", "conv1"}
		}, "pad1: it takes one input, not 2"},
		{"no inputs", func(n *layer.Network) { n.Layers[2].Inputs = nil }, "pad1: it takes one input, not 0"},
		{"no op", func(n *layer.Network) { n.Layers[2].Op = nil }, "pad1 computes nothing"},
		{"an unknown activation", func(n *layer.Network) {
			n.Layers[2].Activation = layer.Function("maxout")
		}, `pad1: there is no activation "maxout"`},
		{"an unknown activation layer", func(n *layer.Network) {
			n.Layers[7].Op = layer.Activate{Activation: layer.Function("maxout")}
		}, `relu2: there is no activation "maxout"`},
		{"a celu of 0", func(n *layer.Network) { n.Layers[2].Activation = layer.CELU{} }, "pad1: a celu with an alpha of 0"},
		{"no weight", func(n *layer.Network) {
			delete(n.Layers[1].Weights, "bias")
		}, `conv1 has no weight "bias", which should be [6]`},
		{"a weight too many", func(n *layer.Network) {
			n.Layers[1].Weights["gamma"] = n.Layers[1].Weights["bias"]
		}, `conv1 doesn't take a weight "gamma"`},
		{"a wrong weight", func(n *layer.Network) { n.Layers[1].Weights["kernel"] = n.Layers[1].Weights["bias"] },
			`conv1 has a weight "kernel" of [6], it should be [3 3 3 6]`},
		{"shapes that don't fit", func(n *layer.Network) {
			n.Layers[6].Inputs = []string{"bn2", "conv1"}
		}, "add2: shapes that don't fit"},
		{"no output", func(n *layer.Network) { n.Output = "conv7" }, `no layer "conv7"`},
		{"no logits", func(n *layer.Network) { n.Logits = "conv7" }, `no layer "conv7"`},
		{"classes", func(n *layer.Network) {
			n.Classes = n.Classes[1:]
		}, "scores gives 4 scores, but there are names for 3 classes"},
		{"no channels", func(n *layer.Network) { n.Input.Channels = 0 }, "pictures of 0 channels"},
		{"vast pictures", func(n *layer.Network) { n.Input.Height = 1 << 40 }, "a network takes at most"},
		{"two means", func(n *layer.Network) { n.Input.Mean = []float64{1, 2} }, "2 means or deviations for 3 channels"},
		{"a mean that is none", func(n *layer.Network) {
			n.Input.Mean = []float64{math.NaN()}
		}, "a mean or deviation of NaN"},
		{"no deviation", func(n *layer.Network) { n.Input.Deviation = []float64{0} }, "a deviation of 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := good()
			c.spoil(n)
			require.ErrorContains(t, n.Check(), c.says)
		})
	}
}
