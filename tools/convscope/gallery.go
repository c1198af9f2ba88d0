// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/gallery"
	"convscope/pkg/network"
)

// newGalleryCommand makes "convscope gallery": a page for every filter of a network.
func newGalleryCommand() *cobra.Command {
	var flags galleryFlags
	cmd := &cobra.Command{
		Use:   "gallery",
		Short: "Make a page for every filter of a network, or go on with one",
		Long: "gallery makes a folder of plain files that opens by a double click on index.html: the network as a " +
			"map of its layers, each layer\n" +
			"as a wall of patterns, and a page for each filter. Given again, the same command goes on with what is " +
			"there; Ctrl-C loses at most\n" +
			"one batch of pictures. The whole of VGG16 takes hours on a laptop: plan, work and merge share the " +
			"work between machines.",
		Example: "  convscope gallery --out gallery --layers block3_conv1,block4_conv1 --size 96\n" +
			"  convscope gallery --out mine --model my.keras --methods book,crisp --photos ~/Pictures",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.make(cmd) },
	}
	flags.add(cmd)
	cmd.SuggestionsMinimumDistance = 2 // letters
	cmd.AddCommand(newGalleryPlanCommand(), newGalleryWorkCommand(), newGalleryMergeCommand())
	return cmd
}

// newGalleryPlanCommand makes "convscope gallery plan".
func newGalleryPlanCommand() *cobra.Command {
	var flags galleryFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Write down what a gallery is to hold, for several machines to make",
		Long: "plan writes what a gallery is to hold into its folder, and says in how many shards the work is cut. " +
			"It computes nothing.\n" +
			"Then convscope gallery work does the shards, on any machines that see the folder, and convscope " +
			"gallery merge makes the pages.",
		Example: "  convscope gallery plan --out /shared/gallery --size 96",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return flags.plan(cmd) },
	}
	flags.add(cmd)
	return cmd
}

// galleryFlags are the flags that say what a gallery holds.
type galleryFlags struct {
	out, photos     string
	layers, methods []string
	gallery.Options
}

// add defines the flags on a command.
func (f *galleryFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "the gallery's folder")
	flags.StringArrayVar(&f.layers, "layers", []string{"all"},
		"layers with commas between them, or all for all convolutions; may be given more than once")
	flags.StringArrayVar(&f.methods, "methods", []string{"book"},
		"how pictures are made: names that convscope methods lists, with commas between them, and after each\nparts "+
			"that differ: book,crisp,steps=200; may be given more than once")
	addWhole(flags, &f.Size, "size", gallery.UsualSize, "side of the pictures in pixels")
	flags.StringVar(&f.photos, "photos", "", "folder of photographs, to show pieces that excite the filters")
	addWhole(flags, &f.Seeds, "seeds", 1, "from how many starts each pattern is made")
	flags.BoolVar(&f.Negative, "negative", false, "make pictures, too, of what a filter answers to least")
	flags.BoolVar(&f.Large, "large", false, "make each pattern in twice the size, too")
	addWhole(flags, &f.Shard, "shard-size", gallery.UsualShard, "how many filters are one piece of work")
	addWhole(flags, &f.Batch, "batch", gallery.UsualBatch,
		"how many pictures climb at once: rounding depends on it, and memory; 32 suits graphics cards")
}

// read turns the flags into options, and finds out what can't work before anything is computed.
func (f *galleryFlags) read(cmd *cobra.Command) (gallery.Options, error) {
	o := f.Options
	if f.out == "" {
		return o, usageError{errors.New("name the gallery's folder with --out")}
	}
	for name, value := range map[string]int{"size": o.Size, "seeds": o.Seeds, "shard-size": o.Shard, "batch": o.Batch} {
		if value < 1 {
			return o, usageError{fmt.Errorf("--%s %d: give a whole number from 1 up", name, value)}
		}
	}
	table, err := openNetwork(cmd)
	if err != nil {
		return o, err
	}
	for _, text := range f.layers {
		chosen := gallery.SplitLayers(table.Table, text)
		if chosen == nil && len(f.layers) > 1 {
			return o, usageError{errors.New("--layers all has all layers: leave the others out")}
		}
		o.Layers = append(o.Layers, chosen...)
	}
	for _, text := range f.methods {
		o.Methods = append(o.Methods, gallery.SplitMethods(text)...)
	}
	if err := o.Check(table.Table); err != nil {
		return o, usageError{err}
	}
	for _, in := range append(ownInputs(cmd), input{"--photos", f.photos}) {
		if in.path != "" && filepath.Clean(in.path) == filepath.Clean(f.out) {
			return o, usageError{fmt.Errorf("--out %s: it is what %s names: choose another folder", f.out, in.flag)}
		}
	}
	if f.photos != "" {
		if o.Photos, err = f.hash(cmd.Context()); err != nil {
			return o, err
		}
	}
	return o, gallery.Check(f.out, o, table.Table)
}

