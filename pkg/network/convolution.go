// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"slices"

	"convscope/pkg/layer"
)

// Convolutions are the names of the layers that have kernels and places, in order. Where an activation follows as a
// layer of its own, perhaps behind a normalization, and nothing else looks at what lies between, it stands for the
// convolution: that is what the network makes of it.
func (t *Table) Convolutions() (names []string) {
	for _, l := range t.all() {
		if l.Kernels && l.Stride > 0 {
			names = append(names, t.activated(l.index))
		}
	}
	return names
}

// activated is the layer with the activation of another's output, which may be that layer itself.
func (t *Table) activated(index int) string {
	own := t.net.Layers[index]
	for at := own; at.Activation == nil; {
		next, is := t.onlyAfter(at.Name)
		if !is {
			return own.Name
		}
		switch next.Op.(type) {
		case layer.Activate:
			return next.Name
		case layer.BatchNorm:
			at = next
		default:
			return own.Name
		}
		if at.Activation != nil {
			return at.Name
		}
	}
	return own.Name
}

// onlyAfter is the layer that takes a layer's output, if it is the only one, and takes nothing else.
func (t *Table) onlyAfter(name string) (only layer.Layer, is bool) {
	for _, l := range t.net.Layers {
		if slices.Contains(l.Inputs, name) {
			if is || len(l.Inputs) > 1 {
				return layer.Layer{}, false
			}
			only, is = l, true
		}
	}
	return only, is
}
