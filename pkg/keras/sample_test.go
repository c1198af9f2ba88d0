// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/scigolib/hdf5"
	"github.com/stretchr/testify/require"
)

// small is the description of a gray network: an inner one that is used twice, a class that nobody knows, a softmax.
const small = `{"class_name": "Functional", "config": {"name": "small", "layers": [
 {"class_name": "InputLayer", "module": "keras.layers", "config": {"batch_shape": [null, 8, 8, 1], "name": "in"},
  "name": "in", "inbound_nodes": []},
 {"class_name": "Sequential", "module": "keras", "config": {"name": "inner", "layers": [
   {"class_name": "Conv2D", "module": "keras.layers", "config": {"name": "conv", "filters": 1, "kernel_size": [3, 3],
    "padding": "same", "activation": {"class_name": "function", "config": "relu"}, "trainable": true}}]},
  "name": "inner", "inbound_nodes": [` + node + `"in", 0, 0` + end + `, ` + node + `"inner", 0, 0` + end + `]},
 {"class_name": "Flatten", "module": "keras.layers", "config": {"name": "flatten", "trainable": true},
  "name": "flatten", "inbound_nodes": [` + node + `"inner", 1, 0` + end + `]},
 {"class_name": "Dense", "module": "keras.layers", "config": {"name": "dense", "units": 2, "activation": "softmax",
  "trainable": true}, "name": "dense", "inbound_nodes": [` + node + `"flatten", 0, 0` + end + `]},
 {"class_name": "Attention", "module": "keras.layers", "config": {"name": "look", "trainable": true}, "name": "look",
  "inbound_nodes": [` + node + `"inner", 0, 0` + end + `]}],
 "input_layers": ["in", 0, 0], "output_layers": ["dense", 0, 0]}}`

const (
	node = `{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": [`
	end  = `]}}], "kwargs": {}}`
)

// weights are those of small, by their places in a .keras file.
var weights = map[string][]uint64{
	"/layers/sequential/layers/conv2d/vars/0": {3, 3, 1, 1}, "/layers/sequential/layers/conv2d/vars/1": {1},
	"/layers/dense/vars/0": {64, 2}, "/layers/dense/vars/1": {2},
}

// legacyWeights are those of sequential, by their places in an .h5 file.
var legacyWeights = map[string][]uint64{
	"/model_weights/a/a/kernel:0": {3, 3, 1, 2}, "/model_weights/a/a/bias:0": {2},
	"/model_weights/c/c/kernel:0": {72, 2}, "/model_weights/c/c/bias:0": {2},
}

// keepLegacy writes an .h5 file as tf.keras 2 does.
func keepLegacy(t testing.TB) string {
	t.Helper()
	return hold(t, "my.h5", legacyWeights, map[string]map[string]any{
		"/model_weights":   {"layer_names": []string{"a", "b", "c"}, "model_config": sequential, "keras_version": "2.15.0"},
		"/model_weights/a": {"weight_names": []string{"a/kernel:0", "a/bias:0"}},
		"/model_weights/c": {"weight_names": []string{"c/kernel:0", "c/bias:0"}},
	})
}

// keep writes a .keras file as Keras does.
func keep(t testing.TB, description string, weights map[string][]uint64) string {
	t.Helper()
	raw, err := os.ReadFile(hold(t, "model.weights.h5", weights, nil))
	require.NoError(t, err)
	return pack(t, map[string][]byte{"config.json": []byte(description), "model.weights.h5": raw,
		"metadata.json": []byte(`{"keras_version": "3.15.1"}`)}, zip.Store)
}

// hold writes an HDF5 file with datasets, and attributes of their groups.
func hold(t testing.TB, name string, weights map[string][]uint64, attributes map[string]map[string]any) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	w, err := hdf5.CreateForWrite(name, hdf5.CreateTruncate)
	require.NoError(t, err)
	groups := map[string]bool{"/": true}
	var group func(name string)
	group = func(name string) {
		if !groups[name] {
			groups[name] = true
			group(path.Dir(name))
			g, err := w.CreateGroup(name)
			require.NoError(t, err)
			for key, value := range attributes[name] {
				require.NoError(t, g.WriteAttribute(key, value))
			}
		}
	}
	for name, shape := range weights {
		group(path.Dir(name))
		n := uint64(1)
		for _, d := range shape {
			n *= d
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(i) / float32(n)
		}
		d, err := w.CreateDataset(name, hdf5.Float32, shape)
		require.NoError(t, err)
		require.NoError(t, d.Write(values))
	}
	require.NoError(t, w.Close())
	return name
}

// pack writes a zip archive.
func pack(t testing.TB, entries map[string][]byte, method uint16) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = w.Write(text)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return written(t, "my.keras", out.Bytes())
}

func written(t testing.TB, name string, text []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, text, 0o644))
	return name
}