// hash tells the photographs from others.
func (f *galleryFlags) hash(ctx context.Context) (string, error) {
	photos, err := album.Open(f.photos)
	if err != nil {
		return "", err
	}
	folders := map[string]bool{f.photos: true}
	for _, path := range photos.Paths() {
		folders[filepath.Dir(path)] = true
	}
	out := resolved(f.out)
	for folder := range folders { // the album follows links
		if from := resolved(folder); lies(out, from) || lies(from, out) {
			return "", usageError{fmt.Errorf("--out %s: it lies in the folder of the photographs, or they in it, and "+
				"its pictures would be taken for some: choose another folder", f.out)}
		}
	}
	return photos.Hash(ctx)
}

// lies says that a path is in a folder, or the folder itself.
func lies(path, folder string) bool {
	inside, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(inside)
}

// resolved is a path without links; what is not there yet has none.
func resolved(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent, name := filepath.Split(path)
	if name == "" {
		return path
	}
	return filepath.Join(resolved(filepath.Clean(parent)), name)
}

// make makes a gallery, or goes on with one.
func (f *galleryFlags) make(cmd *cobra.Command) error {
	options, err := f.read(cmd)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	net, err := loadModel(ctx, cmd)
	if err != nil {
		return err
	}
	defer net.Close()
	if _, err := f.create(net, options); err != nil {
		return err
	}
	failed := workOn(ctx, net, f.out, gallery.WorkOptions{Photos: f.photos, Of: 1})
	if failed != nil && !errors.Is(failed, ascent.ErrDiverged) {
		return failed
	}
	return errors.Join(merge(cmd, net, f.out), failed)
}

// create plans the gallery and makes its folder, or finds the same plan there.
func (f *galleryFlags) create(net *network.Model, options gallery.Options) (gallery.Plan, error) {
	plan, err := gallery.New(net, options)
	if err == nil {
		err = gallery.Create(f.out, plan)
	}
	return plan, err
}

// plan writes the plan, and where the network lies.
func (f *galleryFlags) plan(cmd *cobra.Command) error {
	options, err := f.read(cmd)
	if err != nil {
		return err
	}
	net, err := loadForHost(cmd)
	if err != nil {
		return err
	}
	defer net.Close()
	plan, err := f.create(net, options)
	if err != nil {
		return err
	}
	source, err := f.source(cmd)
	if err == nil {
		err = source.Write(f.out)
	}
	if err != nil {
		return err
	}
	shards := len(plan.Shards())
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s of %s, %s: 0 to %d\n", progress.Printable(f.out),
		english.Plural(plan.Filters(), "filter", ""), english.Plural(len(plan.Layers), "layer", ""),
		english.Plural(shards, "shard", ""), shards-1)
	return err
}

// source says where the network and the photographs lie.
func (f *galleryFlags) source(cmd *cobra.Command) (s gallery.Source, err error) {
	table, err := openNetwork(cmd)
	if err != nil {
		return s, err
	}
	o := table.options
	s = gallery.Source{Model: o.Model, Input: o.Input, Classes: o.Classes, Photos: f.photos}
	paths := []*string{&s.Classes, &s.Photos, &s.Weights}
	if _, builtIn := o.BuiltIn(); !builtIn {
		paths = append(paths, &s.Model)
	}
	chosen, err := readChoices(cmd)
	if err != nil {
		return s, err
	}
	s.Weights, s.WeightsInput = chosen.weights, chosen.input
	for _, path := range paths {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return s, err
		}
	}
	return s, nil
}

// loadForHost loads the model where its table and weights are enough: no other device is started.
func loadForHost(cmd *cobra.Command) (*network.Model, error) {
	if err := cmd.Flags().Set("device", string(device.Go)); err != nil {
		return nil, err
	}
	return loadModel(cmd.Context(), cmd)
}

// workOn does one's own part of a gallery with a bar.
func workOn(ctx context.Context, net *network.Model, dir string, o gallery.WorkOptions) error {
	const whole = 1000
	var bar progress.Bar
	o.Progress = func(share float64) {
		if bar == nil { // after all that could be refused
			bar = progress.New("gallery", whole, progress.Share)
		}
		bar.Set(int64(share * whole))
	}
	o.Report = progress.Line
	err := gallery.Work(ctx, net, dir, o)
	if bar != nil {
		bar.Done()
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("stopped early, %s holds what was done: the same command goes on: %w", dir, context.Cause(ctx))
	}
	return err
}

// merge builds the pages and says what is there.
func merge(cmd *cobra.Command, net *network.Model, dir string) error {
	report, err := gallery.Merge(cmd.Context(), net, dir)
	if err != nil {
		return err
	}
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%s: %d of %s\n", progress.Printable(filepath.Join(dir, "index.html")), report.Done,
		english.Plural(report.Filters, "filter", ""))
	if len(report.Missing) > 0 {
		fmt.Fprintf(w, "missing: %d of %s: %s\n", len(report.Missing), english.Plural(report.Shards, "shard", ""),
			progress.Printable(report.String()))
	}
	if len(report.Backends) > 1 {
		fmt.Fprintf(w, "made by %s, so that pictures can differ by rounding\n",
			progress.Printable(strings.Join(report.Backends, " and ")))
	}
	return nil
}
