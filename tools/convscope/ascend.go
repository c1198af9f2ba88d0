// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"image"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/recipe"
	"convscope/vgg16"
)

// ascend runs the job of pattern and grid: model, ascent with a bar, then the files. layout is nil for a pattern.
func (f *ascendFlags) ascend(cmd *cobra.Command, filters []int, layout *recipe.Layout) error {
	options, err := f.options(cmd)
	if err != nil {
		return err
	}
	way, err := vgg16.ParseConvolution(f.convolution)
	if err != nil {
		return usageError{err}
	}
	if err := f.check(options, filters); err != nil {
		return err
	}
	for _, path := range []string{f.out, f.save, f.tracePath} {
		if err := checkWritable(path); err != nil {
			return err
		}
	}
	if err := checkMemory(options, filters, layout, device.HostMemory()); err != nil {
		return err
	}
	var photos *album
	if f.photos != "" {
		if f.objective != "" {
			return usageError{errors.New("--photos compares what one filter answers to: leave out --photos or --objective")}
		}
		if photos, err = openAlbum(f.photos); err != nil {
			return err
		}
	}
	ctx, began := cmd.Context(), time.Now()
	net, err := loadModel(ctx, cmd, way)
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
		if means, err = photos.means(ctx, net, height, width, f.layer); err != nil {
			return err
		}
	}
	bar := newClimbBar(f.layer, len(filters), f.steps)
	options.Progress = bar.step
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
	if (f.scores || f.photos != "") && !result.Stopped {
		if scores, err = ascent.Rate(ctx, target, result); err != nil {
			return err
		}
		if means != nil {
			for i, filter := range filters {
				scores[i].Beaten = ascent.Beaten(scores[i].Activation, filter, means[0])
			}
		}
	}
	if err := f.write(result, scores, made, made.Draw(images, result.Badges())); err != nil {
		return err
	}
	reportScores(cmd.OutOrStdout(), scores)
	return f.report(cmd.OutOrStdout(), ctx, result)
}

// target is what the pictures climb towards.
func (f *ascendFlags) target(net *vgg16.Model, filters []int) (ascent.Target, error) {
	if f.objective == "" {
		return net.Channels(f.layer, filters...)
	}
	objective, err := ascent.ParseObjective(f.objective, objectiveFiles)
	if err != nil {
		return ascent.Target{}, usageError{err}
	}
	return net.Objective(objective, len(filters))
}

// check finds out what can't work before anything is fetched or computed.
func (f *ascendFlags) check(o ascent.Options, filters []int) error {
	if f.objective != "" {
		objective, err := ascent.ParseObjective(f.objective, objectiveFiles)
		if err != nil {
			return usageError{err}
		}
		return objective.Check(func(name string) (int, error) {
			layer, err := vgg16.Find(name)
			return layer.Filters, err
		})
	}
	layer, err := vgg16.Find(f.layer)
	if err != nil {
		return err
	}
	if err := layer.CheckFilters(filters...); err != nil {
		return err
	}
	if o.Start != nil {
		return nil // the ascent checks it
	}
	for _, seen := range o.Method.Views(1, o.Height, o.Width) {
		if err := layer.CheckSize(seen[1], seen[2]); err != nil {
			return err
		}
	}
	return nil
}
