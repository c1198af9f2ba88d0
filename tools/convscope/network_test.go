// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// writeNetwork writes a small ONNX file: pictures of one channel and 12x12 pixels, a convolution with a ReLU whose name
// has slashes, a pool, and scores of three classes.
func writeNetwork(t *testing.T, path string, seed float64) {
	t.Helper()
	bytes := func(number protowire.Number, b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
	}
	text := func(number protowire.Number, s string) []byte { return bytes(number, []byte(s)) }
	whole := func(number protowire.Number, n int) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), uint64(n))
	}
	list := func(name string, values ...int) []byte {
		b := text(1, name)
		for _, v := range values {
			b = append(b, whole(8, v)...)
		}
		return bytes(5, append(b, whole(20, 7)...))
	}
	node := func(op, name string, inputs []string, output string, attributes ...[]byte) []byte {
		var b []byte
		for _, in := range inputs {
			b = append(b, text(1, in)...)
		}
		return bytes(1, slices.Concat(b, text(2, output), text(3, name), text(4, op), slices.Concat(attributes...)))
	}
	weights := func(name string, dims ...int) []byte {
		var b, raw []byte
		count := 1
		for _, dim := range dims {
			b, count = append(b, whole(1, dim)...), count*dim
		}
		for i := range count {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(math.Sin(seed+float64(i*i)))))
		}
		return bytes(5, slices.Concat(b, whole(2, 1), text(8, name), bytes(9, raw)))
	}
	var dims []byte
	for _, dim := range []int{1, 1, 12, 12} {
		dims = append(dims, bytes(1, whole(1, dim))...)
	}
	input := bytes(11, slices.Concat(text(1, "x"), bytes(2, bytes(1, slices.Concat(whole(1, 1), bytes(2, dims))))))
	graph := slices.Concat(
		node("Conv", "/a/conv:1/Conv", []string{"x", "stem.c:1.weight", "stem.c:1.bias"}, "/a/conv:1/Conv_output_0", list("kernel_shape", 3, 3), list("pads", 1, 1, 1, 1)),
		node("Relu", "/a/relu/Relu", []string{"/a/conv:1/Conv_output_0"}, "/a/relu/Relu_output_0"),
		node("MaxPool", "/pool", []string{"/a/relu/Relu_output_0"}, "/pool_output", list("kernel_shape", 2, 2), list("strides", 2, 2)),
		node("Flatten", "/flat", []string{"/pool_output"}, "/flat_output"),
		node("Gemm", "/head", []string{"/flat_output", "head.weight", "head.bias"}, "scores"),
		text(2, "small"), weights("stem.c:1.weight", 4, 1, 3, 3), weights("stem.c:1.bias", 4), weights("head.weight", 4*6*6, 3), weights("head.bias", 3),
		input, bytes(12, text(1, "scores")),
	)
	model := slices.Concat(whole(1, 8), bytes(7, graph), bytes(8, whole(2, 17)))
	require.NoError(t, os.WriteFile(path, model, 0o600))
}

