// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"convscope/pkg/ascent"
	"convscope/pkg/network"
	"convscope/pkg/recipe"
)

// barTime is how much time may pass between two news of a climb.
const barTime = 300 * time.Millisecond

// patterns makes all pictures of some filters, as many as climb at once at most, and writes them. What comes of it is
// a part of the shard's record; it is nil with an error, or when ctx ended. news hears which share is done.
func (w *worker) patterns(ctx context.Context, s Shard, filters []int, news func(share float64)) (*record, error) {
	part := &record{Shard: s, Plan: w.hash}
	for _, filter := range filters {
		e := entry{}
		e.Index = filter
		part.Filters = append(part.Filters, e)
	}
	target, err := w.net.Channels(s.Layer, filters...)
	if err != nil {
		return nil, err
	}
	variants := w.plan.variants()
	for i, v := range variants {
		o := v.options(w.plan.Batch)
		film := newFilm(v.steps())
		o.Every = barTime
		o.Progress = func(p ascent.Progress) {
			news((float64(i) + min(float64(p.Done)/float64(v.steps()*len(filters)), 1)) / float64(len(variants)))
			if i == 0 {
				film.step(p)
			}
		}
		if i == 0 {
			o.Stops = film.stops
		}
		result, err := ascent.Run(ctx, target, o)
		if err != nil {
			return nil, err
		}
		if result.Stopped {
			return nil, context.Cause(ctx)
		}
		if err := w.keep(part, v, result); err != nil {
			return nil, err
		}
		if i == 0 {
			err = w.first(ctx, part, target, result, film)
		}
		if err != nil {
			return nil, err
		}
	}
	return part, nil
}

// keep writes one picture of each filter, with its recipe.
func (w *worker) keep(part *record, v variant, result *ascent.Result) error {
	images, err := result.Images()
	if err != nil {
		return err
	}
	made, err := w.net.Recipe(result)
	if err != nil {
		return err
	}
	part.Backend = made.Backend
	made.Kind, made.Layout = recipe.Pattern, nil
	encoded, failures := make([]bytes.Buffer, len(images)), make([]error, len(images))
	each(len(images), func(i int) {
		one := made
		one.Filters = result.Filters[i : i+1]
		failures[i] = recipe.Encode(&encoded[i], images[i], one)
		if e := &part.Filters[i]; len(e.Pictures) == 0 && result.Fates[i].Shown() {
			e.Look = lookAt(images[i])
		}
	})
	if err := errors.Join(failures...); err != nil {
		return err
	}
	for i, filter := range result.Filters {
		name := w.names.picture(part.Layer, filter, v)
		if err := w.save(part, name, encoded[i].Bytes()); err != nil {
			return err
		}
		e := &part.Filters[i]
		e.Pictures = append(e.Pictures, v.picture(part.Layer, name, filter, result.Fates[i]))
	}
	return nil
}

// each calls fn with 0 to n-1, at the same time: a graphics card waits meanwhile.
func each(n int, fn func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { fn(i) })
	}
	all.Wait()
}

// first adds what is said of the picture on the wall: the filter's fate, its scores, the film, and how to make it
// again.
func (w *worker) first(ctx context.Context, part *record, target ascent.Target,
	result *ascent.Result, film *film) error {
	scores, err := ascent.Rate(ctx, target, result)
	if err != nil {
		return err
	}
	for i := range part.Filters {
		e, fate, score := &part.Filters[i], result.Fates[i], scores[i]
		e.Fate, e.How = string(fate.Life), fate.How
		e.Score = finite(map[string]float64{
			"activation": score.Activation, "peak": score.Peak, "robust": score.Robust,
			"highFrequency": score.HighFrequency, "totalVariation": score.TotalVariation,
		})
		e.Command, e.Cell = w.command(part.Layer, e.Index), w.cell(part.Layer, e.Index)
		if !fate.Shown() {
			continue
		}
		strip, err := film.strip(i)
		if err != nil {
			return err
		}
		e.Film = w.names.film(part.Layer, e.Index)
		if err := w.save(part, e.Film, strip); err != nil {
			return err
		}
	}
	return nil
}

// save writes a file and notes it.
func (w *worker) save(r *record, name string, content []byte) error {
	if err := write(w.dir, name, content); err != nil {
		return err
	}
	r.Files = append(r.Files, newSaved(name, content))
	return nil
}

// silentFirst puts the filters first that answer to nothing in noise: a batch of them alone ends at once, and they are
// woken together. No picture depends on it.
func (w *worker) silentFirst(layer network.Layer, filters []int) ([]int, error) {
	if !layer.Silent {
		return filters, nil
	}
	responses, err := w.net.Responses(w.noise(), w.plan.variants()[0].method.Photographic, layer.Name)
	if err != nil {
		return nil, err
	}
	var silent, rest []int
	for _, filter := range filters {
		if responses[0].Peak[0][filter] <= 0 {
			silent = append(silent, filter)
		} else {
			rest = append(rest, filter)
		}
	}
	return append(silent, rest...), nil
}
