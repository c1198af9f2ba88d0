// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"convscope/pkg/ascent"
)

// form builds a layer in a form. What it panics with names the layer.
func (w *walker) form(i int, f form) *Node {
	layer := &w.network.Layers[i]
	defer func() {
		if broken := recover(); broken != nil {
			if err, is := broken.(error); is {
				panic(fmt.Errorf("%s: %w", layer.Name, err))
			}
			panic(fmt.Errorf("%s: %v", layer.Name, broken))
		}
	}()
	way := w.way(i, f)
	switch way.kind {
	case same:
		return w.built[way.from][i]
	case selects:
		return selected(w.built[way.from][i], w.how.Chosen)
	}
	y := w.compute(i, way)
	if way.activated && layer.Activation != nil {
		return w.activated(layer.Activation, y)
	}
	return y
}

// compute builds what comes before a layer's activation. Of all channels it does so once.
func (w *walker) compute(i int, way way) *Node {
	once := way.kind == computes && way.from == whole
	if once && w.raw[i] != nil {
		return w.raw[i]
	}
	if convolution, is := w.within[i]; is && once {
		w.raw[i] = w.folded(i, convolution)
		return w.raw[i]
	}
	layer, inputs := &w.network.Layers[i], w.inputs(i, way.from)
	weight := func(role string) *Node { return w.weight(layer.Name, role) }
	var y *Node
	switch op, activates := layer.Op.(Activate); {
	case way.kind == forwards:
		return inputs[0]
	case activates:
		y = w.activated(op.Activation, inputs[0])
	case way.kind == filters:
		return layer.Op.(Filtering).BuildChosen(weight, w.how.Chosen, inputs...)
	case way.kind == alike:
		channels := w.shapes[i][len(w.shapes[i])-1]
		return layer.Op.Build(func(role string) *Node {
			return ofChosen(weight(role), w.how.Chosen, channels, inputs[0].Rank())
		}, inputs...)
	default:
		y = layer.Op.Build(weight, inputs...)
	}
	if once {
		w.raw[i] = y
	}
	return y
}

// inputs are what a layer takes, in a form.
func (w *walker) inputs(i int, from form) []*Node {
	inputs := make([]*Node, len(w.network.Layers[i].Inputs))
	for k, name := range w.network.Layers[i].Inputs {
		switch {
		case name != Picture:
			inputs[k] = w.built[from][w.places[name]]
		case from == chosen:
			inputs[k] = selected(w.input, w.how.Chosen)
		default:
			inputs[k] = w.input
		}
	}
	return inputs
}

// weight returns one of a layer's weights from the store.
func (w *walker) weight(layer, role string) *Node {
	path := model.JoinPath(w.scope.Scope(), Variable(layer, role))
	v := w.scope.Store().GetVariable(path)
	if v == nil {
		exceptions.Panicf("the store has no weights %s", path)
	}
	return v.NodeValue(w.input.Graph())
}

// activated applies an activation, whose gradient may be a redirected one.
func (w *walker) activated(a Activation, x *Node) *Node {
	if w.how.Redirected {
		switch a := a.(type) {
		case ReLU:
			if a.NegativeSlope == 0 && a.Threshold == 0 {
				return a.bounded(ascent.RedirectedReLU(x))
			}
		case Clip:
			if a.Min == 0 {
				return Clip{math.Inf(-1), a.Max}.Apply(ascent.RedirectedReLU(x))
			}
		}
	}
	return a.Apply(x)
}
