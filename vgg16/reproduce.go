// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
	"convscope/pkg/weights"
)

// WeightsError says that a recipe is for other weights than the model's.
type WeightsError struct {
	// Need and Have are fingerprints, as [Model.Fingerprint] gives them.
	Need, Have string
}

// Error names both and says how to come by the right ones.
func (e *WeightsError) Error() string {
	const hash = 64 // hex digits
	text := fmt.Sprintf("the recipe needs other weights: %s, these are %s", shortened(e.Need), shortened(e.Have))
	switch manifest, err := Manifest(); {
	case err == nil && e.Need == manifest.SHA256():
		return text + ": needed are the ImageNet weights, so name no weights file, neither by option nor by " + weights.EnvPath
	case len(e.Need) != hash:
		return text + ", which only a program of its own makes"
	}
	return text + ": name the file that holds them by option or " + weights.EnvPath
}

// shortened is a fingerprint's beginning, enough to tell two apart.
func shortened(fingerprint string) string {
	const enough = 32
	if len(fingerprint) <= enough {
		return fingerprint
	}
	return fingerprint[:12] + "..."
}

// Reproduce makes the pictures of a recipe again: on the same machine and backend, and with the same versions, the same numbers. It computes the
// convolutions in the recipe's ways, whatever is fastest now, and lets the pictures of a run that was stopped take the steps that they took.
//
// Of the options only Start counts, which must be given when the recipe does not hold the pictures that it began from, and Progress. When ctx ends it
// returns what there is. made is the recipe of what it did: it equals r, unless backend, versions, memory or ctx made a difference.
//
// Errors wrap [*WeightsError], [recipe.ErrDamaged], [recipe.ErrFormat] or [recipe.ErrStart], or are those of [Model.Channels] and [ascent.Run].
func (m *Model) Reproduce(ctx context.Context, r recipe.Recipe, options ascent.Options) (result *ascent.Result, made recipe.Recipe, err error) {
	layer, start, err := m.prepare(r, options.Start)
	if err != nil {
		return nil, recipe.Recipe{}, err
	}
	choose := forced(r.Ways, m.choose)
	climb := m.newClimb(layer, choose)
	target := m.target(layer, r.Filters, climb)
	if o, isObjective := objectiveOf(r); isObjective {
		climb = m.newObjective(o, len(r.Filters), choose)
		target = m.objectiveTarget(o, len(r.Filters), climb, layer)
	}
	again := &again{recipe: r, start: start, climb: climb, target: target, progress: options.Progress}
	if err := again.run(ctx); err != nil {
		return nil, recipe.Recipe{}, err
	}
	made, err = m.describe(again.result, climb)
	made.Kind, made.Layout, made.Convolution = r.Kind, r.Layout, r.Convolution
	return again.result, made, err
}

// prepare checks that the model can make the recipe, and returns its layer and the pictures to start from, nil for noise.
func (m *Model) prepare(r recipe.Recipe, given *tensors.Tensor) (layer Layer, start *tensors.Tensor, err error) {
	if err := r.Check(); err != nil {
		return Layer{}, nil, err
	}
	for kind, way := range r.Ways {
		if forwardNames[Convolution(way)] == "" {
			return Layer{}, nil, fmt.Errorf("%w: unknown way %q for the %s", recipe.ErrFormat, way, kind)
		}
	}
	if r.Weights != m.Fingerprint() {
		return Layer{}, nil, &WeightsError{Need: r.Weights, Have: m.Fingerprint()}
	}
	if strings.Contains(r.Layer, ":") {
		o, err := ascent.ParseObjective(r.Layer, ascent.Files{})
		if err != nil {
			return Layer{}, nil, fmt.Errorf("%w: %w", recipe.ErrFormat, err)
		}
		if layer, err = m.deepest(o); err != nil {
			return Layer{}, nil, err
		}
	} else if layer, err = m.find(r.Layer, r.Filters); err != nil {
		return Layer{}, nil, err
	}
	if err := layer.CheckSize(r.Height, r.Width); err != nil {
		return Layer{}, nil, err
	}
	if need, free := r.Bytes(), m.device.MemoryAvailable(); need > free {
		what := fmt.Sprintf("%d pattern(s) of %dx%d pixels for %s", len(r.Filters), r.Height, r.Width, r.Layer)
		return Layer{}, nil, &ascent.MemoryError{Need: need, Free: free, What: what}
	}
	switch {
	case r.Start != nil:
		start, err = r.Start.Tensor(given)
	case given != nil:
		err = fmt.Errorf("%w: it began from noise, so give none", recipe.ErrStart)
	}
	return layer, start, err
}

// objectiveOf returns the recipe's objective, when it is not a layer's filters.
func objectiveOf(r recipe.Recipe) (ascent.Objective, bool) {
	if !strings.Contains(r.Layer, ":") {
		return ascent.Objective{}, false
	}
	o, err := ascent.ParseObjective(r.Layer, ascent.Files{})
	return o, err == nil
}

