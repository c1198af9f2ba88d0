// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/layer"
)

// newStore returns a GoMLX store whose variables come from the layers' weights one by one, when a graph first asks for
// them: a layer near the picture costs nothing of the deeper ones.
func newStore(net *layer.Network) *model.Store {
	l := loader{}
	for _, row := range net.Layers {
		for role, w := range row.Weights {
			l[layer.Variable(row.Name, role)] = w
		}
	}
	store := model.NewStore()
	store.SetLoader(l)
	return store
}

// loader implements [model.Loader] over the weights, by their variables' paths.
type loader map[string]layer.Weight

// LoadVariable reads one tensor. It is called while a graph is being built, so it panics, as graph functions do.
func (l loader) LoadVariable(_ *model.Store, fullPath string) (*tensors.Tensor, bool) {
	w, known := l[fullPath]
	if !known {
		return nil, false
	}
	value, err := w.Read()
	if err != nil {
		panic(fmt.Errorf("reading the weights %s: %w", fullPath, err))
	}
	return value, true
}

// DeleteVariable does nothing: the weights are read-only.
func (loader) DeleteVariable(*model.Store, string) error { return nil }
