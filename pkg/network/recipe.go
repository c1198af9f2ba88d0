// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"image"
	"io"
	"runtime"
	"slices"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// Recipe says how the model made the result, so that [Model.Reproduce] can make it again: a pattern when it is one
// picture, else a grid with the book's layout. A caller that lays it out in another way sets Kind and Layout.
//
// The error says that the result is not one of this model's.
func (m *Model) Recipe(result *ascent.Result) (recipe.Recipe, error) {
	climb, made := result.Origin.(*climb)
	if !made || climb.model != m {
		return recipe.Recipe{}, fmt.Errorf("the model made no pictures for %q, so it knows no recipe of them",
			result.Layer)
	}
	r, err := climb.recipe(result)
	if err == nil {
		err = r.Check()
	}
	return r, err
}

// checkHeld returns an error when no recipe can hold how the pictures are made: better known before they are. Start
// pictures are no matter.
func (c *climb) checkHeld(filters []int, o ascent.Options) error {
	o.Start, o.Batch = nil, 1
	r, err := c.recipe(&ascent.Result{Filters: filters, Options: o, Backend: c.model.device.Name()})
	if err == nil {
		err = recipe.Encode(io.Discard, image.NewGray(image.Rect(0, 0, 1, 1)), r)
	}
	if err != nil {
		return fmt.Errorf("a picture keeps its recipe, and none can hold this one's: %w", err)
	}
	return nil
}

// recipe is the recipe of one of the climb's results.
func (c *climb) recipe(result *ascent.Result) (recipe.Recipe, error) {
	m := c.model
	o := result.Options
	r := recipe.Recipe{
		Format: recipe.Format, Kind: recipe.Pattern,
		Layer: c.layer, Files: slices.Clone(c.files), Filters: slices.Clone(result.Filters),
		Height: o.Height, Width: o.Width,
		Method: o.Method.String(), Rescue: !o.NoRescue && !result.Stopped, Steps: o.Steps, Step: o.Step,
		Seed: o.Seed, Batch: o.Batch,
		Convolution: c.convolution, Weights: m.Fingerprint(), WeightsInput: m.origin.WeightsInput,
		Backend: recipe.Word(result.Backend), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Versions: recipe.Current(),
	}
	if m.origin.File != "" {
		r.Format, r.Network, r.Input = recipe.NetworkFormat, recipe.Word(m.origin.File), InputText(m.net.Input)
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
