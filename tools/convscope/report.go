// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
)

// write writes the files that were asked for, each complete or not at all, and the others when one fails.
func (f *ascendFlags) write(result *ascent.Result, scores []ascent.Score, made recipe.Recipe, img image.Image) error {
	failed := file.Write(f.out, func(w io.Writer) error { return recipe.Encode(w, img, made) })
	if f.save != "" {
		failed = errors.Join(failed, file.Write(f.save, func(w io.Writer) error { return savePictures(w, result) }))
	}
	if f.tracePath != "" {
		failed = errors.Join(failed, file.Write(f.tracePath,
			func(w io.Writer) error { return writeTrace(w, result, scores) }))
	}
	return failed
}

// savePictures writes the float pictures as a NumPy array.
func savePictures(w io.Writer, result *ascent.Result) error {
	pictures := result.Pictures
	if len(result.Filters) == 1 {
		flat, err := tensors.CopyFlatData[float32](pictures)
		if err != nil {
			return err
		}
		pictures = tensors.FromFlatDataAndDimensions(flat, pictures.Shape().Dimensions[1:]...) // [height, width, 3]
	}
	return numpy.ToNpyWriter(pictures, w)
}

// report says in a few lines what was made.
func (f *ascendFlags) report(w io.Writer, ctx context.Context, r *ascent.Result) error {
	for i, filter := range r.Filters {
		if len(r.Filters) > 1 || len(r.Loss[i]) == 0 {
			break
		}
		what := fmt.Sprintf("%s filter %d: mean activation", r.Layer, filter)
		if r.Objective {
			what = r.Layer + ":"
		}
		fmt.Fprintf(w, "%s %.4g before the first step, %.4g before the last\n",
			what, r.Loss[i][0], r.Loss[i][len(r.Loss[i])-1])
	}
	if dead := r.DeadFilters(); len(dead) > 0 && r.Fates[slices.Index(r.Filters, dead[0])].Life == ascent.Dead {
		fmt.Fprintf(w, "dead from this start, so the picture is only noise: %s filter %s\n", r.Layer, joinInts(dead))
	}
	reportFates(w, r)
	fmt.Fprintf(w, "%s: %s on %s; load %.2f s, compile %.2f s, ascent %.2f s\n",
		progress.Printable(f.out), r.Options, r.Backend,
		r.Time.Load.Seconds(), r.Time.Compile.Seconds(), r.Time.Ascent.Seconds())
	if r.Stopped {
		return fmt.Errorf("stopped early, %s holds the picture so far: %w", f.out, context.Cause(ctx))
	}
	return nil
}

// reportScores gives the median of each score.
func reportScores(w io.Writer, scores []ascent.Score) {
	if len(scores) == 0 {
		return
	}
	middle := func(of func(ascent.Score) float64) float64 {
		values := make([]float64, len(scores))
		for i, s := range scores {
			values[i] = of(s)
		}
		return median(values)
	}
	fmt.Fprintf(w, "activation %.4g, peak %.4g, %.4g after shifting and blurring (%.0f %% kept), high frequencies "+
		"%.0f %%, total variation %.3f, %.2f s a picture (medians of %d)\n",
		middle(func(s ascent.Score) float64 { return s.Activation }),
		middle(func(s ascent.Score) float64 { return s.Peak }),
		middle(func(s ascent.Score) float64 { return s.Robust }),
		100*middle(ascent.Score.Kept), 100*middle(func(s ascent.Score) float64 { return s.HighFrequency }),
		middle(func(s ascent.Score) float64 { return s.TotalVariation }), scores[0].Seconds, len(scores))
	if scores[0].Beaten >= 0 {
		fmt.Fprintf(w, "more than to %.0f %% of the photographs (median)\n",
			100*middle(func(s ascent.Score) float64 { return s.Beaten }))
	}
}

// median is the middle of values, or the mean of the two in the middle. It sorts them.
func median(values []float64) float64 {
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// reportFates says which filters were rescued and which are inert, and how that came about.
func reportFates(w io.Writer, r *ascent.Result) {
	groups := make(map[ascent.Fate][]int)
	var order []ascent.Fate
	for i, fate := range r.Fates {
		if fate.Life != ascent.Rescued && fate.Life != ascent.Inert {
			continue
		}
		if groups[fate] == nil {
			order = append(order, fate)
		}
		groups[fate] = append(groups[fate], r.Filters[i])
	}
	for _, fate := range order {
		link := "by"
		if fate.Life == ascent.Inert {
			link = "-"
		}
		fmt.Fprintf(w, "%s %s %s: %s filter %s\n", fate.Life, link, fate.How, r.Layer, joinInts(groups[fate]))
	}
}
