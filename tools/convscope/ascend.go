// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
	"convscope/pkg/weights/format"
	"convscope/vgg16"
)

// ascendFlags are the flags that pattern and grid share.
type ascendFlags struct {
	layer, size          string
	square               bool // the method's own size counts
	steps                int
	step                 float64
	seed                 uint64
	batch                int
	start                string
	out, save, tracePath string
	convolution          string
	method, objective    string
	parts                map[string]*string // of the method, by the names that ascent.Method.Set knows
	rescue, scores       bool
}

// methodFlags are the parts of a method that have flags of their own.
var methodFlags = [][2]string{
	{"image", "what the picture is made of: pixels, fourier, pyramid, cppn or maco"},
	{"color", "its colours: as-is, squashed, decorrelated or gray"},
	{"input", "how the network gets it: raw, as the book does, or as a photo"},
	{"transforms", "what it is seen through, with + between: lucid, xplique, none, pad:N, jitter:N, scale:A:B, rotate:A:B, flip, blur:A:B, crops:N:SIZE:A:B, noise:D"},
	{"border", "positions of the layer's output that don't count at each side"},
	{"regularizers", "what is taken off the loss, with + between: tv:WEIGHT, norm:WEIGHT:P:LEVEL, blur:WEIGHT:DEVIATION"},
	{"optimizer", "rms, l2, adam, nadam or rmsprop:KEEP:MOMENTUM"},
	{"octaves", "in how many sizes pixels grow"},
}

// add defines the flags on a command.
func (f *ascendFlags) add(cmd *cobra.Command, layer string, size int) {
	flags := cmd.Flags()
	flags.StringVar(&f.method, "method", "book", "how the picture is made: a name that convscope methods lists, and parts that differ, such as crisp,steps=200")
	flags.StringVar(&f.objective, "objective", "", "climb this instead of a filter, such as \"channel:block4_conv3:12 - channel:block4_conv3:40\"")
	f.parts = make(map[string]*string)
	for _, part := range methodFlags {
		f.parts[part[0]] = flags.String(part[0], "", part[1]+" (default: the method's)")
	}
	flags.BoolVar(&f.rescue, "rescue", true, "wake silent filters; --rescue=false leaves them dead, as the book does")
	flags.BoolVar(&f.scores, "scores", false, "say how good the pictures are: activation, what shifting and blurring leave of it, high frequencies")
	flags.StringVar(&f.layer, "layer", layer, "layer of VGG16, block1_conv1 to block5_pool")
	flags.StringVar(&f.size, "size", fmt.Sprint(size), "pixels, such as 150, or HEIGHTxWIDTH, such as 101x83; with --start its size")
	flags.IntVar(&f.steps, "steps", ascent.BookSteps, "how many steps uphill")
	flags.Float64Var(&f.step, "step", ascent.BookStep, "length of a step, in gray levels")
	flags.Uint64Var(&f.seed, "seed", ascent.BookSeed, "chooses the noise to start from")
	flags.StringVar(&f.start, "start", "", "start from this .npy file: float32 [1, height, width, 3], or one picture for each filter")
	flags.StringVar(&f.convolution, "convolution", "auto", "how to compute the convolutions: auto, direct, lines or tiles")
	flags.StringVar(&f.out, "out", "", "the picture to write (default LAYER_FILTER.png or LAYER.png)")
	flags.StringVar(&f.save, "save", "", "write the final float pictures to this .npy file")
	flags.StringVar(&f.tracePath, "trace", "", "write losses, dead filters and times to this .json file")
}

