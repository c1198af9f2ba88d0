// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
	"convscope/pkg/weights"
	"convscope/vgg16"
)

// thinTop is the manifest of the net that testdata/top/make.py makes: 1/32 of the filters, a top of 32, 32 and 10
// units. A test that changes nothing knows its tensors by the old Keras file as a whole.
func thinTop(t testing.TB) weights.Manifest {
	t.Helper()
	m, err := vgg16.TopManifest()
	require.NoError(t, err)
	filters, units := 3, []int{32, 32, 10}
	inputs := 7 * 7 * 16
	for i := range m.Tensors {
		s := &m.Tensors[i]
		s.SHA256 = ""
		layer, part, _ := strings.Cut(s.Name, "/")
		found, err := vgg16.Find(layer)
		switch {
		case err == nil && part == "kernel":
			s.Shape = []int{3, 3, filters, found.Filters / 32}
			filters = found.Filters / 32
		case err == nil:
			s.Shape = []int{filters}
		case part == "kernel":
			s.Shape = []int{inputs, units[0]}
			inputs = units[0]
		default:
			s.Shape, units = []int{units[0]}, units[1:]
		}
	}
	file, err := os.ReadFile(unpacked(t, "old.h5"))
	require.NoError(t, err)
	m.Model, m.Keras = "thin", weights.Download{URL: "http://127.0.0.1:1/thin.h5", Bytes: int64(len(file)),
		MD5: fmt.Sprintf("%x", md5.Sum(file))}
	return m
}

// unpacked unpacks a file of testdata/top.
func unpacked(t testing.TB, name string) (path string) {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", "top", name+".gz"))
	require.NoError(t, err)
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), name)
	file, err := os.Create(path)
	require.NoError(t, err)
	_, err = io.Copy(file, r)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	return path
}

// goDevice is the pure Go backend.
func goDevice(t testing.TB) *device.Device {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	return dev
}

// emptyCache gives the test a cache of its own, and none of the developer's files.
func emptyCache(t testing.TB) {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{"CONVSCOPE_CACHE": dir, weights.EnvPath: "", vgg16.EnvTop: ""} {
		old, was := os.LookupEnv(name)
		require.NoError(t, os.Setenv(name, value))
		t.Cleanup(func() {
			if was {
				os.Setenv(name, old)
			} else {
				os.Unsetenv(name)
			}
		})
	}
}

// loadThin loads the thin net from a file.
func loadThin(t testing.TB, path string) *vgg16.Model {
	t.Helper()
	net, err := vgg16.LoadAs(context.Background(), goDevice(t), thinTop(t), vgg16.Options{Weights: path, Top: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, net.Close()) })
	return net
}

// kerasPictures are the pictures that testdata/top/make.py predicts for, [2, 224, 224, 3].
func kerasPictures() *tensors.Tensor {
	const side = vgg16.TopSize
	values := make([]float32, 2*side*side*3)
	for i := range values {
		noise := uint64(uint32(i)*2654435761) >> 24
		picture, column := i/(side*side*3), i/3%side
		values[i] = float32(noise * uint64(column*(picture+1)%side) / side)
	}
	return tensors.FromFlatDataAndDimensions(values, 2, side, side, 3)
}

// onePicture is the first of them.
func onePicture() *tensors.Tensor {
	values := tensors.MustCopyFlatData[float32](kerasPictures())
	return tensors.FromFlatDataAndDimensions(values[:len(values)/2], 1, vgg16.TopSize, vgg16.TopSize, 3)
}

// TestTopLikeKeras compares with what Keras itself predicts with the same weights, from each format.
func TestTopLikeKeras(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "top", "keras.json"))
	require.NoError(t, err)
	var want struct{ Logits, Probabilities [][]float32 }
	require.NoError(t, json.Unmarshal(text, &want))
	for _, name := range []string{"old.h5", "new.weights.h5", "top.onnx", "top.safetensors", "top.npz"} {
		t.Run(name, func(t *testing.T) {
			emptyCache(t)
			net := loadThin(t, unpacked(t, name))
			require.True(t, net.HasTop())
			got, err := net.PredictPictures(kerasPictures())
			require.NoError(t, err)
			for i := range want.Logits {
				scale := float64(largest(want.Logits[i]))
				require.InDeltaSlice(t, want.Logits[i], got.Logits[i], 1e-4*scale)
				for c, probability := range want.Probabilities[i] {
					require.InDelta(t, probability, got.Probabilities[i][c], 1e-4)
					// A small probability is as exact as the logits' difference: e^(2 * 1e-4 * scale).
					require.InEpsilon(t, float64(probability), float64(got.Probabilities[i][c]), 2.5e-4*scale)
				}
			}
		})
	}
}

