// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/ascent"
	"convscope/pkg/layer"
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
func (m *Model) climb(l Layer) *climb {
	key := climbKey{l.Name, m.device.Convolution()}
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.climbs[key]; known != nil {
		return known
	}
	c := &climb{model: m, layer: l.Name, convolution: key.convolution}
	source := m.source(func(how ascent.How) ascent.LossFunc { return m.channelMean(l, how) })
	source.Fires = l.Silent
	c.climber = ascent.NewClimberOf(m.Backend, m.Store, source)
	m.climbs[key] = c
	return c
}

// source is what the model lends to the ascent of a loss.
func (m *Model) source(loss func(ascent.How) ascent.LossFunc) ascent.Source {
	return ascent.Source{Loss: loss, Preprocess: m.Preprocess, Scaled: m.scaled(), Black: m.black(),
		Loops: m.device.Loops()}
}

// ChannelMean is the book's objective for a layer: the mean over all positions of the layer's output at one filter.
//
// It equals [ascent.ChannelMean] of [Model.Outputs], and takes less work: at the last layer it computes, for each
// picture, only the filter that the picture is made for. Where the layer's activation stops at a maximum, as ReLU6
// does, this goes on. It panics, as graph functions do, on an unknown name.
func (t *Table) ChannelMean(name string) ascent.LossFunc {
	return t.channelMean(must(t.Find(name)), ascent.How{})
}

// channelMean is ChannelMean in the form asked for.
func (t *Table) channelMean(l Layer, how ascent.How) ascent.LossFunc {
	waking := how.Waking
	if !l.Silent {
		waking = ascent.Unaided
	}
	return func(scope *model.Scope, pictures, filters *Node) *Node {
		_, ceiling := withoutCeiling(activationOf(t.net.Layers[l.index]))
		walk := layer.Walk{Redirected: how.Waking == ascent.Redirected, Before: waking != ascent.Unaided || ceiling ||
			t.isSoftmax(l), Chosen: filters}
		x := asMap(t.net.Outputs(scope, pictures, walk, l.Name)[0]) // [batch, h, w, 1]
		x = ascent.Inside(x, how.Border)
		if waking != ascent.Unaided || ceiling {
			return ascent.Awake(x, t.activation(l).Apply, waking)
		}
		return ReduceMean(x, 1, 2, 3) // [batch]
	}
}

// isSoftmax says that the layer's outputs compete, so that one can rise because others fall.
func (t *Table) isSoftmax(l Layer) bool {
	activation := activationOf(t.net.Layers[l.index])
	return activation == layer.Softmax || activation == layer.LogSoftmax
}

// activation is what makes a layer's output of its value before, without a ceiling: its own, or, where it arranges
// values of layers below, or takes their maximum, their ReLU.
func (t *Table) activation(l Layer) layer.Activation {
	if own, _ := withoutCeiling(activationOf(t.net.Layers[l.index])); own != nil {
		return own
	}
	return layer.ReLU{}
}

// asMap gives features the shape of a map: [batch, features] becomes [batch, 1, 1, features], and tokens, [batch, n,
// features], [batch, n, 1, features].
func asMap(x *Node) *Node {
	for x.Rank() < 4 {
		x = ExpandAxes(x, -2)
	}
	return x
}
