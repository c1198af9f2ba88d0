// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Walk says how a network is built.
type Walk struct {
	// Redirected replaces ReLUs' gradients with ones that pass silent ones, see [ascent.RedirectedReLU].
	Redirected bool
	// Before asks for the named layers' values before their activations; of a maximum pool, and of layers that arrange
	// values, for what they make of such values. Of layers without an activation they are the outputs.
	Before bool
	// Chosen, [batch] int32, asks for one channel a picture of the last of the named layers, which then is
	// [batch, height, width, 1], or [batch, 1] of features. Nil asks for all.
	Chosen *Node
}

// Outputs builds the network from its input, [batch, height, width, channels], as far as the named layers need, and
// returns their outputs, in the order of the names. No layer is built twice. It panics, as graph functions do, with an
// [*UnknownLayerError] for a name.
func (n *Network) Outputs(scope *model.Scope, input *Node, how Walk, names ...string) []*Node {
	if input.Rank() != 4 || input.Shape().Dim(-1) != n.Input.Channels {
		exceptions.Panicf("%s takes pictures of shape [batch, height, width, %d], not %s",
			n.called(), n.Input.Channels, input.Shape())
	}
	asked := make([]int, len(names))
	for k, name := range names {
		at, err := n.find(name)
		if err == nil {
			err = n.CheckSize(name, input.Shape().Dim(1), input.Shape().Dim(2))
		}
		if err != nil {
			panic(err)
		}
		asked[k] = at
	}
	w := n.newWalker(scope, input, how)
	forms := make([]form, len(names))
	for k, at := range asked {
		if how.Before {
			forms[k] = before
		}
		if how.Chosen != nil && k == len(names)-1 {
			forms[k] += chosen
		}
		w.wanted[forms[k]][at] = true
	}
	w.plan()
	w.build()
	outputs := make([]*Node, len(names))
	for k, at := range asked {
		outputs[k] = w.built[forms[k]][at]
	}
	return outputs
}

// form is what is wanted of a layer.
type form int

// The forms; chosen is added to the others.
const (
	whole form = iota
	before
	chosen
	chosenBefore
	forms
)

// walker builds layers in the forms that are wanted.
type walker struct {
	network *Network
	scope   *model.Scope
	input   *Node
	how     Walk
	places  map[string]int
	shapes  [][]int
	passing []bool
	wanted  [forms][]bool
	built   [forms][]*Node
	raw     []*Node     // the layers' values before their activations
	users   []int       // how many layers take each
	within  map[int]int // the convolution that a batch normalization is built with
}

func (n *Network) newWalker(scope *model.Scope, input *Node, how Walk) *walker {
	w := &walker{network: n, scope: scope, input: input, how: how, places: n.places(), passing: n.passing(),
		shapes: n.Shapes(input.Shape().Dim(1), input.Shape().Dim(2)), raw: make([]*Node, len(n.Layers)),
		users: make([]int, len(n.Layers)), within: make(map[int]int)}
	for i := range n.Layers {
		for _, name := range n.Layers[i].Inputs {
			if at, known := w.places[name]; known {
				w.users[at]++
			}
		}
	}
	for f := range forms {
		w.wanted[f], w.built[f] = make([]bool, len(n.Layers)), make([]*Node, len(n.Layers))
	}
	return w
}
