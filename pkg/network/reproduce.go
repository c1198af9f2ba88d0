// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
	"convscope/pkg/weights"
)

// Reproduce makes the pictures of a recipe again: on the same machine and backend, and with the same versions, the
// same numbers. How the convolutions are computed is the device's matter: where that was another way, the pictures can
// differ by rounding, see [recipe.Recipe.Differences]. It lets the pictures of a run that was stopped take the steps
// that they took.
//
// Of the options only Start counts, which must be given when the recipe does not hold the pictures that it began
// from, and Progress. Photographs that the recipe has no room for come with it, see [recipe.Recipe.WithPhotos]. When
// ctx ends it returns what there is. made is the recipe of what it did: it equals r, but for the hash of the pixels,
// unless backend, convolution, versions, memory or ctx made a difference.
//
// Errors wrap [*WeightsError], [recipe.ErrDamaged], [recipe.ErrFormat], [recipe.ErrStart] or [recipe.ErrFile], or are
// those of [Model.Channels] and [ascent.Run].
func (m *Model) Reproduce(ctx context.Context, r recipe.Recipe,
	options ascent.Options) (result *ascent.Result, made recipe.Recipe, err error) {
	again, err := m.prepare(r, options)
	if err != nil {
		return nil, recipe.Recipe{}, err
	}
	if err := again.run(ctx); err != nil {
		return nil, recipe.Recipe{}, err
	}
	made, err = again.climb.recipe(again.result)
	made.Kind, made.Layout = r.Kind, r.Layout
	made.WeightsInput = r.WeightsInput                       // the weights are the same, whatever file they came from
	if slices.Equal(made.Convolutions(), r.Convolutions()) { // in the words of its time
		made.Format, made.Convolution, made.Ways = r.Format, r.Convolution, r.Ways
	}
	return again.result, made, err
}

// prepare checks that the model can make the recipe, before anything large is unpacked or computed.
func (m *Model) prepare(r recipe.Recipe, options ascent.Options) (*again, error) {
	if err := m.checkOrigin(r); err != nil {
		return nil, err
	}
	if err := m.CheckRecipe(r); err != nil {
		return nil, err
	}
	a := &again{recipe: r, progress: options.Progress, every: options.Every}
	var err error
	if a.method, err = ascent.ParseMethod(r.Method); err != nil {
		return nil, fmt.Errorf("%w: %w", recipe.ErrFormat, err)
	}
	if err := a.aim(m); err != nil {
		return nil, err
	}
	need, free := r.Bytes(), m.device.MemoryAvailable()
	if s := r.Start; s != nil && s.Pictures != nil {
		need += s.Bytes()
	}
	if need > free {
		what := fmt.Sprintf("%d pattern(s) of %dx%d pixels for %s", len(r.Filters), r.Height, r.Width, a.target.Layer)
		return nil, &ascent.MemoryError{Need: need, Free: free, What: what}
	}
	if err := a.target.Check(optionsOf(r, a.method)); err != nil {
		return nil, err
	}
	switch {
	case r.Start != nil:
		a.start, err = r.Start.Tensor(options.Start)
	case options.Start != nil:
		err = fmt.Errorf("%w: it began from noise, so give none", recipe.ErrStart)
	}
	return a, err
}

// CheckRecipe returns the error that [Model.Reproduce] would return, whatever the weights: what the recipe says makes
// no sense, or its layer, filters, method or objective are unknown.
func (t *Table) CheckRecipe(r recipe.Recipe) error {
	if err := r.Check(); err != nil {
		return err
	}
	if err := weights.CheckInput(r.WeightsInput); err != nil {
		return fmt.Errorf("%w: %w", recipe.ErrFormat, err)
	}
	method, err := ascent.ParseMethod(r.Method)
	if err != nil {
		return fmt.Errorf("%w: %w", recipe.ErrFormat, err)
	}
	if err := optionsOf(r, method).Check(len(r.Filters)); err != nil {
		return fmt.Errorf("%w: the recipe's %w", recipe.ErrDamaged, err)
	}
	if o, isObjective, err := t.objectiveOf(r); err != nil {
		return err
	} else if isObjective {
		return t.CheckObjective(o, method, r.Height, r.Width)
	}
	found, err := t.find(r.Layer, r.Filters)
	if err != nil {
		return err
	}
	return method.CheckSize(r.Height, r.Width, found.CheckSize)
}

// objectiveOf returns the recipe's objective, when it is not a layer's filters.
func (t *Table) objectiveOf(r recipe.Recipe) (o ascent.Objective, isObjective bool, err error) {
	if _, isLayer := t.at[r.Layer]; isLayer || !strings.Contains(r.Layer, ":") {
		return o, false, nil
	}
	if o, err = ascent.ParseObjective(r.Layer, ascent.Files{Vector: r.Vector, Photo: r.Photo}); err == nil {
		return o, true, nil
	}
	if !errors.Is(err, recipe.ErrFile) && !errors.Is(err, recipe.ErrDamaged) {
		err = fmt.Errorf("%w: %w", recipe.ErrFormat, err)
	}
	return o, true, err
}
