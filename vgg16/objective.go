// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"image"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

// Objective is the target of [ascent.Run] for any objective, for that many pictures, at least 1. They differ by their noise; filters in the
// result count them from 0.
func (m *Model) Objective(o ascent.Objective, pictures int) (ascent.Target, error) {
	if pictures < 1 {
		return ascent.Target{}, fmt.Errorf("%d pictures: make at least 1", pictures)
	}
	deepest, err := m.deepest(o)
	if err != nil {
		return ascent.Target{}, err
	}
	climb := m.newObjective(o, pictures, m.choose)
	m.mu.Lock()
	m.climbs[o.String()] = climb
	m.mu.Unlock()
	return m.objectiveTarget(o, pictures, climb, deepest), nil
}

// deepest checks an objective, and returns that of its layers which takes most work.
func (m *Model) deepest(o ascent.Objective) (deepest Layer, err error) {
	err = o.Check(func(name string) (int, error) {
		layer, err := Find(name)
		if err != nil {
			return 0, err
		}
		if len(layer.upTo()) > len(deepest.upTo()) {
			deepest = layer
		}
		return m.Filters(layer)
	})
	return deepest, err
}

// newObjective prepares an objective's ascent with the convolutions computed the chosen way.
func (m *Model) newObjective(o ascent.Objective, pictures int, choose chooser) *climb {
	climb := &climb{ways: make(map[[3]int]map[string]string)}
	layers := ascent.Layers{
		Outputs: func(scope *model.Scope, x *Node, redirect bool, names []string) []*Node {
			return outputs(scope, x, climb.noting(x.Shape().Dimensions, choose), redirect, names)
		},
		Photo: m.photo,
	}
	climb.climber = ascent.NewClimberOf(m.Backend, m.Store, ascent.Source{Loss: o.Loss(layers, pictures), Preprocess: Preprocess})
	return climb
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
func outputs(scope *model.Scope, x *Node, choose chooser, redirect bool, names []string) []*Node {
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
			before = Add(layer.convolve(scope, x, choose), layer.bias(scope, x.Graph())) // [batch, height, width, filters]
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

// photo is a layer's output for a photo. It is called while a graph is being built, so it panics, as graph functions do.
func (m *Model) photo(photo image.Image, height, width int, layer string) *tensors.Tensor {
	output, err := model.CallOnce(m.Backend, m.Store, func(scope *model.Scope, x *Node) *Node {
		return Activation(scope, Preprocess(x), layer)
	}, picture.Tensor(photo, height, width))
	if err != nil {
		panic(fmt.Errorf("the photo's %s: %w", layer, err))
	}
	return output
}
