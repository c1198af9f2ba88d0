// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import "convscope/pkg/layer"

// logits finds the layer that gives the classes' scores before a softmax or sigmoid, from the output back; "" if the
// network doesn't end in one score a class.
func logits(net *layer.Network, output value) string {
	if output.fault != "" || len(trimAll(output.shape)) > 1 {
		return ""
	}
	rows := map[string]layer.Layer{}
	for _, l := range net.Layers {
		rows[l.Name] = l
	}
	scored := false
	for l, ok := rows[net.Output]; ok; l, ok = rows[l.Inputs[0]] {
		chances := l.Activation == layer.Softmax || l.Activation == layer.Sigmoid
		if l.Activation != nil && !chances || len(l.Inputs) != 1 {
			break
		}
		switch l.Op.(type) {
		case layer.Identity, layer.Flatten, layer.Reshape, layer.Squeeze:
			scored = scored || chances
			continue
		case layer.Dense, layer.Conv:
			return l.Name
		}
		if scored || chances { // the mean of a last convolution's maps
			return l.Name
		}
		break
	}
	return ""
}
