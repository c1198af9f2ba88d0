// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/internal/level"
	"convscope/pkg/layer"
	"convscope/pkg/onnx"
)

// TestKeras compares a network that Keras' own export and tf2onnx wrote with Keras.
func TestKeras(t *testing.T) {
	level.OnlyFull(t, "needs Keras, TensorFlow and tf2onnx from pip")
	python, site := python(t, "keras", keras)
	dir := t.TempDir()
	export := exec.Command(python, filepath.Join("testdata", "exported.py"), dir)
	export.Env = fetch.PythonEnv("PYTHONPATH="+site, "PYTHONNOUSERSITE=1")
	out, err := export.CombinedOutput()
	require.NoError(t, err, string(out))
	array := func(name string, dims ...int) *tensors.Tensor {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		values := make([]float32, len(content)/4)
		require.NoError(t, binary.Read(bytes.NewReader(content), binary.LittleEndian, values))
		return tensors.FromFlatDataAndDimensions(values, dims...)
	}
	picture, want := array("input", 1, 33, 33, 3), array("output", 1, 5)
	dev, err := xla()
	require.NoError(t, err)
	for _, exporter := range []string{"own", "tf2onnx"} {
		t.Run(exporter, func(t *testing.T) {
			net, err := onnx.Read(filepath.Join(dir, exporter+".onnx"))
			require.NoError(t, err)
			require.NoError(t, net.Check())
			require.Equal(t, layer.Input{Channels: 3, Height: 33, Width: 33}, net.Input)
			// Keras numbers the names of layers that it calls once more to export them.
			for _, name := range []string{"conv1", "norm1", "depthwise", "separable", "transposed", "scores"} {
				found, err := net.Find(name)
				require.NoError(t, err)
				again, err := net.Find(name + "_1")
				require.NoError(t, err)
				require.Equal(t, found.Name, again.Name)
			}
			middle, err := net.Find("middle")
			require.NoError(t, err)
			require.Equal(t, "middle", middle.Name)
			outputs, err := model.CallOnceN(dev.Backend, stored(t, net), func(scope *model.Scope, x *Node) []*Node {
				return net.Outputs(scope, x, layer.Walk{}, net.Output, middle.Name)
			}, picture)
			require.NoError(t, err)
			for i, want := range []*tensors.Tensor{want, array("middle", 1, 8, 8, 12)} {
				off := apart(t, outputs[i], want)
				t.Logf("%.1e from Keras", off)
				require.LessOrEqual(t, off, 1e-5)
			}
		})
	}
}
