// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network_test

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/dataset"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// plain is a picture of one colour.
func plain(c color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.Set(i%8, i/8, c)
	}
	return img
}

// examples are red and blue pictures, dark ones and bright ones.
func examples(t *testing.T, backend compute.Backend) train.Dataset {
	t.Helper()
	var images []image.Image
	var labels []int32
	for v := range 8 {
		level := uint8(100 + 16*v)
		images = append(images, plain(color.NRGBA{level, 0, 0, 255}), plain(color.NRGBA{0, 0, level, 255}))
		labels = append(labels, 0, 1)
	}
	data, err := dataset.InMemoryFromData(backend, "colours", []any{picture.Batch(images, 8, 8)},
		[]any{tensors.FromFlatDataAndDimensions(labels, len(labels), 1)})
	require.NoError(t, err)
	return data.Infinite(true).BatchSize(len(labels), true)
}

// TestTraining trains a table with GoMLX's trainer until it tells red from blue, saves it, and opens what was saved.
func TestTraining(t *testing.T) {
	for name, kind := range map[string]device.Kind{"go": device.Go, "cpu": device.CPU} {
		t.Run(name, func(t *testing.T) {
			if kind != device.Go {
				level.Real(t, "needs XLA")
			}
			dev, err := device.New(device.Options{Kind: kind})
			require.NoError(t, err)
			net := &layer.Network{Output: "scores", Logits: "scores", Classes: []string{"red", "blue"},
				Input: layer.Input{Channels: 3, Height: 8, Width: 8, Deviation: []float64{255}},
				Layers: []layer.Layer{
					{Name: "conv1", Inputs: []string{layer.Picture}, Activation: layer.ReLU{},
						Op: layer.Conv{Filters: 8, Kernel: [2]int{3, 3}, Padding: layer.Padding{Same: true}}},
					{Name: "pool1", Inputs: []string{"conv1"}, Op: layer.MaxPool{Size: [2]int{2, 2}}},
					{Name: "mean", Inputs: []string{"pool1"}, Op: layer.Reduce{To: layer.Mean, Axes: []int{0, 1}}},
					{Name: "scores", Inputs: []string{"mean"}, Op: layer.Dense{Units: 2}}}}
			m, err := network.Initialize(dev, net, 1)
			require.NoError(t, err)
			logits := func(scope *model.Scope, levels *Node) *Node { return m.Logits(scope, m.Preprocess(levels)) }
			loop := train.NewLoop(train.NewTrainer(m.Backend, m.Store, logits, loss.SparseCategoricalCrossEntropyLogits,
				optimizer.Adam().LearningRate(0.02).Done(), nil, nil))
			metrics, err := loop.RunSteps(examples(t, m.Backend), 60)
			require.NoError(t, err)
			require.Less(t, tensors.ToScalar[float32](metrics[0]), float32(0.2))

			fresh := []image.Image{plain(color.NRGBA{201, 10, 0, 255}), plain(color.NRGBA{0, 10, 177, 255})}
			for i, said := range m.MustPredict(fresh...).MustTop(1) {
				require.Equal(t, i, said[0].Index)
			}
			path := filepath.Join(t.TempDir(), "new", "colours.onnx")
			require.NoError(t, m.Save(path))
			again, err := network.Open(t.Context(), dev, network.Options{Model: path,
				Report: func(line string) { t.Errorf("the file says all: %s", line) }})
			require.NoError(t, err)
			want, got := m.MustPredict(fresh...), again.MustPredict(fresh...)
			for i := range fresh {
				require.InDeltaSlice(t, want.Logits[i], got.Logits[i], 1e-4)
			}
			require.Equal(t, "blue", got.MustTop(1)[1][0].Name)

			require.NoError(t, again.Save(path), "over the file that it came from")
			third, err := network.Open(t.Context(), dev, network.Options{Model: path})
			require.NoError(t, err)
			require.Equal(t, got.Logits, third.MustPredict(fresh...).Logits)
			for i, l := range again.Layers() {
				require.Equal(t, l.Name, third.Layers()[i].Name)
			}
		})
	}
}

func TestSaveRefuses(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	net := &layer.Network{Input: layer.Input{Channels: 1, Height: 4, Width: 4}, Layers: []layer.Layer{
		{Name: "turned", Inputs: []string{layer.Picture}, Op: layer.Flatten{}}}}
	m, err := network.Initialize(dev, net, 1)
	require.NoError(t, err)
	dir := t.TempDir()
	require.ErrorContains(t, m.Save(filepath.Join(dir, "net.keras")), "a name that ends in .onnx")
	require.ErrorContains(t, m.Save(filepath.Join(dir, "net.onnx")), "writing turned as ONNX")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "nothing half-written")
	require.Panics(t, func() { m.MustSave("net.keras") })
	_, err = network.Initialize(dev, &layer.Network{}, 1)
	require.Error(t, err)
}