// forced is the chooser of known ways; another chooser has the rest.
func forced(ways map[string]string, otherwise chooser) chooser {
	return func(s shape) Convolution {
		if way, known := ways[s.kind()]; known {
			return Convolution(way)
		}
		return otherwise(s)
	}
}

// again is one reproduction.
type again struct {
	recipe   recipe.Recipe
	start    *tensors.Tensor
	climb    *climb
	target   ascent.Target
	progress func(ascent.Progress)
	done     int       // picture-steps
	pictures []float32 // [filters, height, width, 3]
	result   *ascent.Result
}

// run makes the pictures, those that took equally many steps together, and puts one result together.
func (a *again) run(ctx context.Context) error {
	r := a.recipe
	steps := r.Taken
	if steps == nil {
		steps = slices.Repeat([]int{r.Steps}, len(r.Filters))
	}
	a.result = &ascent.Result{Layer: r.Layer, Filters: slices.Clone(r.Filters), Backend: a.target.Backend}
	for first := 0; first < len(steps); {
		next := first + 1
		for next < len(steps) && steps[next] == steps[first] {
			next++
		}
		if err := a.group(ctx, first, next, steps[first]); err != nil {
			return err
		}
		first = next
	}
	all := a.result
	all.Time.Load, all.Objective = a.target.Load, a.target.Objective
	all.Options.Steps, all.Options.Start = r.Steps, a.start
	all.Pictures = tensors.FromFlatDataAndDimensions(a.pictures, len(r.Filters), r.Height, r.Width, 3)
	all.Stopped = slices.ContainsFunc(all.Loss, func(losses []float32) bool { return len(losses) < r.Steps })
	return nil
}

// group lets the pictures from first to before next take that many steps, in batches as large as they were: the last one is filled up as
// it was then, with its last picture.
func (a *again) group(ctx context.Context, first, next, steps int) error {
	r, count := a.recipe, next-first
	target := a.target
	target.Filters = slices.Clone(r.Filters[first:next])
	for len(target.Filters)%r.Batch != 0 {
		target.Filters = append(target.Filters, r.Filters[next-1])
	}
	o := ascent.Options{NoRescue: !r.Rescue, Height: r.Height, Width: r.Width, Steps: steps, Step: r.Step, Seed: r.Seed, Batch: r.Batch}
	var err error
	if o.Method, err = ascent.ParseMethod(r.Method); err != nil {
		return fmt.Errorf("%w: %w", recipe.ErrFormat, err)
	}
	if o.Start, err = a.startOf(first, next, len(target.Filters)); err != nil {
		return err
	}
	if a.progress != nil {
		o.Progress = func(p ascent.Progress) { a.report(p, first, count) }
	}
	if steps == 0 { // never begun: what an ascent gives whose context has ended already
		ended, end := context.WithCancel(ctx)
		end()
		ctx, o.Steps = ended, r.Steps
	}
	result, err := ascent.Run(ctx, target, o)
	if err != nil {
		return err
	}
	values, err := tensors.CopyFlatData[float32](result.Pictures)
	if err != nil {
		return fmt.Errorf("reading the pictures: %w", err)
	}
	a.pictures = append(a.pictures, values[:count*r.Height*r.Width*3]...)
	a.done += steps * count
	all := a.result
	if first == 0 {
		all.Options = result.Options
	}
	all.Loss = append(all.Loss, result.Loss[:count]...)
	all.Dead = append(all.Dead, result.Dead[:count]...)
	all.Fates = append(all.Fates, result.Fates[:count]...)
	all.Time.Compile += result.Time.Compile
	all.Time.Ascent += result.Time.Ascent
	return nil
}

// startOf returns the pictures that those from first to before next start from, the last one repeated up to the number wanted.
func (a *again) startOf(first, next, wanted int) (*tensors.Tensor, error) {
	if a.start == nil || a.start.Shape().Dim(0) == 1 {
		return a.start, nil
	}
	values, err := tensors.CopyFlatData[float32](a.start)
	if err != nil {
		return nil, fmt.Errorf("reading the start pictures: %w", err)
	}
	size := a.recipe.Height * a.recipe.Width * 3
	part := slices.Clone(values[first*size : next*size])
	for len(part) < wanted*size {
		part = append(part, values[(next-1)*size:next*size]...)
	}
	return tensors.FromFlatDataAndDimensions(part, wanted, a.recipe.Height, a.recipe.Width, 3), nil
}

// report hands the progress of one group's batch on as that of the whole.
func (a *again) report(p ascent.Progress, first, count int) {
	shown := 0 // without fillers
	for shown < len(p.Loss) && p.Positions[shown] < count {
		shown++
	}
	if shown == 0 {
		return
	}
	p.Done, p.Total = min(a.done+p.First*p.Steps+p.Step*shown, a.recipe.Work()), a.recipe.Work()
	p.First += first
	p.Positions = slices.Clone(p.Positions[:shown])
	for i := range p.Positions {
		p.Positions[i] += first
	}
	p.Loss = p.Loss[:shown]
	a.progress(p)
}
