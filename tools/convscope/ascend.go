// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"convscope/pkg/album"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// ascend runs the job of pattern and grid: model, ascent with a bar, then the files. layout is nil for a pattern.
func (f *ascendFlags) ascend(cmd *cobra.Command, filters []int, layout *recipe.Layout) error {
	options, err := f.options(cmd)
	if err != nil {
		return err
	}
	table, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	if f.objective == "" {
		if err := table.chooseLayer(cmd, &f.layer, false); err != nil {
			return err
		}
	}
	if found, err := table.Find(f.layer); err == nil && f.objective == "" && f.fewer {
		filters = filters[:min(len(filters), found.Filters)]
	}
	if f.objective == "" && f.start == "" && !cmd.Flags().Changed("size") {
		table.fit(f.layer, &options)
	}
	f.nameOut(filters, layout)
	inputs, err := f.check(table, options, filters)
	if err != nil {
		return err
	}
	if err := checkOutputs(cmd, f.outputs(options, len(filters)),
		append(inputs, inFolder("--photos", f.photos)...)...); err != nil {
		return err
	}
	if err := checkMemory(options, filters, layout, table.PictureChannels(), device.HostMemory()); err != nil {
		return err
	}
	var photos *album.Album
	if f.photos != "" {
		if f.objective != "" {
			return usageError{errors.New("--photos compares what one filter answers to: leave out " +
				"--photos or --objective")}
		}
		if photos, err = album.Open(f.photos); err != nil {
			return err
		}
	}
	ctx, began := cmd.Context(), time.Now()
	net, err := loadModel(ctx, cmd)
	if err != nil {
		return err
	}
	defer net.Close()
	target, err := f.target(net, filters)
	if err != nil {
		return err
	}
	target.Load = time.Since(began)
	var means [][][]float32 // of the layer's filters on the photographs
	if photos != nil {
		height, width := sizeOfPictures(options)
		if means, err = meansOf(ctx, photos, net, height, width, f.layer); err != nil {
			return err
		}
	}
	bar := newClimbBar(cmp.Or(f.objective, f.layer), len(filters), f.steps)
	options.Progress, options.Every = bar.step, climbBarTime
	images := make([]image.Image, len(filters))
	var spoiled error
	options.Finished = func(first int, pictures *tensors.Tensor) {
		finished, err := options.Method.Images(pictures)
		copy(images[first:], finished)
		spoiled = errors.Join(spoiled, err)
	}
	result, err := ascent.Run(ctx, target, options)
	bar.done()
	if err != nil {
		return err
	}
	if spoiled != nil {
		return spoiled
	}
	if result.Stopped { // some pictures were not finished
		if images, err = result.Images(); err != nil {
			return err
		}
	}
	made, err := net.Recipe(result)
	if err != nil {
		return err
	}
	made.Kind, made.Layout = recipe.Pattern, layout
	if layout != nil {
		made.Kind = recipe.Grid
	}
	var scores []ascent.Score
	var unrated error
	if (f.scores || f.photos != "") && !result.Stopped {
		scores, unrated = ascent.Rate(ctx, target, result)
		for i := range scores {
			if means != nil {
				scores[i].Beaten = ascent.Beaten(scores[i].Activation, filters[i], means[0])
			}
		}
	}
	if err := errors.Join(f.write(result, scores, made, made.Draw(images, result.Badges())), unrated); err != nil {
		return err
	}
	w := words(cmd, f.out, f.save, f.tracePath)
	reportScores(w, scores)
	return f.report(w, ctx, result)
}

// nameOut chooses the picture's file when the user didn't: a pattern's after its layer and filter, a sheet's after its
// layer.
func (f *ascendFlags) nameOut(filters []int, layout *recipe.Layout) {
	switch {
	case f.out != "":
	case f.objective != "":
		f.out = "objective.png"
	case layout == nil:
		f.out = fmt.Sprintf("%s_%d.png", fileName(f.layer), filters[0])
	default:
		f.out = fileName(f.layer) + ".png"
	}
}

// outputs are the files to write for that many pictures.
func (f *ascendFlags) outputs(o ascent.Options, pictures int) []output {
	height, width := o.Height, o.Width
	if o.Start != nil && height == 0 && o.Start.Rank() == 4 {
		height, width = o.Start.Shape().Dim(1), o.Start.Shape().Dim(2)
	}
	const losses, levels, float32s = 10, 3, 3 * 4 // bytes for a loss in text, and for a pixel: noise can't be compressed
	pixels := int64(pictures) * int64(height) * int64(width)
	return []output{
		{"--out", f.out, "a PNG", pixels * levels},
		{"--save", f.save, "a NumPy array", pixels * float32s},
		{"--trace", f.tracePath, "JSON", int64(pictures) * int64(f.steps) * losses},
	}
}

// target is what the pictures climb towards.
func (f *ascendFlags) target(net *network.Model, filters []int) (ascent.Target, error) {
	if f.objective == "" {
		return net.Channels(f.layer, filters...)
	}
	objective, _, err := readObjective(f.objective)
	if err != nil {
		return ascent.Target{}, usageError{err}
	}
	return net.Objective(objective, len(filters))
}

// check finds out what can't work before anything is fetched or computed, and returns the files that the objective
// names.
func (f *ascendFlags) check(table *opened, o ascent.Options, filters []int) (inputs []input, err error) {
	if err := o.Check(len(filters)); err != nil {
		return nil, usageError{err}
	}
	if err := picture.CheckChannels(table.PictureChannels(), o.Method.Show); err != nil {
		return nil, usageError{err}
	}
	if f.objective != "" {
		objective, inputs, err := readObjective(f.objective)
		if err == nil {
			err = table.CheckObjective(objective, o.Method, o.Height, o.Width)
		}
		if err != nil {
			return nil, usageError{err}
		}
		return inputs, nil
	}
	if err := table.checkFilters(f.layer, filters); err != nil || o.Start != nil { // the ascent checks a start's size
		return nil, err
	}
	return nil, table.checkSize(f.layer, o.Method, o.Height, o.Width)
}
