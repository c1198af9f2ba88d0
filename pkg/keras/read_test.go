// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"archive/zip"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/keras"
	"convscope/pkg/layer"
)

// TestRead reads a small network: names of what is used twice, weights, the class that nobody knows.
func TestRead(t *testing.T) {
	net, err := keras.Read(keep(t, small, weights))
	require.NoError(t, err)
	require.NoError(t, net.Check())
	var names []string
	for _, l := range net.Layers {
		names = append(names, l.Name)
	}
	require.Equal(t, []string{"conv", "conv#2", "flatten", "dense", "look"}, names)
	require.Equal(t, layer.Input{Channels: 1, Height: 8, Width: 8}, net.Input)
	require.Equal(t, "dense", net.Output)
	require.Equal(t, "dense", net.Logits)
	for _, alias := range []string{"inner/conv#2", "inner#2"} {
		l, err := net.Find(alias)
		require.NoError(t, err)
		require.Equal(t, "conv#2", l.Name)
		require.Equal(t, []string{"conv"}, l.Inputs)
		require.Equal(t, layer.ReLU{}, l.Activation)
	}
	kernel, err := net.Layers[0].Weights["kernel"].Read()
	require.NoError(t, err)
	require.Equal(t, []int{3, 3, 1, 1}, kernel.Shape().Dimensions)
	require.Equal(t, float32(1)/9, flat(t, kernel)[1])

	_, err = net.ShapeOf("dense", 8, 8)
	require.NoError(t, err)
	_, err = net.ShapeOf("look", 8, 8)
	require.ErrorContains(t, err, `layer "look", an Attention, can't be computed`)
}

