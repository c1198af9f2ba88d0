// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Check returns the first error of the table: names that are empty or twice, inputs that are unknown or not earlier,
// shapes that don't fit one another, weights that are missing or of another shape. It names the layer. Layers that are
// [Unsupported] are none, nor are those that need them.
func (n *Network) Check() error {
	if err := n.Input.check(); err != nil {
		return err
	}
	if len(n.Layers) == 0 {
		return fmt.Errorf("%s has no layers", n.called())
	}
	before := make(map[string]bool, len(n.Layers))
	for i := range n.Layers {
		layer := &n.Layers[i]
		switch {
		case layer.Name == "":
			return fmt.Errorf("layer %d of %s has no name", i+1, n.called())
		case before[layer.Name]:
			return fmt.Errorf("%s has two layers called %q", n.called(), layer.Name)
		case layer.Op == nil:
			return fmt.Errorf("%s computes nothing", layer.Name)
		}
		for _, input := range layer.Inputs {
			if input != Picture && !before[input] {
				return fmt.Errorf("%s takes %q, which is no layer before it", layer.Name, input)
			}
		}
		if err := checkActivation(layer); err != nil {
			return fmt.Errorf("%s: %w", layer.Name, err)
		}
		before[layer.Name] = true
	}
	for _, name := range []string{n.Output, n.Logits} {
		if name == "" {
			continue
		}
		if _, err := n.find(name); err != nil {
			return err
		}
	}
	return n.checkShapes()
}

// called is the network's name for an error.
func (n *Network) called() string {
	if n.Name == "" {
		return "the network"
	}
	return n.Name
}

// checkShapes checks all shapes, and the weights'.
func (n *Network) checkShapes() error {
	height, width := n.Size()
	shapes, errs := n.shapes(height, width, nil)
	places := n.places()
	for i := range n.Layers {
		layer := &n.Layers[i]
		if n.unsupported(i, errs) {
			continue
		}
		if errs[i] != nil {
			return errs[i]
		}
		if err := layer.checkWeights(n.inputShapes(i, []int{height, width, n.Input.Channels},
			places, shapes)); err != nil {
			return err
		}
	}
	if n.Logits != "" && n.Classes != nil {
		at, err := n.find(n.Logits)
		if err != nil {
			return err
		}
		if shape := shapes[at]; shape != nil && !Nameable(shape[len(shape)-1], len(n.Classes)) {
			return fmt.Errorf("%s gives %d scores, but there are names for %d classes",
				n.Logits, shape[len(shape)-1], len(n.Classes))
		}
	}
	return nil
}

// Nameable says whether so many names can be those of so many scores: one that says yes or no has two.
func Nameable(scores, names int) bool { return scores == names || scores == 1 && names == 2 }

// inputShapes are the shapes of what a layer takes.
func (n *Network) inputShapes(i int, picture []int, places map[string]int, shapes [][]int) [][]int {
	inputs := make([][]int, len(n.Layers[i].Inputs))
	for k, name := range n.Layers[i].Inputs {
		inputs[k] = picture
		if name != Picture {
			inputs[k] = shapes[places[name]]
		}
	}
	return inputs
}

// checkWeights checks that the layer has the weights that its Op takes, and no others.
func (l *Layer) checkWeights(inputs [][]int) error {
	want := l.Op.Weights(inputs...)
	for _, role := range slices.Sorted(maps.Keys(want)) {
		if weight, has := l.Weights[role]; !has || weight.Read == nil {
			return fmt.Errorf("%s has no weight %q, which should be %v", l.Name, role, want[role])
		}
	}
	for role := range l.Weights {
		if _, takes := want[role]; !takes {
			return fmt.Errorf("%s doesn't take a weight %q", l.Name, role)
		}
	}
	return l.fitWeights(inputs)
}

// fitWeights checks that weights which the layer has are what its Op takes for these inputs: a matrix behind a picture
// is for one size alone.
func (l *Layer) fitWeights(inputs [][]int) error {
	if len(l.Weights) == 0 {
		return nil
	}
	want := l.Op.Weights(inputs...)
	for _, role := range slices.Sorted(maps.Keys(want)) {
		if weight, has := l.Weights[role]; has && !slices.Equal(weight.Shape, want[role]) {
			return &misfit{l.Name, role, weight.Shape, want[role]}
		}
	}
	return nil
}

// misfit is the error of a weight that another size of picture would fit, or none.
type misfit struct {
	layer, role string
	has, want   []int
}

func (m *misfit) Error() string {
	return fmt.Sprintf("%s has a weight %q of %v, it should be %v", m.layer, m.role, m.has, m.want)
}

// checkActivation checks a layer's activation, and that of an [Activate].
func checkActivation(l *Layer) error {
	activations := []Activation{l.Activation}
	if op, is := l.Op.(Activate); is {
		activations = append(activations, op.Activation)
	}
	for _, a := range activations {
		switch a := a.(type) {
		case Function:
			if !slices.Contains(functions, a) {
				return fmt.Errorf("there is no activation %q", string(a))
			}
		case CELU:
			if a.Alpha == 0 || math.IsNaN(a.Alpha) {
				return fmt.Errorf("a celu with an alpha of %v", a.Alpha)
			}
		}
	}
	return nil
}
