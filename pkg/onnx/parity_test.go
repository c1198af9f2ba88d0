// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/onnx"
)

// exporting is a Python process that exports networks and says what PyTorch and onnxruntime make of a picture.
type exporting struct {
	dir  string
	asks io.Writer
	done *bufio.Scanner
}

// exporter starts the process, once for all networks.
func exporter(t *testing.T) *exporting {
	t.Helper()
	python, site := python(t, "torch", torch)
	e := &exporting{dir: t.TempDir()}
	command := exec.Command(python, filepath.Join("testdata", "parity.py"), e.dir)
	command.Env = fetch.PythonEnv("PYTHONPATH="+site, "PYTHONNOUSERSITE=1")
	var said bytes.Buffer
	command.Stderr = &said
	asks, err := command.StdinPipe()
	require.NoError(t, err)
	e.asks = asks
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	e.done = bufio.NewScanner(out)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = asks.Close()
		if err := command.Wait(); err != nil {
			t.Errorf("%v: %s", err, said.String())
		}
	})
	return e
}

// answers are what PyTorch and onnxruntime make of a picture.
type answers struct {
	Layers   []string
	Distance map[string]float64 // of PyTorch's float32 from its float64, as a part of the largest value
	Margin   float64            // how close a value comes to a kink
	Arrays   []struct {
		Label string
		Shape []int
	}
	values map[string]*tensors.Tensor
}

// export exports a network; its files are there until the test ends.
func (e *exporting) export(t *testing.T, name string, exporters ...string) *answers {
	t.Helper()
	_, err := fmt.Fprintln(e.asks, name, strings.Join(exporters, " "))
	require.NoError(t, err)
	require.True(t, e.done.Scan(), "it ended")
	require.Equal(t, name, e.done.Text())
	base := filepath.Join(e.dir, name)
	t.Cleanup(func() {
		files, err := filepath.Glob(base + ".*")
		require.NoError(t, err)
		for _, path := range files {
			require.NoError(t, os.Remove(path))
		}
	})
	text, err := os.ReadFile(base + ".json")
	require.NoError(t, err)
	a := &answers{values: map[string]*tensors.Tensor{}}
	require.NoError(t, json.Unmarshal(text, a))
	content, err := os.ReadFile(base + ".values")
	require.NoError(t, err)
	r := bytes.NewReader(content)
	for _, array := range a.Arrays {
		n := 1
		for _, d := range array.Shape {
			n *= d
		}
		values := make([]float32, n)
		require.NoError(t, binary.Read(r, binary.LittleEndian, values))
		a.values[array.Label] = tensors.FromFlatDataAndDimensions(values, array.Shape...)
	}
	return a
}

// open reads an exported network, all of whose operations must be known.
func (e *exporting) open(t *testing.T, name, exporter string) *layer.Network {
	t.Helper()
	net, err := onnx.Read(filepath.Join(e.dir, name+"."+exporter+".onnx"))
	require.NoError(t, err)
	require.NoError(t, net.Check())
	for _, l := range net.Layers {
		_, isMissing := l.Op.(layer.Unsupported)
		require.False(t, isMissing, "%+v", l.Op)
	}
	return net
}

// xla is the processor through XLA.
var xla = sync.OnceValues(func() (*device.Device, error) { return device.New(device.Options{Kind: device.CPU}) })

// stored puts a network's weights into a store.
func stored(t *testing.T, net *layer.Network) *model.Store {
	t.Helper()
	store := model.NewStore()
	for _, l := range net.Layers {
		for role, weight := range l.Weights {
			value, err := weight.Read()
			require.NoError(t, err)
			require.Equal(t, weight.Shape, value.Shape().Dimensions, "%s %s", l.Name, role)
			_, err = store.CreateVariable(layer.Variable(l.Name, role), value)
			require.NoError(t, err)
		}
	}
	return store
}

// apart returns the largest difference of two arrays, as a part of the largest value.
func apart(t *testing.T, got, want *tensors.Tensor) (worst float64) {
	t.Helper()
	require.Equal(t, want.Shape().Dimensions, got.Shape().Dimensions)
	a, b := tensors.MustCopyFlatData[float32](got), tensors.MustCopyFlatData[float32](want)
	most := 0.0
	for i := range b {
		most = max(most, math.Abs(float64(b[i])))
		worst = max(worst, math.Abs(float64(a[i])-float64(b[i]))) // NaN if one is
	}
	require.False(t, math.IsNaN(worst))
	return worst / most
}