// TestTopFromThere goes on from a layer's output, as a heatmap does.
func TestTopFromThere(t *testing.T) {
	net := vgg16.RandomTop(goDevice(t), 32, 10, 3)
	for _, layer := range []string{"block4_conv1", "block5_pool"} {
		t.Run(layer, func(t *testing.T) {
			outputs, err := model.CallOnceN(net.Backend, net.Store, func(scope *model.Scope, x *Node) (*Node, *Node) {
				output := vgg16.Activation(scope, x, layer)
				return vgg16.Logits(scope, x), vgg16.TopLogits(scope, vgg16.Onward(scope, output, layer, "block5_pool"))
			}, onePicture())
			require.NoError(t, err)
			require.Equal(t, []int{1, 10}, outputs[0].Shape().Dimensions)
			require.NotZero(t, largest(tensors.MustCopyFlatData[float32](outputs[0])))
			require.Equal(t, outputs[0].Value(), outputs[1].Value())
		})
	}
}

func TestTopTarget(t *testing.T) {
	net := vgg16.RandomTop(goDevice(t), 32, 10, 3)
	target, err := net.Classifier("block5_conv3", nil)
	require.NoError(t, err)
	require.Equal(t, []int{224, 224, 16, 196}, []int{target.Height, target.Width, target.Stride, target.ReceptiveField})
	require.Len(t, target.Classes, 10)
	require.ErrorContains(t, target.CheckSize(224, 300), "224x224 does, but here fc1 has a weight")
	outputs, err := model.CallOnceN(target.Backend, target.Store, func(scope *model.Scope, x *Node) *Node {
		_, logits := target.Graph(scope, x)
		return logits
	}, onePicture())
	require.NoError(t, err)
	want, err := net.PredictPictures(onePicture())
	require.NoError(t, err)
	require.Equal(t, want.Logits, outputs[0].Value())

	_, err = net.Classifier("block5_conv4", nil)
	require.ErrorContains(t, err, "did you mean")
	_, err = tiny(t).Classifier("block5_conv3", nil)
	require.ErrorIs(t, err, vgg16.ErrNoTop)
}

func TestTopShapes(t *testing.T) {
	with, without := vgg16.RandomTop(goDevice(t), 32, 10, 3), tiny(t)
	graph := func(net *vgg16.Model, build func(scope *model.Scope, x *Node) *Node, dims ...int) func() error {
		return func() error {
			_, err := model.CallOnceN(net.Backend, net.Store, build, tensors.FromScalarAndDimensions(float32(1), dims...))
			return err
		}
	}
	tests := map[string]struct {
		run   func() error
		words []string
	}{
		"another size": {func() error {
			_, err := with.PredictPictures(tensors.FromScalarAndDimensions(float32(1), 1, 150, 150, 3))
			return err
		}, []string{"224x224", "[1 150 150 3]", "picture.Tensor(photo, 224, 224)"}},
		"no batch": {func() error {
			_, err := with.PredictPictures(tensors.FromScalarAndDimensions(float32(1), 224, 224, 3))
			return err
		}, []string{"[batch, 224, 224, 3]"}},
		"bytes": {func() error {
			_, err := with.PredictPictures(tensors.FromScalarAndDimensions(uint8(1), 1, 224, 224, 3))
			return err
		}, []string{"needed is float32"}},
		"no top": {func() error {
			_, err := without.Predict(image.NewGray(image.Rect(0,
				0, 9, 9)))
			return err
		}, []string{"has no top", "Options{Top: true}", "tf_kernels.h5",
			"CONVSCOPE_TOP_WEIGHTS"}},
		"no top for pictures": {func() error { _, err := without.PredictPictures(onePicture()); return err },
			[]string{"has no top"}},
		"no top for classes": {func() error { _, err := without.Classes(); return err }, []string{"has no top"}},
		"no photo":           {func() error { _, err := with.Predict(); return err }, []string{"no photos"}},
		"an empty photo": {func() error {
			_, err := with.Predict(image.NewGray(image.Rect(0, 0, 0,
				9)))
			return err
		}, []string{"photo 1 of 1 is empty"}},
		"graph: another size": {graph(with, vgg16.Logits, 1, 150, 150, 3), []string{"224x224"}},
		"graph: no top":       {graph(without, vgg16.Logits, 1, 224, 224, 3), []string{"has no top"}},
		"graph: another layer": {graph(with, vgg16.TopLogits, 1, 14, 14, 16),
			[]string{"block5_pool", "[batch, 7, 7, 16], not [1 14 14 16]"}},
		"graph: flat already": {graph(with, vgg16.TopLogits, 1, 784), []string{"not [1 784]"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.run()
			require.Error(t, err)
			for _, word := range test.words {
				require.ErrorContains(t, err, word)
			}
		})
	}
}

