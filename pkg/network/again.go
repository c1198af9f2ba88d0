// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
)

// again is one reproduction.
type again struct {
	recipe   recipe.Recipe
	method   ascent.Method
	start    *tensors.Tensor
	climb    *climb
	target   ascent.Target
	progress func(ascent.Progress)
	every    time.Duration // may pass between two calls of it
	done     int           // picture-steps
	pictures []float32     // [filters, height, width, channels]
	result   *ascent.Result
}

// aim sets what the pictures climb towards.
func (a *again) aim(m *Model) error {
	r := a.recipe
	o, isObjective, err := m.objectiveOf(r)
	if err != nil {
		return err
	}
	if !isObjective {
		found, err := m.find(r.Layer, r.Filters)
		if err != nil {
			return err
		}
		a.climb = m.climb(found)
		a.target = m.target(found, r.Filters, a.climb)
		return nil
	}
	deepest, err := m.deepest(o)
	if err != nil {
		return err
	}
	if a.climb, err = m.newObjective(o, len(r.Filters)); err != nil {
		return err
	}
	a.target = m.objectiveTarget(o, len(r.Filters), a.climb, deepest)
	a.target.Filters = r.Filters
	return nil
}

// optionsOf are those of an ascent of the recipe's.
func optionsOf(r recipe.Recipe, method ascent.Method) ascent.Options {
	return ascent.Options{
		Method: method, NoRescue: !r.Rescue, Height: r.Height, Width: r.Width, Steps: r.Steps, Step: r.Step,
		Seed: r.Seed, Batch: r.Batch,
	}
}

// run makes the pictures, those that took equally many steps together, and puts one result together. A batch that was
// stopped stands alone.
func (a *again) run(ctx context.Context) error {
	r := a.recipe
	steps := r.Taken
	if steps == nil {
		steps = slices.Repeat([]int{r.Steps}, len(r.Filters))
	}
	a.result = &ascent.Result{Layer: a.target.Layer, Filters: slices.Clone(r.Filters), Backend: a.target.Backend,
		Origin: a.target.Origin}
	for first := 0; first < len(steps); {
		next, whole := first+1, steps[first] == 0 || steps[first] == r.Steps
		for next < len(steps) && steps[next] == steps[first] && (whole || next-first < r.Batch) {
			next++
		}
		if err := a.group(ctx, first, next, steps[first]); err != nil {
			return err
		}
		first = next
	}
	all := a.result
	all.Time.Load, all.Objective = a.target.Load, a.target.Objective
	all.Options.Start = a.start
	all.Pictures = tensors.FromFlatDataAndDimensions(a.pictures, len(r.Filters), r.Height, r.Width,
		a.climb.model.channels())
	all.Stopped = r.Taken != nil || slices.ContainsFunc(all.Loss,
		func(losses []float32) bool { return len(losses) < r.Steps })
	return nil
}

// group lets the pictures from first to before next take that many steps, in batches as large as they were: the last
// one is filled up as it was then, with its last picture. Pictures that were stopped are stopped again, since octaves
// and transforms go by the share of the run that is over.
func (a *again) group(ctx context.Context, first, next, steps int) error {
	r, count := a.recipe, next-first
	target := a.target
	target.Filters = slices.Clone(r.Filters[first:next])
	for len(target.Filters)%r.Batch != 0 {
		target.Filters = append(target.Filters, r.Filters[next-1])
	}
	o := optionsOf(r, a.method)
	var err error
	if o.Start, err = a.startOf(first, next, len(target.Filters)); err != nil {
		return err
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	if steps == 0 { // never begun
		end()
	}
	if steps == r.Steps {
		o.Every = a.every
	}
	o.Progress = func(p ascent.Progress) {
		if p.Step == steps && steps < r.Steps {
			end()
		}
		if a.progress != nil {
			a.report(p, first, count)
		}
	}
	result, err := ascent.Run(ctx, target, o)
	if err != nil {
		return err
	}
	values, err := tensors.CopyFlatData[float32](result.Pictures)
	if err != nil {
		return fmt.Errorf("reading the pictures: %w", err)
	}
	a.pictures = append(a.pictures, values[:count*r.Height*r.Width*a.climb.model.channels()]...)
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

// startOf returns the pictures that those from first to before next start from, the last one repeated up to the number
// wanted.
func (a *again) startOf(first, next, wanted int) (*tensors.Tensor, error) {
	if a.start == nil || a.start.Shape().Dim(0) == 1 {
		return a.start, nil
	}
	values, err := tensors.CopyFlatData[float32](a.start)
	if err != nil {
		return nil, fmt.Errorf("reading the start pictures: %w", err)
	}
	size := a.recipe.Height * a.recipe.Width * a.climb.model.channels()
	part := slices.Clone(values[first*size : next*size])
	for len(part) < wanted*size {
		part = append(part, values[(next-1)*size:next*size]...)
	}
	return tensors.FromFlatDataAndDimensions(part, wanted, a.recipe.Height, a.recipe.Width,
		a.climb.model.channels()), nil
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
