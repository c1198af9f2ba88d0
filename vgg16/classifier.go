// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"image"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/head"
	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
)

// featureLayer is the layer that heads are trained on: the last.
const featureLayer = "block5_pool"

// Features are what heads are trained on: the outputs of block5_pool for photos, float32 [n, height/32, width/32,
// 512]. Each photo's middle is scaled to height x width pixels, see [picture.Tensor], and fed as a photograph, see
// [Preprocess].
func (m *Model) Features(photos []image.Image, height, width int) (*tensors.Tensor, error) {
	layer := mustFind(featureLayer)
	if err := layer.CheckSize(height, width); err != nil {
		return nil, err
	}
	if len(photos) == 0 {
		return nil, fmt.Errorf("there are no photos to compute features of: give at least one")
	}
	if err := picture.CheckSize(height, width); err != nil {
		return nil, err
	}
	if err := mustFind(featureLayer).CheckMemory(min(len(photos), atOnce), height, width, m.device.MemoryAvailable()); err != nil {
		return nil, err
	}
	var values []float32
	for _, photo := range photos {
		values = append(values, tensors.MustCopyFlatData[float32](picture.Tensor(photo, height, width))...)
	}
	outputs, err := m.inBatches(tensors.FromFlatDataAndDimensions(values, len(photos), height, width, 3), func(scope *model.Scope, x *Node) []*Node {
		return []*Node{Activation(scope, Preprocess(x), featureLayer)}
	})
	if err != nil {
		return nil, err
	}
	return outputs[0], nil
}

// MustFeatures is [Model.Features] for notebook cells: errors panic.
func (m *Model) MustFeatures(photos []image.Image, height, width int) *tensors.Tensor {
	return must(m.Features(photos, height, width))
}

// Classifier is the model with a head on top, cut at the layer: the target of heatmaps. The layer may be any of
// [Layers]. With a head that was trained on [Model.Features], photos may have any size from 32 pixels on; a nil head
// stands for the model's own top, see [Model.TopTarget]. Photos go in as gray levels.
func (m *Model) Classifier(layer string, h *head.Head) (*heatmap.Target, error) {
	found, err := Find(layer)
	if err != nil {
		return nil, err
	}
	var target *heatmap.Target
	if h == nil {
		target, err = m.TopTarget(layer)
	} else {
		target, err = m.headTarget(found, h)
	}
	if err != nil {
		return nil, err
	}
	target.PictureBytes, target.Memory = found.heatmapBytes, m.device.MemoryAvailable
	return target, nil
}

// MustClassifier is [Model.Classifier] for notebook cells: errors panic.
func (m *Model) MustClassifier(layer string, h *head.Head) *heatmap.Target {
	return must(m.Classifier(layer, h))
}

// headTarget is the model cut at the layer, with the head on its last one.
func (m *Model) headTarget(layer Layer, h *head.Head) (*heatmap.Target, error) {
	last := mustFind(featureLayer)
	filters, err := m.Filters(last)
	if err != nil {
		return nil, err
	}
	if h.Channels != filters {
		return nil, fmt.Errorf("the head was trained on %d channels, but %s has %d: train it on Features of this model", h.Channels, featureLayer, filters)
	}
	return &heatmap.Target{
		Backend: m.Backend, Store: m.Store, Classes: h.Classes,
		Features: func(scope *model.Scope, pictures *Node) *Node {
			return Activation(scope, Preprocess(pictures), layer.Name) // [batch, height/stride, width/stride, filters]
		},
		Logits: func(scope *model.Scope, features *Node) *Node {
			return h.Logits(Onward(scope, features, layer.Name, featureLayer)) // [batch, classes]
		},
		Layer: layer.Name, Stride: layer.Stride, ReceptiveField: layer.ReceptiveField(), Unit: last.Stride, CheckSize: last.CheckSize,
	}, nil
}

// heatmapBytes estimates the memory that a heatmap of the layer takes for one picture. XLA lets go of what lies below
// the layer, and keeps what lies above it for the gradient.
func (l Layer) heatmapBytes(height, width int) int64 {
	const bytesBelow, bytesAbove = 16, 10 // a value: two layers and a copy of each; as pictureBytes
	below := len(l.upTo())
	var most, kept int64
	for i, layer := range table {
		h, w := layer.OutputSize(height, width)
		values := int64(h) * int64(w) * int64(layer.Filters)
		if i < below {
			most = max(most, values*bytesBelow)
		} else {
			kept += values * bytesAbove
		}
	}
	return most + kept
}
