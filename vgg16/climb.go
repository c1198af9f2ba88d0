// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"maps"
	"sync"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
)

// climb is a layer's or an objective's compiled ascent, and the ways of convolving that are in it. Targets and
// results carry theirs with them.
type climb struct {
	climber *ascent.Climber
	model   *Model
	layer   string        // or the objective, as a recipe names it
	files   []recipe.File // the objective's

	mu   sync.Mutex
	ways map[[3]int]map[string]string // by batch, height and width: the way of each kind of convolution
}

// climb returns the layer's compiled ascent, the same one each time.
func (m *Model) climb(layer Layer) *climb {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.climbs[layer.Name]; known != nil {
		return known
	}
	c := m.newClimb(layer, m.choose)
	m.climbs[layer.Name] = c
	return c
}

// newClimb prepares a layer's ascent with the convolutions computed the chosen way.
func (m *Model) newClimb(layer Layer, choose chooser) *climb {
	c := &climb{model: m, layer: layer.Name, ways: make(map[[3]int]map[string]string)}
	c.climber = ascent.NewClimberOf(m.Backend, m.Store, ascent.Source{
		Loss: func(how ascent.How) ascent.LossFunc {
			return func(scope *model.Scope, pictures, filters *Node) *Node {
				return channelMean(layer.Name, c.noting(pictures.Shape().Dimensions, choose), how)(scope, pictures, filters)
			}
		},
		Preprocess: Preprocess,
		Fires:      true,
	})
	return c
}

// noting is the chooser that notes what is chosen for pictures [batch, height, width, 3].
func (c *climb) noting(dims []int, choose chooser) chooser {
	return func(s shape) Convolution {
		way := choose(s)
		c.mu.Lock()
		defer c.mu.Unlock()
		key := [3]int(dims[:3])
		if c.ways[key] == nil {
			c.ways[key] = make(map[string]string)
		}
		c.ways[key][s.kind()] = string(way)
		return way
	}
}

// waysFor returns the ways in the programs for pictures of those shapes: none when there is nothing to choose.
func (c *climb) waysFor(shapes [][3]int) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all map[string]string
	for _, shape := range shapes {
		if all == nil {
			all = maps.Clone(c.ways[shape])
		} else {
			maps.Copy(all, c.ways[shape])
		}
	}
	return all
}
