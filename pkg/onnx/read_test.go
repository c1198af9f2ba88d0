// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
	"convscope/pkg/layer"
)

// conv is a convolution of 3 x 3 with its kernel.
func conv(in, out, weight string, channels, filters int, more ...[]byte) []byte {
	pads := attr("pads", []int{1, 1, 1, 1})
	return slices.Concat(node("Conv", names(in, weight), names(out), append(more, pads)...),
		floats(weight, []int{filters, channels, 3, 3}))
}

// run computes a layer of a network for a picture.
func run(t *testing.T, net *layer.Network, name string, height, width int) []float32 {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	values := make([]float32, height*width*net.Input.Channels)
	for i := range values {
		values[i] = float32(i%11) / 11
	}
	picture := tensors.FromFlatDataAndDimensions(values, 1, height, width, net.Input.Channels)
	outputs, err := model.CallOnceN(dev.Backend, stored(t, net), func(scope *model.Scope, x *Node) []*Node {
		return net.Outputs(scope, x, layer.Walk{}, name)
	}, picture)
	require.NoError(t, err)
	return tensors.MustCopyFlatData[float32](outputs[0])
}

// TestNames reads the same small network as different exporters write it.
func TestNames(t *testing.T) {
	in, out := input("x", 1, 3, 8, 8), output("y")
	relu := func(from, to string, more ...[]byte) []byte { return node("Relu", names(from), names(to), more...) }
	tests := []struct {
		name    string
		graph   [][]byte
		want    []string
		aliases map[string]string // to names
	}{
		{"torch's old exporter", [][]byte{
			conv("x", "/a/a.0/conv1/Conv_output_0", "onnx::Conv_1", 3, 4, called("/a/a.0/conv1/Conv")),
			relu("/a/a.0/conv1/Conv_output_0", "r", called("/a/a.0/relu/Relu")),
			conv("r", "c", "a.0.down.0.weight", 4, 4, called("/a/a.0/down/down.0/Conv")),
			node("Add", names("c", "r"), names("s"), called("/a/a.0/Add")),
			relu("s", "y", called("/a/a.0/relu_1/Relu")),
		}, names("a.0.conv1", "a.0.relu", "a.0.down.0", "a.0.Add", "a.0.relu_1"),
			map[string]string{"/a/a.0/conv1/Conv_output_0": "a.0.conv1", "/a/a.0/conv1/Conv": "a.0.conv1",
				"a": "a.0.relu_1", "a.0": "a.0.relu_1", "a.0.down": "a.0.down.0"}},
		{"torch's new exporter", [][]byte{
			conv("x", "getitem", "a.0.conv1.weight", 3, 4,
				scoped("['', 'a', 'a.0', 'a.0.bn1', '_native_batch_norm_legit_no_training']")),
			relu("getitem", "r", scoped("['', 'a', 'a.0', 'a.0.relu', 'relu']")),
			conv("r", "c", "a.0.down.0.weight", 4, 4, scoped("['', 'a', 'a.0', 'a.0.down', 'a.0.down.0', 'conv2d_1']")),
			node("Add", names("c", "r"), names("s"), scoped("['', 'a', 'a.0', 'add']")),
			relu("s", "y", scoped("['', 'a', 'a.0', 'a.0.relu', 'relu_1']")),
		}, names("a.0.conv1", "a.0.relu", "a.0.down.0", "a.0.Add", "a.0.relu_1"),
			map[string]string{"a.0.bn1": "a.0.conv1", "a": "a.0.relu_1", "a.0": "a.0.relu_1",
				"a.0.down": "a.0.down.0"}},
		{"TensorFlow", [][]byte{
			conv("x", "model/conv1/BiasAdd:0", "w", 3, 4, called("model/conv1/BiasAdd")),
			relu("model/conv1/BiasAdd:0", "r", called("model/conv1/Relu")),
			conv("r", "y", "model/conv2/convolution/merged_input:0", 4, 4, called("Conv__12")),
		}, names("conv1.Conv", "conv1", "conv2"), map[string]string{"model/conv1/BiasAdd:0": "conv1.Conv"}},
		{"Keras' own export", [][]byte{
			conv("x", "a", "functional_1/conv_1/convolution/merged_input:0", 3, 4, called("Conv__12")),
			relu("a", "r", called("functional_1/activation_1/Relu")),
			conv("r", "b", "functional_1/conv_1_1/convolution/merged_input:0", 4, 4, called("Conv__13")),
			relu("b", "y", called("functional_1/activation_1_1/Relu")),
		}, names("conv", "activation", "conv_1", "activation_1"),
			map[string]string{"conv_1_1": "conv_1", "functional_1/activation_1/Relu": "activation",
				"activation_1": "activation_1"}},
		{"numbers of the person's", [][]byte{
			conv("x", "a", "model_1/block_1/convolution/merged_input:0", 3, 4, called("Conv__12")),
			relu("a", "y", called("model_1/act/Relu")),
		}, names("block_1", "act"), nil},
		{"called by a signature", [][]byte{
			conv("x", "a", "w", 3, 4, called("StatefulPartitionedCall/model/conv1/BiasAdd")),
			relu("a", "y", called("StatefulPartitionedCall/model/act/Relu")),
		}, names("conv1", "act"), nil},
		{"no names", [][]byte{conv("x", "a", "w1", 3, 4), relu("a", "b"), conv("b", "y", "features.2.weight", 4, 4)},
			names("a", "b", "features.2"), map[string]string{"y": "features.2"}},
		{"a name twice", [][]byte{conv("x", "a", "w1", 3, 4, called("n")), relu("a", "b", called("n")),
			relu("b", "y", called("n"))},
			names("n", "n_1", "n_2"), map[string]string{"y": "n_2"}},
		{"a name to harm", [][]byte{conv("x", "a", "w1", 3, 4, called("n\x1b[2J\n\xff")), relu("a", "y", called("m"))},
			nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			net := read(t, 17, append(test.graph, in, out)...)
			if test.want == nil {
				require.NotContains(t, net.Layers[0].Name, "\x1b")
				require.NotContains(t, net.Layers[0].Name, "\n")
				return
			}
			require.Equal(t, test.want, layerNames(net))
			require.Equal(t, test.want[len(test.want)-1], net.Output)
			require.NoError(t, net.Check())
			for alias, name := range test.aliases {
				found, err := net.Find(alias)
				require.NoError(t, err)
				require.Equal(t, name, found.Name, alias)
			}
		})
	}
}

