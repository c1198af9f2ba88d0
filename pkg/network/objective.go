// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"errors"
	"fmt"
	"image"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/ascent"
	"convscope/pkg/layer"
	"convscope/pkg/recipe"
)

// Objective is the target of [ascent.Run] for any objective, for that many pictures, at least 1. They differ by their
// noise; filters in the result count them from 0.
func (m *Model) Objective(o ascent.Objective, pictures int) (ascent.Target, error) {
	if pictures < 1 {
		return ascent.Target{}, fmt.Errorf("%d pictures: make at least 1", pictures)
	}
	deepest, err := m.deepest(o)
	if err != nil {
		return ascent.Target{}, err
	}
	climb, err := m.newObjective(o, pictures)
	if err != nil {
		return ascent.Target{}, err
	}
	return m.objectiveTarget(o, pictures, climb, deepest), nil
}

// MustObjective is [Model.Objective] for notebook cells: errors panic.
func (m *Model) MustObjective(o ascent.Objective, pictures int) ascent.Target {
	return must(m.Objective(o, pictures))
}

// CheckObjective returns the error that [Model.Objective] and [ascent.Run] would return because of the objective's
// layers and filters, or because the pictures are too small for them. Pictures of no height, such as those of a start
// that is still to be read, are not looked at.
func (t *Table) CheckObjective(o ascent.Objective, method ascent.Method, height, width int) error {
	_, err := t.deepest(o)
	if err != nil || height == 0 {
		return err
	}
	takes := func(height, width int) error { return t.checkSizes(o, height, width) }
	if err := method.CheckSize(height, width, takes); err != nil {
		return err
	}
	return t.checkPlaces(o, method, height, width)
}

// checkSizes returns an error when one of the objective's layers can't take pictures of that size.
func (t *Table) checkSizes(o ascent.Objective, height, width int) error {
	for _, name := range o.Layers() {
		found, err := t.Find(name)
		if err == nil {
			err = found.CheckSize(height, width)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkPlaces returns an error when a neuron lies outside what the model sees.
func (t *Table) checkPlaces(o ascent.Objective, method ascent.Method, height, width int) error {
	for _, seen := range method.Views(1, height, width) {
		err := o.CheckPlaces(method.Border, func(name string) (rows, columns int) {
			found, err := t.Find(name)
			if err != nil {
				return 0, 0
			}
			return found.OutputSize(seen[1], seen[2])
		})
		if err != nil {
			return fmt.Errorf("%w: the model sees %dx%d pixels", err, seen[1], seen[2])
		}
	}
	return nil
}

// deepest checks an objective, and returns the last of its layers.
func (t *Table) deepest(o ascent.Objective) (deepest Layer, err error) {
	err = o.Check(func(name string) (int, error) {
		found, err := t.Find(name)
		if err != nil {
			return 0, err
		}
		if deepest.table == nil || found.index > deepest.index {
			deepest = found
		}
		return found.Filters, nil
	})
	return deepest, err
}

// newObjective prepares an objective's ascent.
func (m *Model) newObjective(o ascent.Objective, pictures int) (*climb, error) {
	climb := &climb{model: m, convolution: m.device.Convolution()}
	if err := climb.describe(o); err != nil {
		return nil, err
	}
	layers := ascent.Layers{Outputs: m.beforeActivations, Activate: m.activate, Photo: m.photo}
	climb.climber = ascent.NewClimberOf(m.Backend, m.Store, m.source(o.Loss(layers, pictures)))
	return climb, nil
}

// describe notes what a recipe says of the objective: its vectors and photos by what is in them.
func (c *climb) describe(o ascent.Objective) (err error) {
	var r recipe.Recipe // collects the files
	c.layer = o.Portable(func(a ascent.Attachment) string {
		file := recipe.NewVector(a.Vector)
		if a.Photo != nil {
			var broken error
			file, broken = recipe.NewPhoto(a.Photo)
			err = errors.Join(err, broken)
		}
		r.Add(file)
		return file.Name()
	})
	c.files = r.Files
	return err
}

// objectiveTarget is what the climb leads to; deepest is the last of its layers.
func (m *Model) objectiveTarget(o ascent.Objective, pictures int, climb *climb, deepest Layer) ascent.Target {
	numbers := make([]int, pictures)
	for i := range numbers {
		numbers[i] = i
	}
	target := m.target(deepest, numbers, climb)
	target.Layer, target.Objective, target.Together = o.String(), true, o.Together()
	target.Bound, target.Responses = nil, nil
	target.CheckSize = func(height, width int) error { return m.checkSizes(o, height, width) }
	held := target.CheckOptions
	target.CheckOptions = func(options ascent.Options) error {
		if err := m.checkPlaces(o, options.Method, options.Height, options.Width); err != nil {
			return err
		}
		return held(options)
	}
	return target
}

// beforeActivations are the layers' outputs before their activations; that of a maximum pool is the maximum of those
// of the layer below.
func (t *Table) beforeActivations(scope *model.Scope, x *Node, redirect bool, names []string) []*Node {
	outputs := t.outputs(scope, x, layer.Walk{Redirected: redirect, Before: true}, names)
	for i := range outputs {
		outputs[i] = asMap(outputs[i]) // [batch, h, w, filters]
	}
	return outputs
}

// activate makes a layer's output of what beforeActivations gives. What competes in a softmax stays as it is.
func (t *Table) activate(name string) (activation func(x *Node) *Node, silent bool) {
	found := must(t.Find(name))
	if activationOf(t.net.Layers[found.index]) == nil && !found.Silent || t.isSoftmax(found) {
		return func(x *Node) *Node { return x }, false
	}
	return t.activation(found).Apply, found.Silent
}

// photo is a layer's output for a photo. It is called while a graph is being built, so it panics, as graph functions
// do.
func (m *Model) photo(photo image.Image, height, width int, name string) *tensors.Tensor {
	output, err := model.CallOnce(m.Backend, m.Store, func(scope *model.Scope, x *Node) *Node {
		return asMap(m.Outputs(scope, m.Preprocess(x), name)[0])
	}, m.PhotoTensor(photo, height, width))
	if err != nil {
		panic(fmt.Errorf("the photo's %s: %w", name, err))
	}
	return output
}
