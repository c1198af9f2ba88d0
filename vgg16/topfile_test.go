// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
	"convscope/pkg/weights"
	"convscope/vgg16"
)

// TestTopFile is about the file with the top, through the real code with a thin net in the place of VGG16.
func TestTopFile(t *testing.T) {
	open := func(t *testing.T, path string) (*vgg16.Model, error) {
		return vgg16.LoadAs(context.Background(), goDevice(t), thinTop(t), vgg16.Options{Weights: path, Top: true})
	}
	t.Run("the official file", func(t *testing.T) {
		emptyCache(t)
		path := unpacked(t, "old.h5")
		require.NoError(t, os.Setenv(vgg16.EnvTop, path))
		net, err := open(t, "")
		require.NoError(t, err)
		require.Contains(t, net.Weights(), "VGG16 and its top")
		want := net.MustPredictPictures(onePicture()).Logits
		require.NoError(t, net.Close())
		require.NoError(t, os.Setenv(vgg16.EnvTop, ""))
		net, err = open(t, "")
		require.NoError(t, err, "it is in the cache now")
		require.Equal(t, want, net.MustPredictPictures(onePicture()).Logits)
		require.NoError(t, net.Close())
	})
	t.Run("another file of its size", func(t *testing.T) {
		emptyCache(t)
		path := unpacked(t, "old.h5")
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		file[len(file)-1] ^= 1
		require.NoError(t, os.WriteFile(path, file, 0o600))
		net, err := open(t, path)
		require.NoError(t, err)
		require.Contains(t, net.Weights(), "not the ImageNet weights: the file has the official one's size, but the MD5")
		require.NoError(t, net.Close())
	})
	t.Run("a file without the top", func(t *testing.T) {
		emptyCache(t)
		text, err := os.ReadFile(unpacked(t, "top.safetensors"))
		require.NoError(t, err)
		_, err = open(t, withoutTop(t, text))
		require.ErrorIs(t, err, weights.ErrNoClassifier)
		require.ErrorContains(t, err, "it has no classifier: no tensor for fc1/kernel [784 32]; one with it is thin.h5")
		require.NotContains(t, err.Error(), "\n")
	})
	t.Run("a wrong shape", func(t *testing.T) {
		emptyCache(t)
		m := thinTop(t)
		last := &m.Tensors[len(m.Tensors)-2]
		last.Shape = []int{32, 1000}
		_, err := vgg16.LoadAs(context.Background(), goDevice(t), m, vgg16.Options{Weights: unpacked(t, "old.h5")})
		require.ErrorIs(t, err, weights.ErrUnfit)
		require.ErrorContains(t, err, "is [32 10], predictions/kernel needs [32 1000]")
	})
	t.Run("the same convolutions, with and without", func(t *testing.T) {
		emptyCache(t)
		net := loadThin(t, unpacked(t, "top.npz"))
		m := thinTop(t)
		m.Tensors = m.Tensors[:26]
		plain, err := vgg16.LoadAs(context.Background(), goDevice(t), m, vgg16.Options{Weights: unpacked(t, "old.h5")})
		require.NoError(t, err)
		require.False(t, plain.HasTop())
		require.Equal(t, net.Fingerprint(), plain.Fingerprint())
		last, err := net.Find("block5_pool")
		require.NoError(t, err)
		require.Equal(t, 16, last.Filters)
		require.NoError(t, plain.Close())
	})
}

// withoutTop writes a safetensors file with the convolutions only.
func withoutTop(t *testing.T, file []byte) (path string) {
	t.Helper()
	var head map[string]map[string]any
	length := int(file[0]) | int(file[1])<<8
	require.NoError(t, json.Unmarshal(file[8:8+length], &head))
	var names []string
	for name := range head {
		if strings.HasPrefix(name, "block") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var data []byte
	kept := map[string]any{}
	for _, name := range names {
		offsets := head[name]["data_offsets"].([]any)
		from, to := int(offsets[0].(float64)), int(offsets[1].(float64))
		kept[name] = map[string]any{"dtype": "F32", "shape": head[name]["shape"],
			"data_offsets": []int{len(data), len(data) + to - from}}
		data = append(data, file[8+length+from:8+length+to]...)
	}
	text, err := json.Marshal(kept)
	require.NoError(t, err)
	out := append([]byte{byte(len(text)), byte(len(text) >> 8), 0, 0, 0, 0, 0, 0}, text...)
	path = filepath.Join(t.TempDir(), "notop.safetensors")
	require.NoError(t, os.WriteFile(path, append(out, data...), 0o600))
	return path
}

func TestTopManifest(t *testing.T) {
	m, err := vgg16.TopManifest()
	require.NoError(t, err)
	base, err := vgg16.Manifest()
	require.NoError(t, err)
	require.Equal(t, base.Tensors, m.Tensors[:26], "a pattern's recipe means the same weights, with and without the top")
	parameters := 0
	for _, s := range m.Tensors {
		parameters += int(s.Bytes()) / 4
	}
	require.Equal(t, 138_357_544, parameters, "as Keras counts them")
	require.Equal(t, strings.Replace(base.Keras.URL, "_notop", "", 1), m.Keras.URL)
	require.Equal(t, int64(553_467_096), m.Keras.Bytes)
}

// TestRealTop checks and uses the official file, where someone has it.
func TestRealTop(t *testing.T) {
	path := os.Getenv(vgg16.EnvTop)
	if testing.Short() || path == "" {
		t.Skipf("set %s to the path of Keras' vgg16_weights_tf_dim_ordering_tf_kernels.h5 (553 MB) to test "+
			"the real top", vgg16.EnvTop)
	}
	dev, err := device.New(device.Options{})
	require.NoError(t, err)
	defer dev.Close()
	net, err := vgg16.Load(dev, vgg16.Options{Top: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, net.Close()) }()
	require.Contains(t, net.Weights(), "VGG16 and its top with the weights they learned from ImageNet",
		"its size and its MD5 are the official file's")
	base, err := vgg16.Manifest()
	require.NoError(t, err)
	require.Equal(t, base.SHA256(), net.Fingerprint())
	prediction, err := net.PredictPictures(onePicture())
	require.NoError(t, err)
	sum := 0.0
	for _, p := range prediction.Probabilities[0] {
		require.False(t, math.IsNaN(float64(p)))
		sum += float64(p)
	}
	require.Len(t, prediction.Probabilities[0], 1000)
	require.InDelta(t, 1, sum, 1e-4)
	top, err := prediction.Top(5)
	require.NoError(t, err)
	t.Log(top)
}