// compareValues compares a network's layers and output. Of a deep one float32 itself gives no better than PyTorch's.
func compareValues(t *testing.T, net *layer.Network, a *answers, exporter string) {
	dev, err := xla()
	require.NoError(t, err)
	outputs, err := model.CallOnceN(dev.Backend, stored(t, net), func(scope *model.Scope, x *Node) []*Node {
		return net.Outputs(scope, x, layer.Walk{}, append([]string{net.Output}, a.Layers...)...)
	}, a.values["input"])
	require.NoError(t, err)
	for i, label := range append([]string{"output"}, a.Layers...) {
		off := apart(t, outputs[i], a.values[label])
		t.Logf("%s: %.1e from float64, PyTorch's float32 %.1e", label, off, a.Distance[label])
		require.LessOrEqual(t, off, min(max(1e-5, 2*a.Distance[label]), 1e-4), label)
	}
	off := apart(t, outputs[0], a.values[exporter])
	t.Logf("output: %.1e from onnxruntime", off)
	require.LessOrEqual(t, off, 1e-4, "onnxruntime")
}

// compareGradients compares, in each place of the picture, the gradients of layers' mean squares.
func compareGradients(t *testing.T, net *layer.Network, a *answers) {
	dev, err := xla()
	require.NoError(t, err)
	asked := a.Layers[1:]
	require.NotEmpty(t, asked)
	gradients, err := model.CallOnceN(dev.Backend, stored(t, net), func(scope *model.Scope, x *Node) []*Node {
		outputs := net.Outputs(scope, x, layer.Walk{}, asked...)
		for i, y := range outputs {
			outputs[i] = Gradient(ReduceAllMean(Square(y)), x)[0]
		}
		return outputs
	}, a.values["input"])
	require.NoError(t, err)
	for i, label := range asked {
		label = "gradient of " + label
		off := apart(t, gradients[i], a.values[label])
		t.Logf("%s: %.1e from float64, PyTorch's float32 %.1e", label, off, a.Distance[label])
		require.LessOrEqual(t, off, 1e-4, label)
	}
}

// TestParity compares networks of torchvision, and some of their own, with PyTorch and onnxruntime: values of the
// networks as they are, and gradients of twins with smooth activations and average pools. A kink's gradient depends on
// which side of it rounding puts a value, and a deep network has so many kinks that some always are that close.
func TestParity(t *testing.T) {
	level.OnlyFull(t, "needs PyTorch and torchvision from pip, and exports 20 networks with their twins")
	e := exporter(t)
	for i, name := range []string{"gray", "unet", "parts", "resnet18", "alexnet", "vgg11_bn", "squeezenet1_1",
		"googlenet", "inception_v3", "densenet121", "shufflenet_v2_x1_0", "mobilenet_v2", "mobilenet_v3_small",
		"mnasnet1_0", "efficientnet_b0", "regnet_y_400mf", "convnext_tiny", "resnet50", "resnext50_32x4d", "vgg16_bn",
		"efficientnet_v2_s"} {
		exporters := []string{"dynamo", "old"}[:1+i%2]
		t.Run(name, func(t *testing.T) {
			a := e.export(t, name, exporters...)
			for _, exporter := range exporters {
				t.Run(exporter, func(t *testing.T) { compareValues(t, e.open(t, name, exporter), a, exporter) })
			}
		})
		t.Run(name+"-smooth", func(t *testing.T) {
			a := e.export(t, name+"-smooth", "old")
			compareGradients(t, e.open(t, name+"-smooth", "old"), a)
		})
	}
}

// TestKinks compares gradients of the activations and pools that have kinks, for a picture that is close to none.
func TestKinks(t *testing.T) {
	level.OnlyFull(t, "needs PyTorch and torchvision from pip")
	e := exporter(t)
	a := e.export(t, "kinks", "dynamo", "old")
	require.Greater(t, a.Margin, 1e-5, "far more than what rounding does to a value")
	for _, exporter := range []string{"dynamo", "old"} {
		t.Run(exporter, func(t *testing.T) {
			net := e.open(t, "kinks", exporter)
			compareValues(t, net, a, exporter)
			compareGradients(t, net, a)
		})
	}
}
