// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap_test

import (
	"context"
	"fmt"
	"image"
	"image/color"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/device"
	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
)

// A model of one's own: its layer is the picture itself, and its classes are red, green and blue.
func Example() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	defer dev.Close()
	target := &heatmap.Target{
		Backend: dev.Backend, Store: model.NewStore(), Layer: "input", Classes: []string{"red", "green", "blue"},
		Stride: 1, ReceptiveField: 1,
		Graph: func(_ *model.Scope, pictures *graph.Node) (features, logits *graph.Node) {
			features = graph.DivScalar(pictures, 255)
			return features, graph.ReduceMean(features, 1, 2)
		},
	}
	photo := image.NewNRGBA(image.Rect(0, 0, 8, 6))
	for p := 3; p < len(photo.Pix); p += 4 {
		photo.Pix[p] = 255
	}
	photo.Set(5, 2, color.NRGBA{R: 255, A: 255})

	found, err := heatmap.Explain(context.Background(), target, photo, heatmap.Options{Height: 6, Width: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(found.Name, "at", found.PeakPixel())
	fmt.Println(found.Overlay(picture.Jet, 0).Bounds())
	// Output:
	// red at (5,2)
	// (0,0)-(8,6)
}

func ExampleMethods() {
	for _, named := range heatmap.Methods() {
		fmt.Println(named.Method)
	}
	_, err := heatmap.ParseMethod("layer-cam")
	fmt.Println(err)
	// Output:
	// gradcam
	// hirescam
	// layercam
	// gradcam++
	// there is no heatmap method "layer-cam": did you mean layercam? (all: gradcam, hirescam, layercam, gradcam++)
}