// TestLayouts tells where the channels of the input are.
func TestLayouts(t *testing.T) {
	last := node("Transpose", names("x"), names("first"), attr("perm", []int{0, 3, 1, 2}))
	back := node("Transpose", names("c"), names("y"), attr("perm", []int{0, 2, 3, 1}))
	tests := []struct {
		name                    string
		graph                   [][]byte
		channels, height, width int
		layers                  []string
	}{
		{"first", [][]byte{input("x", 1, 3, 8, 6), conv("x", "y", "w", 3, 4)}, 3, 8, 6, names("y")},
		{"last", [][]byte{input("x", 1, 8, 6, 3), last, conv("first", "c", "w", 3, 4), back}, 3, 8, 6, names("c")},
		{"last, of any size", [][]byte{input("x", -1, -1, -1, -1), last, conv("first", "c", "w", 3, 4), back}, 3, 0, 0,
			names("c")},
		{"first, of any size", [][]byte{input("x", -1, -1, -1, -1), conv("x", "y", "w", 2, 4)}, 2, 0, 0, names("y")},
		{"last, gray, by a reshape", [][]byte{input("x", -1, 8, 6, 1), ints("to", -1, 1, 8, 6),
			node("Reshape", names("x", "to"), names("first")),
			conv("first", "y", "w", 1, 4)}, 1, 8, 6, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			net := read(t, 13, append(test.graph, output("y"))...)
			require.NoError(t, net.Check())
			require.Equal(t, layer.Input{Channels: test.channels, Height: test.height, Width: test.width}, net.Input)
			if test.layers != nil {
				require.Equal(t, test.layers, layerNames(net))
			}
			require.Equal(t, []int{20, 10, 4}, shapeOf(t, net, net.Output, 20, 10))
		})
	}
}

