// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"runtime"
	"slices"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// Recipe says how the model made the result, so that [Model.Reproduce] can make it again: a pattern when it is one picture, else a grid
// with the book's layout. A caller that lays it out in another way sets Kind and Layout.
//
// The error says that the result is not one of this model's.
func (m *Model) Recipe(result *ascent.Result) (recipe.Recipe, error) {
	m.mu.Lock()
	climb := m.climbs[result.Layer]
	m.mu.Unlock()
	if climb == nil {
		return recipe.Recipe{}, fmt.Errorf("the model made no pictures for %q, so it knows no recipe of them", result.Layer)
	}
	r, err := m.describe(result, climb)
	if err == nil {
		err = r.Check()
	}
	return r, err
}

// describe is Recipe for a result of the climb.
func (m *Model) describe(result *ascent.Result, climb *climb) (recipe.Recipe, error) {
	o := result.Options
	r := recipe.Recipe{
		Format: recipe.Format, Kind: recipe.Pattern,
		Layer: result.Layer, Filters: slices.Clone(result.Filters), Height: o.Height, Width: o.Width,
		Method: o.Method.String(), Rescue: !o.NoRescue && !result.Stopped, Steps: o.Steps, Step: o.Step, Seed: o.Seed, Batch: o.Batch,
		Convolution: string(m.convolution), Ways: climb.waysFor(o.Method.Views(o.Batch, o.Height, o.Width)),
		Weights: m.Fingerprint(), Backend: result.Backend, Platform: runtime.GOOS + "/" + runtime.GOARCH, Versions: recipe.Current(),
	}
	if m.convolution == Auto {
		r.Convolution = "auto"
	}
	if len(r.Filters) > 1 {
		r.Kind, r.Layout = recipe.Grid, recipe.NewLayout(picture.GridOptions{})
	}
	if result.Stopped {
		for _, losses := range result.Loss {
			r.Taken = append(r.Taken, len(losses))
		}
	}
	if o.Start != nil {
		start, err := recipe.NewStart(o.Start)
		if err != nil {
			return recipe.Recipe{}, err
		}
		r.Start = start
	}
	return r, nil
}
