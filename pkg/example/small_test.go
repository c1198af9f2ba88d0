// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

var pure = sync.OnceValues(func() (*device.Device, error) { return device.New(device.Options{Kind: device.Go}) })

// The small network's pictures.
const height, width = 20, 28

// small is a network with random weights, and with padding that moves what positions see: two convolutions with ReLUs,
// one without, features.
func small(t testing.TB) *network.Model {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	drawn := func(shape ...int) layer.Weight {
		n := 1
		for _, dim := range shape {
			n *= dim
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(r.NormFloat64()) / 3
		}
		return layer.Weight{Shape: shape, Read: func() (*tensors.Tensor, error) {
			return tensors.FromFlatDataAndDimensions(values, shape...), nil
		}}
	}
	conv := func(in, filters, stride int) (layer.Conv, map[string]layer.Weight) {
		return layer.Conv{Filters: filters, Kernel: [2]int{3, 3}, Stride: [2]int{stride, stride},
				Padding: layer.Padding{Same: true}},
			map[string]layer.Weight{"kernel": drawn(3, 3, in, filters), "bias": drawn(filters)}
	}
	net := &layer.Network{Name: "small", Input: layer.Input{Channels: 3, Height: height, Width: width,
		Mean: []float64{127.5}, Deviation: []float64{60}}, Output: "mean"}
	add := func(name string, op layer.Op, weights map[string]layer.Weight, activation layer.Activation) {
		below := layer.Picture
		if len(net.Layers) > 0 {
			below = net.Layers[len(net.Layers)-1].Name
		}
		net.Layers = append(net.Layers, layer.Layer{Name: name, Class: "Conv", Inputs: []string{below}, Op: op,
			Weights: weights, Activation: activation})
	}
	op, weights := conv(3, 6, 1)
	add("first", op, weights, layer.ReLU{})
	op, weights = conv(6, 5, 2)
	add("second", op, weights, layer.ReLU{})
	op, weights = conv(5, 4, 1)
	add("linear", op, weights, nil)
	add("mean", layer.Reduce{To: layer.Mean, Axes: []int{0, 1}}, nil, nil)
	dev, err := pure()
	require.NoError(t, err)
	m, err := network.New(dev, net, network.Origin{})
	require.NoError(t, err)
	return m
}

// noise is a photograph of blotches.
func noise(r *rand.Rand, size image.Point) *image.NRGBA {
	img := image.NewNRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			img.SetNRGBA(x, y, color.NRGBA{R: uint8(r.IntN(256)), G: uint8(r.IntN(256)), B: uint8(r.IntN(256)), A: 255})
		}
	}
	return img
}

// photographs fills a folder with some of those sizes.
func photographs(t testing.TB, sizes ...image.Point) (dir string, images []*image.NRGBA) {
	t.Helper()
	dir = t.TempDir()
	r := rand.New(rand.NewPCG(5, uint64(len(sizes))))
	for i, size := range sizes {
		images = append(images, noise(r, size))
		save(t, filepath.Join(dir, fmt.Sprintf("%02d.png", i)), images[i])
	}
	return dir, images
}

func save(t testing.TB, path string, img image.Image) {
	t.Helper()
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, png.Encode(file, img))
	require.NoError(t, file.Close())
}

// quiet keeps progress out of the test's output, and collects the lines of news.
func quiet(t testing.TB) *[]string {
	var lines []string
	newBar, line := progress.New, progress.Line
	progress.New = func(string, int64, progress.Unit) progress.Bar { return noBar{} }
	progress.Line = func(text string) { lines = append(lines, text) }
	t.Cleanup(func() { progress.New, progress.Line = newBar, line })
	return &lines
}

type noBar struct{}

func (noBar) Set(int64) {}
func (noBar) Done()     {}

func opened(t testing.TB, dir string) *album.Album {
	t.Helper()
	photos, err := album.Open(dir)
	require.NoError(t, err)
	return photos
}

// own are that many sizes that the network takes as they are: what it sees is the photograph.
func own(count int) []image.Point { return slices.Repeat([]image.Point{{X: width, Y: height}}, count) }
