// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/internal/file"
	"convscope/pkg/device"
	"convscope/pkg/layer"
	"convscope/pkg/onnx"
)

// Initialize prepares a network without weights on a device for training: with seeded random weights, see
// [layer.Network.Initialize]. GoMLX's trainer changes them in [Model.Store]:
//
//	scores := func(scope *model.Scope, levels *graph.Node) *graph.Node { return m.Logits(scope, m.Preprocess(levels)) }
//	trainer := train.NewTrainer(m.Backend, m.Store, scores, loss.SparseCategoricalCrossEntropyLogits, adam, nil, nil)
//
// Fingerprints and recipes are of the weights as they began: [Model.Save] the network once it is trained, and [Open]
// that.
func Initialize(dev *device.Device, net *layer.Network, seed uint64) (*Model, error) {
	if err := net.Initialize(seed); err != nil {
		return nil, err
	}
	return New(dev, net, Origin{})
}

// MustInitialize is [Initialize] for notebook cells, on the usual device. Errors panic.
func MustInitialize(net *layer.Network, seed uint64) *Model {
	return must(Initialize(device.MustNew(device.Options{}), net, seed))
}

// Save writes the network with the weights that it has now as an ONNX file, with the folder for it, see [onnx.Write].
// The file appears complete or not at all.
func (m *Model) Save(path string) error {
	if !strings.EqualFold(filepath.Ext(path), ".onnx") {
		return fmt.Errorf("%q: a network is saved as ONNX: give a name that ends in .onnx", path)
	}
	now := *m.net
	now.Layers = make([]layer.Layer, len(m.net.Layers))
	for i, l := range m.net.Layers {
		weights := make(map[string]layer.Weight, len(l.Weights))
		for role, w := range l.Weights {
			weights[role] = layer.Weight{Shape: w.Shape, Read: func() (*tensors.Tensor, error) {
				return m.Store.GetVariable(layer.Variable(l.Name, role)).Value()
			}}
		}
		l.Weights = weights
		now.Layers[i] = l
	}
	if err := file.Folder(filepath.Dir(path)); err != nil {
		return err
	}
	return guard(func() error {
		return file.Write(path, func(w io.Writer) error { return onnx.Write(w, &now) })
	})
}

// MustSave is [Model.Save] for notebook cells: errors panic.
func (m *Model) MustSave(path string) {
	if err := m.Save(path); err != nil {
		panic(err)
	}
}
