// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
)

// climb is a layer's or an objective's compiled ascent. Targets and results carry theirs with them.
type climb struct {
	climber     *ascent.Climber
	model       *Model
	layer       string        // or the objective, as a recipe names it
	files       []recipe.File // the objective's
	convolution string        // what computes the convolutions, as a recipe names it
}

// climbKey tells which layer's ascents are there.
type climbKey struct{ layer, convolution string }

// climb returns the layer's compiled ascent, the same one each time.
func (m *Model) climb(layer Layer) *climb {
	key := climbKey{layer.Name, m.device.Convolution()}
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.climbs[key]; known != nil {
		return known
	}
	c := &climb{model: m, layer: layer.Name, convolution: key.convolution}
	c.climber = ascent.NewClimberOf(m.Backend, m.Store, ascent.Source{
		Loss:       func(how ascent.How) ascent.LossFunc { return channelMean(layer.Name, how) },
		Preprocess: Preprocess,
		Fires:      true,
		Loops:      m.device.Loops(),
	})
	m.climbs[key] = c
	return c
}
