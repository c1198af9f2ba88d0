// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"errors"
	"fmt"
	"image"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
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

// CheckObjective returns the error that [Model.Objective] and [ascent.Run] would return for the whole VGG16 because
// of the objective's layers and filters, or because the pictures are too small for them. Pictures of no height, such
// as those of a start that is still to be read, are not looked at.
func CheckObjective(o ascent.Objective, method ascent.Method, height, width int) error {
	return checkObjective(o, method, height, width, func(layer Layer) (int, error) { return layer.Filters, nil })
}

// checkObjective is CheckObjective for layers that have so many filters.
func checkObjective(o ascent.Objective, method ascent.Method, height, width int, filters func(Layer) (int, error)) error {
	deepest, err := deepestOf(o, filters)
	if err != nil || height == 0 {
		return err
	}
	for _, seen := range method.Views(1, height, width) {
		if err := deepest.CheckSize(seen[1], seen[2]); err != nil {
			return err
		}
	}
	return checkPlaces(o, method, height, width)
}

// checkPlaces returns an error when a neuron lies outside what the model sees.
func checkPlaces(o ascent.Objective, method ascent.Method, height, width int) error {
	for _, seen := range method.Views(1, height, width) {
		err := o.CheckPlaces(method.Border, func(name string) (rows, columns int) {
			return mustFind(name).OutputSize(seen[1], seen[2])
		})
		if err != nil {
			return fmt.Errorf("%w: the model sees %dx%d pixels", err, seen[1], seen[2])
		}
	}
	return nil
}

// deepest checks an objective, and returns that of its layers which takes most work.
func (m *Model) deepest(o ascent.Objective) (deepest Layer, err error) {
	return deepestOf(o, m.Filters)
}

// deepestOf is deepest for layers that have so many filters.
func deepestOf(o ascent.Objective, filters func(Layer) (int, error)) (deepest Layer, err error) {
	err = o.Check(func(name string) (int, error) {
		layer, err := Find(name)
		if err != nil {
			return 0, err
		}
		if len(layer.upTo()) > len(deepest.upTo()) {
			deepest = layer
		}
		return filters(layer)
	})
	return deepest, err
}

// newObjective prepares an objective's ascent.
func (m *Model) newObjective(o ascent.Objective, pictures int) (*climb, error) {
	climb := &climb{model: m, convolution: m.device.Convolution()}
	if err := climb.describe(o); err != nil {
		return nil, err
	}
	layers := ascent.Layers{Outputs: outputs, Photo: m.photo}
	climb.climber = ascent.NewClimberOf(m.Backend, m.Store, ascent.Source{Loss: o.Loss(layers, pictures), Preprocess: Preprocess, Loops: m.device.Loops()})
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

// objectiveTarget is what the climb leads to; deepest is the layer that takes most work.
func (m *Model) objectiveTarget(o ascent.Objective, pictures int, climb *climb, deepest Layer) ascent.Target {
	numbers := make([]int, pictures)
	for i := range numbers {
		numbers[i] = i
	}
	target := m.target(deepest, numbers, climb)
	target.Layer, target.Objective, target.Together = o.String(), true, o.Together()
	target.Bound, target.Responses = nil, nil
	held := target.CheckOptions
	target.CheckOptions = func(options ascent.Options) error {
		if err := checkPlaces(o, options.Method, options.Height, options.Width); err != nil {
			return err
		}
		return held(options)
	}
	return target
}

// MustObjective is [Model.Objective] for notebook cells: errors panic.
func (m *Model) MustObjective(o ascent.Objective, pictures int) ascent.Target {
	target, err := m.Objective(o, pictures)
	if err != nil {
		panic(err)
	}
	return target
}

// outputs are the layers' outputs before their ReLU; that of a pool is the maximum of the convolution's below.
func outputs(scope *model.Scope, x *Node, redirect bool, names []string) []*Node {
	found := make(map[string]*Node)
	missing := make(map[string]bool)
	for _, name := range names {
		mustBePictures(x, mustFind(name))
		missing[name] = true
	}
	for _, layer := range table {
		before := x // of a pool: before the ReLU of the convolution below
		if layer.Kind == Pool {
			before = found["below"]
			x = maxPool(x) // [batch, height/2, width/2, filters]
			found[layer.Name] = maxPool(before)
		} else {
			before = layer.convolve(scope, x) // [batch, height, width, filters]
			found["below"], found[layer.Name] = before, before
			if redirect {
				x = ascent.RedirectedReLU(before)
			} else {
				x = relu(before)
			}
		}
		delete(missing, layer.Name)
		if len(missing) == 0 {
			break
		}
	}
	all := make([]*Node, len(names))
	for i, name := range names {
		all[i] = found[name]
	}
	return all
}

// photo is a layer's output for a photo. It is called while a graph is being built, so it panics, as graph functions
// do.
func (m *Model) photo(photo image.Image, height, width int, layer string) *tensors.Tensor {
	output, err := model.CallOnce(m.Backend, m.Store, func(scope *model.Scope, x *Node) *Node {
		return Activation(scope, Preprocess(x), layer)
	}, picture.Tensor(photo, height, width))
	if err != nil {
		panic(fmt.Errorf("the photo's %s: %w", layer, err))
	}
	return output
}