// TestSizes are free up to the layer that fixes one, also where the graph computes them.
func TestSizes(t *testing.T) {
	shuffle := func(to1, to2 []byte) [][]byte {
		return [][]byte{to1, to2, conv("x", "c", "w", 3, 4), node("Reshape", names("c", "to1"), names("r")),
			node("Transpose", names("r"), names("t"), attr("perm", []int{0, 2, 1, 3, 4})),
			node("Reshape", names("t", "to2"), names("y")), output("y")}
	}
	fixed := shuffle(ints("to1", 1, 2, 2, 8, 8), ints("to2", 1, 4, 8, 8))
	computed := shuffle(slices.Concat(node("Shape", names("c"), names("s")), ints("i0", 0), ints("i2", 2, 3),
		ints("two", 2, 2), ints("four", 4),
		node("Gather", names("s", "i0"), names("n")), node("Gather", names("s", "i2"), names("hw")),
		node("Concat", names("n", "two", "hw"), names("to1"), attr("axis", 0)),
		node("Concat", names("n", "four", "hw"), names("to2"), attr("axis", 0))), nil)
	want := run(t, read(t, 13, append(fixed, input("x", 1, 3, 8, 8))...), "y", 10, 6)
	for name, graph := range map[string][][]byte{
		"fixed":                 append(fixed, input("x", 1, 3, 8, 8)),
		"computed":              append(computed, input("x", -1, 3, -1, -1)),
		"computed, of one size": append(computed, input("x", 1, 3, 8, 8)),
	} {
		t.Run(name, func(t *testing.T) {
			net := read(t, 13, graph...)
			require.NoError(t, net.Check())
			require.Equal(t, []int{10, 6, 4}, shapeOf(t, net, "y", 10, 6))
			require.Equal(t, want, run(t, net, "y", 10, 6))
		})
	}
	for end, logits := range map[string]string{"Sigmoid": "y", "Relu": ""} {
		t.Run("one number behind a "+end, func(t *testing.T) { // one that says yes or no, or an age
			net := read(t, 13, input("x", -1, 1, 4, 4), node("Flatten", names("x"), names("f")),
				floats("m", []int{16, 1}), node("MatMul", names("f", "m"), names("y")),
				node(end, names("y"), names("z")), output("z"))
			require.Equal(t, logits, net.Logits)
		})
	}
	t.Run("a classifier of 28", func(t *testing.T) {
		graph := [][]byte{input("x", -1, 1, -1, -1), conv("x", "c", "w", 1, 2), node("Flatten", names("c"), names("f")),
			floats("m", []int{2 * 28 * 28, 5}), node("MatMul", names("f", "m"), names("y")),
			node("Softmax", names("y"), names("z")), output("z")}
		net := read(t, 13, graph...)
		require.Equal(t, layer.Input{Channels: 1, Height: 28, Width: 28}, net.Input)
		require.Equal(t, "y", net.Logits)
		require.Equal(t, []int{5}, shapeOf(t, net, "z", 28, 28))
		require.ErrorContains(t, net.CheckSize("z", 30, 30), "y")
		require.Equal(t, []int{30, 30, 2}, shapeOf(t, net, "c", 30, 30))
	})
}

// TestFlattenedOrder multiplies what was a picture by a matrix that counts its channels first.
func TestFlattenedOrder(t *testing.T) {
	matrix := make([]float32, 3*4*2)
	matrix[2*(1*4+2)] = 1 // the third position of the second channel
	graph := [][]byte{input("x", 1, 3, 2, 2), node("Relu", names("x"), names("r")),
		node("Flatten", names("r"), names("f")),
		floats("m", []int{12, 2}, matrix...), node("Gemm", names("f", "m"), names("y")), output("y")}
	net := read(t, 13, graph...)
	require.Equal(t, []float32{float32(2*3+1) / 11, 0}, run(t, net, "y", 2, 2))
}