func TestRandomTop(t *testing.T) {
	dev := goDevice(t)
	net, again, plain := vgg16.RandomTop(dev, 32, 4, 3), vgg16.RandomTop(dev, 32, 4, 3), vgg16.Random(dev, 32, 3)
	require.Equal(t, net.MustPredictPictures(onePicture()).Logits, again.MustPredictPictures(onePicture()).Logits)
	require.NotEqual(t, net.Fingerprint(), plain.Fingerprint())
	require.True(t, net.HasTop())
	require.False(t, plain.HasTop())
	below, err := net.Activations(noise(32, 32), "block5_pool")
	require.NoError(t, err)
	same, err := plain.Activations(noise(32, 32), "block5_pool")
	require.NoError(t, err)
	require.Equal(t, same[0].Value(), below[0].Value(), "the convolutions are those of Random")
}

func TestPredict(t *testing.T) {
	net := vgg16.RandomTop(goDevice(t), 32, 6, 3)
	dark, bright := image.NewRGBA(image.Rect(0, 0, 320, 200)), image.NewRGBA(image.Rect(5, 5, 90, 300))
	for i := range dark.Pix {
		dark.Pix[i] = byte(i * i % 61)
	}
	for i := range bright.Pix {
		bright.Pix[i] = byte(200 + i*i%53)
	}
	got, err := net.Predict(dark, bright)
	require.NoError(t, err)
	require.Len(t, got.Logits, 2)
	require.NotEqual(t, got.Logits[0], got.Logits[1])
	alone, err := net.Predict(bright)
	require.NoError(t, err)
	require.Equal(t, got.Logits[1], alone.Logits[0])

	for i, guesses := range got.MustTop(99) {
		require.Len(t, guesses, 6)
		sum := 0.0
		for k, guess := range guesses {
			require.Equal(t, got.Logits[i][guess.Index], guess.Logit)
			require.Equal(t, got.Probabilities[i][guess.Index], guess.Probability)
			sum += float64(guess.Probability)
			if k > 0 {
				require.GreaterOrEqual(t, guesses[k-1].Probability, guess.Probability)
			}
		}
		require.InDelta(t, 1, sum, 1e-5)
	}
	header, rows, err := got.Table(1, 3)
	require.NoError(t, err)
	require.Len(t, rows, 3)
	for _, row := range rows {
		require.Len(t, row, len(header))
	}
	require.Contains(t, rows[0][1], "class ")
	_, _, err = got.Table(2, 3)
	require.ErrorContains(t, err, "no picture 2: choose 0 to 1")
	require.Empty(t, got.MustTop(-1)[0])
}

// A thin VGG16 with a top of three classes and random weights says something to any picture.
func ExampleModel_Predict() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	net := vgg16.RandomTop(dev, 32, 3, 1)
	prediction, err := net.Predict(image.NewGray(image.Rect(0, 0, 320, 240)))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, guess := range prediction.MustTop(3)[0] {
		fmt.Printf("%s: %.2f\n", guess, guess.Probability)
	}
	// Output:
	// class 0: 1.00
	// class 1: 0.00
	// class 2: 0.00
}