// options turns the flags into the ascent's options.
func (f *ascendFlags) options(cmd *cobra.Command) (ascent.Options, error) {
	o := ascent.Options{NoRescue: !f.rescue, Steps: f.steps, Step: f.step, Seed: f.seed, Batch: f.batch}
	var err error
	if o.Method, err = ascent.ParseMethod(f.method); err != nil {
		return o, usageError{err}
	}
	for _, part := range methodFlags {
		if cmd.Flags().Changed(part[0]) {
			if err := o.Method.Set(part[0], *f.parts[part[0]]); err != nil {
				return o, usageError{err}
			}
		}
	}
	own := func(flag string) bool { return !cmd.Flags().Changed(flag) }
	if own("steps") {
		o.Steps = 0
		f.steps = cmp.Or(o.Method.Steps, f.steps)
	}
	if own("step") {
		o.Step = 0
		f.step = cmp.Or(o.Method.Step, f.step)
	}
	if own("size") && o.Method.Size != 0 && f.square {
		f.size = fmt.Sprint(o.Method.Size)
	}
	if f.steps < 1 {
		return o, usageError{fmt.Errorf("steps %d: give at least 1", f.steps)}
	}
	if f.step == 0 {
		return o, usageError{fmt.Errorf("step 0 moves nothing: give a length such as %g", ascent.BookStep)}
	}
	if f.seed == 0 {
		return o, usageError{fmt.Errorf("seed 0 stands for the default: give a number from 1 up")}
	}
	if f.start == "" || cmd.Flags().Changed("size") {
		height, width, err := parseSize(f.size)
		if err != nil {
			return o, usageError{err}
		}
		o.Height, o.Width = height, width
	}
	if f.start != "" {
		start, err := format.ReadNPY(f.start)
		if err != nil {
			return o, err
		}
		o.Start = start
	}
	return o, nil
}

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
	ctx, began := cmd.Context(), time.Now()
	net, err := loadModel(ctx, cmd, way)
	if err != nil {
		return err
	}
	defer net.Close()
	woken := 0 // picture-steps before the last try to wake filters
	target, err := f.target(net, filters)
	if err != nil {
		return err
	}
	target.Load = time.Since(began)
	bar, work := progress.New(f.layer, int64(len(filters)*f.steps), progress.Steps), len(filters)*f.steps
	options.Progress = func(p ascent.Progress) {
		if p.Total > work { // silent filters are tried again
			bar.Done()
			bar = progress.New(f.layer+", waking silent filters", int64(p.Total-p.Done+1), progress.Steps)
			work, woken = p.Total, p.Done-1
		}
		bar.Set(int64(p.Done - woken))
	}
	images := make([]image.Image, len(filters))
	var spoiled error
	options.Finished = func(first int, pictures *tensors.Tensor) {
		finished, err := options.Method.Images(pictures)
		copy(images[first:], finished)
		spoiled = errors.Join(spoiled, err)
	}
	result, err := ascent.Run(ctx, target, options)
	bar.Done()
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
	if f.scores && !result.Stopped {
		if scores, err = ascent.Rate(ctx, target, result); err != nil {
			return err
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

// objectiveFiles reads what objectives name.
var objectiveFiles = ascent.Files{
	Photo: picture.Open,
	Vector: func(path string) ([]float32, error) {
		vector, err := format.ReadNPY(path)
		if err != nil {
			return nil, err
		}
		return tensors.CopyFlatData[float32](vector)
	},
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

// write writes the files that were asked for, each complete or not at all.
func (f *ascendFlags) write(result *ascent.Result, scores []ascent.Score, made recipe.Recipe, img image.Image) error {
	if err := writeFile(f.out, func(w io.Writer) error { return recipe.Encode(w, img, made) }); err != nil {
		return err
	}
	if f.save != "" {
		pictures := result.Pictures
		if len(result.Filters) == 1 {
			flat, err := tensors.CopyFlatData[float32](pictures)
			if err != nil {
				return err
			}
			pictures = tensors.FromFlatDataAndDimensions(flat, pictures.Shape().Dimensions[1:]...) // [height, width, 3]
		}
		if err := writeFile(f.save, func(w io.Writer) error { return numpy.ToNpyWriter(pictures, w) }); err != nil {
			return err
		}
	}
	if f.tracePath != "" {
		return writeFile(f.tracePath, func(w io.Writer) error { return writeTrace(w, result, scores) })
	}
	return nil
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
		fmt.Fprintf(w, "%s %.4g before the first step, %.4g before the last\n", what, r.Loss[i][0], r.Loss[i][len(r.Loss[i])-1])
	}
	if dead := r.DeadFilters(); len(dead) > 0 && r.Fates[slices.Index(r.Filters, dead[0])].Life == ascent.Dead {
		fmt.Fprintf(w, "dead from this start, so the picture is only noise: %s filter %s\n", r.Layer, joinInts(dead))
	}
	reportFates(w, r)
	fmt.Fprintf(w, "%s: %s on %s; load %.2f s, compile %.2f s, ascent %.2f s\n", f.out, r.Options, r.Backend,
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
	median := func(of func(ascent.Score) float64) float64 {
		values := make([]float64, len(scores))
		for i, s := range scores {
			values[i] = of(s)
		}
		slices.Sort(values)
		return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
	}
	fmt.Fprintf(w, "activation %.4g, %.4g after shifting and blurring (%.0f %% kept), high frequencies %.0f %%, total variation %.3f (medians of %d)\n",
		median(func(s ascent.Score) float64 { return s.Activation }), median(func(s ascent.Score) float64 { return s.Robust }),
		100*median(ascent.Score.Kept), 100*median(func(s ascent.Score) float64 { return s.HighFrequency }),
		median(func(s ascent.Score) float64 { return s.TotalVariation }), len(scores))
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

// writeFile writes a file completely or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer file.Cleanup() //nolint:errcheck // after the rename there is nothing left to clean
	if err := write(file); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// checkWritable notices a directory that is not there, before minutes are spent on a picture for it.
func checkWritable(path string) error {
	if path == "" {
		return nil
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("writing %s: there is no folder %s: make it first", path, dir)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("writing %s: it is a folder: name a file", path)
	}
	return nil
}
