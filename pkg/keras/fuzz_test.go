// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/keras"
)

// sequential is the description of a network as tf.keras 2 wrote it.
const sequential = `{"class_name": "Sequential", "config": {"name": "net", "layers": [
 {"class_name": "Conv2D", "config": {"batch_input_shape": [null, 8, 8, 1], "name": "a", "filters": 2,
  "kernel_size": [3, 3], "activation": "relu"}}, {"class_name": "Flatten", "config": {"name": "b"}},
 {"class_name": "Dense", "config": {"name": "c", "units": 2}}]}}`

// FuzzDescription gives what JSON may hold: no panic, and a table that says what is wrong with it.
func FuzzDescription(f *testing.F) {
	f.Add(small)
	f.Add(sequential)
	f.Fuzz(func(t *testing.T, description string) { readAll(t, keep(t, description, weights)) })
}

// FuzzRead reads whole files that were changed at random, a .keras and .h5, and all that they say of themselves. With
// -fuzzminimizetime 1x it tries hundreds a second; to shorten what it finds takes a minute each time otherwise.
func FuzzRead(f *testing.F) {
	packed, err := os.ReadFile(filepath.Join("..", "weights", "format", "testdata", "keras3.h5.gz"))
	require.NoError(f, err)
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(f, err)
	byKeras, err := io.ReadAll(unpacked)
	require.NoError(f, err)
	f.Add(byKeras)
	for _, path := range []string{keep(f, small, weights), keepLegacy(f)} {
		content, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(content)
	}
	path := filepath.Join(f.TempDir(), "net") // of this process alone
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		readAll(t, path)
	})
}

// readAll reads a small file that may hold anything. Errors are one line, and memory stays small.
func readAll(t *testing.T, path string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	net, err := keras.Read(path)
	if err == nil {
		err = net.Check()
		for _, l := range net.Layers {
			for _, w := range l.Weights {
				_, _ = w.Read()
			}
		}
	}
	if err != nil {
		require.NotContains(t, err.Error(), "\n")
		require.NotContains(t, err.Error(), "runtime error")
	}
	runtime.ReadMemStats(&after)
	require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(64), "MB")
}

// TestLegacy reads the .h5 among the seeds.
func TestLegacy(t *testing.T) {
	net, err := keras.Read(keepLegacy(t))
	require.NoError(t, err)
	require.NoError(t, net.Check())
	require.Len(t, net.Layers, 3)
	kernel, err := net.Layers[0].Weights["kernel"].Read()
	require.NoError(t, err)
	require.Equal(t, float32(1)/18, flat(t, kernel)[1])
}