// TestModel runs the commands on a network of the user's own.
func TestModel(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CONVSCOPE_DEVICE", "go")
	t.Setenv("CONVSCOPE_CACHE", filepath.Join(t.TempDir(), "none"))
	writeNetwork(t, "my.onnx", 1)
	writeNetwork(t, "other.onnx", 2)
	require.NoError(t, os.WriteFile("my.classes.txt", []byte("cat\ndog\nowl\n"), 0o600))
	photo, err := os.Create("photo.png")
	require.NoError(t, err)
	img := image.NewNRGBA(image.Rect(0, 0, 30, 20))
	for i := range img.Pix {
		img.Pix[i] = uint8(i*i) | 3
	}
	img.Set(3, 3, color.White)
	require.NoError(t, png.Encode(photo, img))
	require.NoError(t, photo.Close())

	run := func(args ...string) (out string) {
		t.Helper()
		status, stdout, stderr := runCommand(t, args...)
		require.Zero(t, status, stderr)
		return stdout + stderr
	}
	layers := run("layers", "--model", "my.onnx", "--input", "unit")
	for _, words := range []string{"pictures of 12x12 pixels and 1 channel, as --input unit (given)", "a.conv:1", "12 x 12 x 4"} {
		require.Contains(t, layers, words)
	}
	own := []string{"--model", "my.onnx", "--input", "unit"}
	run(append([]string{"pattern", "--layer", "a.conv:1", "--filter", "2", "--steps", "3", "--size", "12"}, own...)...)
	require.FileExists(t, "a.conv_1_2.png", "a name that every file system takes")
	require.Contains(t, run(append([]string{"reproduce", "a.conv_1_2.png"}, own...)...), "identical, byte for byte")
	require.Contains(t, run("reproduce", "a.conv_1_2.png", "--model", "my.onnx"), "identical, byte for byte", "the recipe says how it was fed")
	require.Contains(t, run("show", "a.conv_1_2.png"), "my.onnx, to be given by --model; it takes pictures as --input unit")
	run(append([]string{"grid", "--steps", "3", "--size", "12", "--method", "crisp", "--image", "pixels:0.01", "--transforms", "none", "--out", "sheet.png"}, own...)...)
	run("pattern", "--model", "my.onnx", "--input", "unit", "--objective", `channel:"a.conv:1":1 - channel:"a.conv:1":2`, "--steps", "2", "--size", "12")
	require.Contains(t, run(append([]string{"heatmap", "--image", "photo.png", "--class", "dog", "--layer", "a.conv:1"}, own...)...), "dog: ")
	require.Contains(t, run(append([]string{"activations", "--image", "photo.png", "--layer", "a.relu"}, own...)...), "4 channels of 12x12 places")
	run(append([]string{"census", "--size", "12", "--steps", "2", "--layer", "all"}, own...)...)

	for name, test := range map[string]struct {
		args  []string
		words string
	}{
		"other weights":   {[]string{"reproduce", "a.conv_1_2.png", "--model", "other.onnx", "--input", "unit"}, "give it with --model"},
		"no network":      {[]string{"reproduce", "a.conv_1_2.png"}, `it is of another network than VGG16, "my.onnx": give it with --model`},
		"other input":     {[]string{"reproduce", "a.conv_1_2.png", "--model", "my.onnx", "--input", "tf"}, "give --input unit"},
		"no layer":        {[]string{"pattern", "--model", "my.onnx", "--layer", "a.konv"}, "did you mean a.conv:1"},
		"no way":          {[]string{"layers", "--model", "my.onnx", "--input", "torch"}, "choose from imagenet"},
		"for colours":     {[]string{"layers", "--model", "my.onnx", "--input", "caffe"}, "it is for 3 channels"},
		"input alone":     {[]string{"layers", "--input", "tf"}, "name it with --model"},
		"another's":       {[]string{"layers", "--model", "my.onnx", "--weights", "x.h5"}, "--weights is for VGG16"},
		"pickle":          {[]string{"layers", "--model", "photo.png"}, "give a .keras, .h5 or .onnx file"},
		"no such class":   {[]string{"heatmap", "--model", "my.onnx", "--input", "unit", "--image", "photo.png", "--class", "fish", "--layer", "a.relu"}, `no class "fish"`},
		"its classes":     {[]string{"layers", "--model", "my.onnx", "--input", "unit", "--classes", "gone.txt"}, "gone.txt"},
		"another's top":   {[]string{"heatmap", "--model", "my.onnx", "--image", "photo.png", "--classifier", "imagenet"}, "is VGG16's"},
		"the network out": {[]string{"pattern", "--model", "my.onnx", "--input", "unit", "--layer", "a.conv:1", "--out", "my.onnx"}, "my.onnx"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := runCommand(t, test.args...)
			require.NotZero(t, status)
			require.Contains(t, stderr, test.words)
			require.NotContains(t, stderr, "goroutine")
		})
	}
}

func TestFileName(t *testing.T) {
	for layer, want := range map[string]string{
		"block3_conv1": "block3_conv1", "layer2.0.conv1": "layer2.0.conv1", "/a/b:0": "a_b_0", "..": "layer", "": "layer", "a\nb": "a_b", "-x": "x", "a b": "a b",
	} {
		require.Equal(t, want, fileName(layer), "%q", layer)
	}
}
