// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/album"
	"convscope/pkg/device"
	"convscope/pkg/example"
	"convscope/pkg/layer"
	"convscope/pkg/network"
)

// A network with a single filter, which answers to red; a folder with one photograph, with a red spot.
func Example() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	photo := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	photo.Set(9, 4, color.NRGBA{R: 255, A: 255})
	file, _ := os.Create(filepath.Join(dir, "spot.png"))
	_ = png.Encode(file, photo)
	_ = file.Close()

	kernel := layer.Weight{Shape: []int{1, 1, 3, 1}, Read: func() (*tensors.Tensor, error) {
		return tensors.FromFlatDataAndDimensions([]float32{1, -1, -1}, 1, 1, 3, 1), nil
	}}
	net := &layer.Network{Name: "red", Input: layer.Input{Channels: 3, Height: 16, Width: 16}, Output: "red",
		Layers: []layer.Layer{{
			Name: "red", Inputs: []string{layer.Picture}, Op: layer.Conv{Filters: 1, Kernel: [2]int{1, 1}, NoBias: true},
			Activation: layer.ReLU{}, Weights: map[string]layer.Weight{"kernel": kernel},
		}}}
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	model, err := network.New(dev, net, network.Origin{})
	if err != nil {
		fmt.Println(err)
		return
	}
	photos, err := album.Open(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	results, err := model.ExamplesOf(context.Background(), photos, []string{"red"}, example.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	red := results[0].Filters[0]
	fmt.Println(red.Examples[0].Photo, red.Examples[0].Place, red.Examples[0].Activation, red.Fires)
	// Output:
	// spot.png (9,4)-(10,5) 255 1
}
