// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "math"

// Silent says whether values of the layer can be dead: one and the same for a range of inputs, without a gradient.
// That is so where it has an activation that is [Activation.Silent], or does no more than arrange values of layers
// that have, or take their maximum. The error is an [*UnknownLayerError].
func (n *Network) Silent(layer string) (bool, error) {
	at, err := n.find(layer)
	if err != nil {
		return false, err
	}
	return n.silent()[at], nil
}

// silent says of each layer whether its values can be dead.
func (n *Network) silent() []bool {
	silent := make([]bool, len(n.Layers))
	passing := n.passing()
	for i := range n.Layers {
		activation := n.Layers[i].activation()
		silent[i] = passing[i] || activation != nil && activation.Silent()
	}
	return silent
}

// activation is the layer's activation, or that which is the layer.
func (l *Layer) activation() Activation {
	if op, is := l.Op.(Activate); is && l.Activation == nil {
		return op.Activation
	}
	return l.Activation
}

// passing says which layers arrange values, or take their maximum, of layers that can be silent: what they make of
// values before the activations is what they make of those after it, before the same activation.
func (n *Network) passing() []bool {
	places := n.places()
	passing := make([]bool, len(n.Layers))
	for i := range n.Layers {
		layer := &n.Layers[i]
		passing[i] = layer.Activation == nil && len(layer.Inputs) > 0 && arranges(layer.Op)
		for _, name := range layer.Inputs {
			at, known := places[name]
			if !passing[i] || !known || at >= i {
				passing[i] = false
				break
			}
			passing[i] = passing[at] || rectifies(n.Layers[at].activation())
		}
	}
	return passing
}

// arranges says whether an Op gives no other values than its inputs', and the larger one where it chooses.
func arranges(op Op) bool {
	switch op := op.(type) {
	case Identity, MaxPool, Concat, Slice, Flatten, Reshape, Permute, Squeeze, Expand:
		return true
	case Reduce:
		return op.To == Maximal
	case Pad:
		return op.Mode != Constant || op.Value == 0
	}
	return false
}

// rectifies says whether an activation is 0 below 0 and never falls.
func rectifies(a Activation) bool {
	switch a := a.(type) {
	case ReLU:
		return a.NegativeSlope == 0
	case Clip:
		return a.Min == 0 && !math.IsNaN(a.Max)
	}
	return false
}