// TestTypes reads weights of all types of floats.
func TestTypes(t *testing.T) {
	values := []float32{0.5, -2, 1, 3}
	for name, w := range map[string]struct {
		kind int
		add  func(b []byte, v float32) []byte
	}{
		"float32": {float32s, func(b []byte, v float32) []byte {
			return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}},
		"float64": {float64s, func(b []byte, v float32) []byte {
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(v)))
		}},
		"bfloat16": {bfloats, func(b []byte, v float32) []byte {
			return binary.LittleEndian.AppendUint16(b, uint16(math.Float32bits(v)>>16))
		}},
		"float16": {float16s, func(b []byte, v float32) []byte {
			bits := math.Float32bits(v)
			return binary.LittleEndian.AppendUint16(b, uint16(bits>>31<<15|((bits>>23&0xff)-112)<<10|bits>>13&0x3ff))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var raw []byte
			for _, v := range values {
				raw = w.add(raw, v)
			}
			net := read(t, 13, input("x", 1, 2, 4, 4), tensor("w", w.kind, []int{2, 2, 1, 1}, raw),
				node("Conv", names("x", "w"), names("y")), output("y"))
			kernel, err := net.Layers[0].Weights["kernel"].Read()
			require.NoError(t, err)
			require.Equal(t, []int{1, 1, 2, 2}, kernel.Shape().Dimensions)
			require.Equal(t, []float32{0.5, 1, -2, 3}, tensors.MustCopyFlatData[float32](kernel), "[in, out]")
		})
	}
}

// TestClasses reads the classes' names that people write into a file.
func TestClasses(t *testing.T) {
	for text_, want := range map[string][]string{
		`{0: 'cat', 1: "dog's", 2: 'a, b'}`: {"cat", "dog's", "a, b"},
		`{"0": "x", "1": "y", "2": "z"}`:    {"x", "y", "z"},
		`["a", "b", "c"]`:                   {"a", "b", "c"},
		`['a', 'b', 'c']`:                   {"a", "b", "c"}, "a,b, c": {"a", "b", "c"},
		"a\nb\nc\n":            {"a", "b", "c"},
		`{0: 'cat', 2: 'dog'}`: nil, `{0: cat}`: nil, `["a", "b"]`: nil, `{0: '`: nil, "": nil, `{0: 'a\`: nil,
	} {
		content := file(13, input("x", 1, 1, 4, 4), conv("x", "c", "w", 1, 3),
			node("GlobalAveragePool", names("c"), names("p")),
			node("Flatten", names("p"), names("y")), output("y"))
		content = append(content, field(14, slices.Concat(text(1, "names"), text(2, text_)))...)
		net, err := onnxRead(t, content)
		require.NoError(t, err)
		require.Equal(t, "y", net.Logits)
		require.Equal(t, want, net.Classes, text_)
	}
}

// TestComputedWeights reads kernels that the graph scales first, as weight norms do, or makes floats of.
func TestComputedWeights(t *testing.T) {
	const channels, filters = 3 << 10, 400 // more values than arrays that are grown may have
	raw := make([]byte, channels*filters)
	for i := range raw {
		raw[i] = byte(i % 5)
	}
	scales := make([]float32, filters)
	for i := range scales {
		scales[i] = float32(i)
	}
	v := tensor("v", int8s, []int{filters, channels, 1, 1}, raw)
	for name, graph := range map[string][]byte{
		"scaled": slices.Concat(node("Cast", names("v"), names("f"), attr("to", float32s)),
			floats("g", []int{filters, 1, 1, 1}, scales...), node("Mul", names("f", "g"), names("w"))),
		"dequantized": slices.Concat(floats("g", []int{filters}, scales...),
			node("DequantizeLinear", names("v", "g"), names("w"), attr("axis", 0))),
	} {
		t.Run(name, func(t *testing.T) {
			net := read(t, 13, input("x", 1, channels, 4, 4), v, graph, node("Conv", names("x", "w"), names("y")),
				output("y"))
			kernel, err := net.Layers[0].Weights["kernel"].Read()
			require.NoError(t, err)
			require.Equal(t, []int{1, 1, channels, filters}, kernel.Shape().Dimensions)
			values := tensors.MustCopyFlatData[float32](kernel)
			const channel, filter = 77, 39
			require.Equal(t, float32(filter*((filter*channels+channel)%5)), values[channel*filters+filter])
		})
	}
}
