// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
	"convscope/pkg/sample"
	"convscope/vgg16"
)

// TestPhotosLikeKeras compares the activations of all layers on three photographs with Keras': mean, deviation and
// largest, and single values relative to themselves or a hundredth of the largest.
func TestPhotosLikeKeras(t *testing.T) {
	net := real(t)
	text, err := os.ReadFile("testdata/photos.json")
	require.NoError(t, err)
	var want struct {
		Photos []struct {
			Name   string
			Sum    float64
			Layers []struct {
				Name           string
				Shape          []int
				Mean, Std, Max float64
				Stride         int
				Values         []float64
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &want))
	require.Len(t, want.Photos, 3)
	for _, photo := range want.Photos {
		t.Run(photo.Name, func(t *testing.T) {
			img, err := sample.Open(context.Background(), photo.Name)
			require.NoError(t, err)
			pixels, sum := picture.Tensor(img, 224, 224), 0.0
			for _, v := range tensors.MustCopyFlatData[float32](pixels) {
				sum += float64(v)
			}
			require.Equal(t, photo.Sum, sum, "the same pixels")
			var names []string
			for _, layer := range photo.Layers {
				names = append(names, layer.Name)
			}
			require.Len(t, names, len(vgg16.Layers()))
			outputs, err := net.PhotoActivations(pixels, names...)
			require.NoError(t, err)
			for i, layer := range photo.Layers {
				tolerance := 1e-4
				if strings.HasPrefix(layer.Name, "block5") {
					tolerance = 1e-3
				}
				require.Equal(t, layer.Shape, outputs[i].Shape().Dimensions)
				flat := tensors.MustCopyFlatData[float32](outputs[i])
				mean, std := moments(flat)
				require.InEpsilon(t, layer.Mean, mean, tolerance, layer.Name)
				require.InEpsilon(t, layer.Std, std, tolerance, layer.Name)
				require.InEpsilon(t, layer.Max, float64(slices.Max(flat)), tolerance, layer.Name)
				require.GreaterOrEqual(t, len(layer.Values), 24)
				for k, value := range layer.Values {
					require.InDelta(t, value, flat[k*layer.Stride], tolerance*max(value, layer.Max/100),
						"%s, value %d", layer.Name, k)
				}
			}
		})
	}
}
