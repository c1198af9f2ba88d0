// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
	"convscope/tools/jupyter"
)

// python is the interpreter of the environment that has Keras on TensorFlow.
func python(t *testing.T) string {
	t.Helper()
	requirements, err := os.ReadFile(filepath.Join("..", "..", "tools", "bench", "peer", "keras.txt"))
	require.NoError(t, err)
	python, err := jupyter.EnsurePackages(t.Context(),
		jupyter.Packages{Name: "Keras on TensorFlow", Dir: "bench-keras", Requirements: string(requirements)})
	require.NoError(t, err)
	return python
}

// made runs make.py, once for all networks, and calls the function for each while the next one is made. The inputs are
// for make.py.
func made(t *testing.T, env, names []string, inputs map[string][]float32, each func(t *testing.T, dir, name string)) {
	t.Helper()
	dir := t.TempDir()
	for name, values := range inputs {
		raw, err := binary.Append(nil, binary.LittleEndian, values)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".in"), raw, 0o600))
	}
	arguments := append([]string{filepath.Join("testdata", "make.py"), dir}, names...)
	command := exec.CommandContext(t.Context(), python(t), arguments...)
	command.Env = append(append(os.Environ(), "PYTHONNOUSERSITE=1", "TF_ENABLE_ONEDNN_OPTS=0"), env...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	done := 0
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[0] == "made" {
			done++
			t.Run(words[1], func(t *testing.T) { each(t, dir, words[1]) })
			files, err := filepath.Glob(filepath.Join(dir, words[1]+".*"))
			require.NoError(t, err)
			for _, file := range files {
				require.NoError(t, os.Remove(file))
			}
		}
	}
	require.NoError(t, command.Wait(), "%s", stderr.Bytes())
	require.Equal(t, len(names), done)
}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

func flat(t testing.TB, x *tensors.Tensor) []float32 {
	t.Helper()
	values, err := tensors.CopyFlatData[float32](x)
	require.NoError(t, err)
	return values
}

func floats(t testing.TB, dir, name string) []float32 {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	values := make([]float32, len(raw)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return values
}

// sameTable wants two files of one network to give the same table and weights.
func sameTable(t *testing.T, a, b *layer.Network) {
	t.Helper()
	require.Equal(t, len(a.Layers), len(b.Layers))
	require.Equal(t, a.Input, b.Input)
	for i := range a.Layers {
		one, other := a.Layers[i], b.Layers[i]
		require.Equal(t, one.Name, other.Name)
		require.Equal(t, one.Aliases, other.Aliases)
		require.Equal(t, one.Inputs, other.Inputs)
		require.Equal(t, one.Op, other.Op, one.Name)
		require.Equal(t, one.Activation, other.Activation, one.Name)
		require.Len(t, other.Weights, len(one.Weights))
		for role, w := range one.Weights {
			require.Equal(t, w.Shape, other.Weights[role].Shape, "%s %s", one.Name, role)
			x, err := w.Read()
			require.NoError(t, err)
			y, err := other.Weights[role].Read()
			require.NoError(t, err)
			require.True(t, slices.Equal(flat(t, x), flat(t, y)), "%s %s", one.Name, role)
		}
	}
}