// TestReadRefuses wants one line for each thing that is wrong with a file of Keras.
func TestReadRefuses(t *testing.T) {
	with := func(old, new string) string {
		require.Contains(t, small, old)
		return strings.Replace(small, old, new, 1)
	}
	without := func(name string) map[string][]uint64 {
		less := maps.Clone(weights)
		delete(less, name)
		return less
	}
	wrong := maps.Clone(weights)
	wrong["/layers/dense/vars/0"] = []uint64{63, 2}
	for name, test := range map[string]struct {
		description string
		weights     map[string][]uint64
		text        string
	}{
		"a missing weight": {small, without("/layers/dense/vars/1"), `layer "dense" (Dense): the file has no bias for it`},
		"a wrong shape": {small, wrong,
			`"dense" (Dense): its kernel: tensor layers/dense/vars/0 is [63 2], needed is [64 2]`},
		"a circle": {with(`"in", 0, 0`+end, `"inner", 1, 0`+end), weights, `layer "inner" needs itself`},
		"an unknown layer": {with(`"flatten", 0, 0`, `"nobody", 0, 0`), weights,
			`uses a layer "nobody" that it doesn't have`},
		"two of a name": {with(`"name": "dense", "inbound`, `"name": "flatten", "inbound`), weights,
			`has two layers named "flatten"`},
		"a vector":    {with(`[null, 8, 8, 1]`, `[null, 8]`), weights, `takes shape [8], not pictures`},
		"no channels": {with(`[null, 8, 8, 1]`, `[null, 8, 8, null]`), weights, `doesn't say how many channels`},
		"a class in Python": {`{"class_name": "Mine", "config": {"name": "mine"}}`, weights,
			`the class "Mine", whose layers are in Python alone`},
		"no JSON":          {`{`, weights, `no JSON`},
		"too many uses":    {with(`"inner", 0, 0`+end+`]`, `"inner", 7, 0`+end+`]`), weights, `needed is use 7`},
		"a nameless class": {with(`"class_name": "Flatten"`, `"class_name": ""`), weights, `layer "flatten" has no class`},
		"no outputs": {with(`"output_layers": ["dense", 0, 0]`, `"output_layers": []`), weights,
			`no inputs or no outputs`},
		"an input by itself": {with(`"output_layers": ["dense", 0, 0]`, `"output_layers": ["in", 0, 0]`), weights,
			`no layers but its input`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keras.Read(keep(t, test.description, test.weights))
			require.ErrorContains(t, err, test.text)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestUnsupported wants options that aren't known to be a layer's own matter.
func TestUnsupported(t *testing.T) {
	for old, test := range map[string]struct{ new, text string }{
		`"units": 2`:              {`"units": "many"`, "its option units is no number"},
		`"activation": "softmax"`: {`"activation": "mine"`, `its activation "mine" is not known here`},
		`"Dense"`:                 {`"Lambda"`, "it is Python code, which is not run"},
		`"flatten", 0, 0`:         {`"look", 0, 0`, `layer "look", an Attention`},
	} {
		t.Run(old, func(t *testing.T) {
			net, err := keras.Read(keep(t, strings.Replace(small, old, test.new, 1), weights))
			require.NoError(t, err)
			require.NoError(t, net.Check())
			_, err = net.ShapeOf("dense", 8, 8)
			require.ErrorContains(t, err, test.text)
			_, err = net.ShapeOf("conv", 8, 8)
			require.NoError(t, err)
			require.Empty(t, net.Logits)
		})
	}
}

// TestForeign wants a line that says what a file is and what to do, for whatever people give.
func TestForeign(t *testing.T) {
	saved := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(saved, "saved_model.pb"), []byte{8, 1}, 0o644))
	whole, err := os.ReadFile(keep(t, small, weights))
	require.NoError(t, err)
	zipped := func(names ...string) string {
		entries := map[string][]byte{}
		for _, name := range names {
			entries[name] = []byte("x")
		}
		return pack(t, entries, zip.Deflate)
	}
	for name, test := range map[string]struct{ path, text string }{
		"a folder":        {t.TempDir(), "it is a folder; give a file"},
		"a SavedModel":    {saved, "a TensorFlow SavedModel, a folder; load it in the Python that saved it"},
		"a graph":         {written(t, "saved_model.pb", []byte{8, 1, 18}), "a TensorFlow graph"},
		"TensorFlow Lite": {written(t, "my.tflite", []byte("\x1c\x00\x00\x00TFL3\x00\x00")), "a TensorFlow Lite model"},
		"an old PyTorch": {written(t, "my.pth", []byte("\x80\x02\x8a")),
			"a PyTorch file, which is Python code and isn't run"},
		"a pickle":         {written(t, "my.pkl", []byte("\x80\x04\x95")), "a Python pickle, which is code and isn't run"},
		"a new PyTorch":    {zipped("archive/data.pkl", "archive/data/0"), "torch.onnx.export"},
		"another zip":      {zipped("cat.jpg"), "a zip archive without a network in it"},
		"a zip around it":  {zipped("models/my.keras"), "a zip archive around my.keras; unzip it"},
		"packed again":     {zipped("config.json", "model.weights.h5"), "packed again, with compression"},
		"no description":   {zipped("model.weights.h5"), "without its config.json"},
		"weights by numpy": {zipped("a.npy"), "weights without a network"},
		"a description": {written(t, "config.json", []byte(`{"class_name": "Sequential"}`)),
			"JSON, a description without weights"},
		"a truncated file": {written(t, "my.keras", whole[:len(whole)/2]), "damaged"},
		"an empty file":    {written(t, "my.keras", nil), "empty"},
		"a picture":        {written(t, "my.keras", []byte("\x89PNG\r\n\x1a\n")), "a PNG picture"},
		"nothing":          {filepath.Join(t.TempDir(), "none.keras"), "no such file"},
		"weights of one .h5": {filepath.Join("..", "weights", "internal", "hdf5", "testdata", "legacy.h5"),
			"weights without their network"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := keras.Read(test.path)
			require.ErrorContains(t, err, test.text)
			require.Contains(t, err.Error(), filepath.Base(test.path))
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestChannelsFirst reads a network whose channels come first as the same table.
func TestChannelsFirst(t *testing.T) {
	first := strings.Replace(small, "[null, 8, 8, 1]", "[null, 1, 8, 8]", 1)
	first = strings.Replace(first, `"padding"`, `"data_format": "channels_first", "padding"`, 1)
	first = strings.Replace(first, `"name": "flatten", "train`,
		`"data_format": "channels_first", "name": "flatten", "train`, 1)
	one, err := keras.Read(keep(t, first, weights))
	require.NoError(t, err)
	other, err := keras.Read(keep(t, small, weights))
	require.NoError(t, err)
	sameTable(t, one, other)
	_, err = keras.Read(keep(t, strings.Replace(first, `"units"`, `"data_format": "channels_last", "units"`, 1), weights))
	require.ErrorContains(t, err, `layer "flatten" has the channels first, and layer "dense" last`)
}

// TestSecondInput reads a network of two inputs: what needs the second one says so, the rest works.
func TestSecondInput(t *testing.T) {
	two := strings.Replace(small, `"layers": [
 {`, `"layers": [
 {"class_name": "InputLayer", "module": "keras.layers", "config": {"batch_shape": [null, 8, 8, 1], "name": "in2"},
  "name": "in2", "inbound_nodes": []},
 {`, 1)
	two = strings.Replace(two, `"inbound_nodes": [`+node+`"inner", 1, 0`+end+`]`,
		`"inbound_nodes": [`+node+`"in2", 0, 0`+end+`]`, 1)
	two = strings.Replace(two, `"input_layers": ["in", 0, 0]`, `"input_layers": [["in", 0, 0], ["in2", 0, 0]]`, 1)
	net, err := keras.Read(keep(t, two, weights))
	require.NoError(t, err)
	require.NoError(t, net.Check())
	_, err = net.ShapeOf("conv#2", 8, 8)
	require.NoError(t, err)
	_, err = net.ShapeOf("dense", 8, 8)
	require.ErrorContains(t, err, `it needs the input "in2", and only pictures for "in" are fed`)
}
