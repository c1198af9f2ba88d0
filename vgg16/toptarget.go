// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/heatmap"
)

// TopTarget is the model with its own top, cut at the layer: the target of heatmaps. The layer may be any of [Layers];
// photos go in as gray levels, 224 x 224 pixels. Errors are [ErrNoTop], an [*UnknownLayerError] and those of
// [Model.Classes].
func (m *Model) TopTarget(layer string) (*heatmap.Target, error) {
	found, err := Find(layer)
	if err != nil {
		return nil, err
	}
	classes, err := m.Classes()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(classes))
	for i, class := range classes {
		names[i] = class.Name
	}
	last := table[len(table)-1]
	return &heatmap.Target{
		Backend: m.Backend, Store: m.Store, Classes: names,
		Find: func(text string) (int, error) {
			class, err := classes.Find(text)
			return class.Index, err
		},
		Features: func(scope *model.Scope, pictures *Node) *Node {
			return Activation(scope, Preprocess(pictures), layer) // [batch, height/stride, width/stride, filters]
		},
		Logits: func(scope *model.Scope, features *Node) *Node {
			return TopLogits(scope, Onward(scope, features, layer, last.Name)) // [batch, classes]
		},
		Layer: layer, Stride: found.Stride, ReceptiveField: found.ReceptiveField(),
		Height: TopSize, Width: TopSize, Unit: last.Stride,
		CheckSize: func(height, width int) error {
			if height != TopSize || width != TopSize {
				return fmt.Errorf("the top takes pictures of %dx%d pixels, not %dx%d", TopSize, TopSize, height, width)
			}
			return nil
		},
	}, nil
}

// MustTopTarget is [Model.TopTarget] for notebook cells: errors panic.
func (m *Model) MustTopTarget(layer string) *heatmap.Target { return must(m.TopTarget(layer)) }
