// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/device"
	"convscope/pkg/example"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// newExamplesCommand makes "convscope examples": what in photographs excites filters.
func newExamplesCommand() *cobra.Command {
	var e examples
	cmd := &cobra.Command{
		Use:   "examples",
		Short: "Find the pieces of your photographs that excite filters most",
		Long: "examples shows all photographs in a folder, and in the folders in it, to the network, and draws for a\n" +
			"filter the pieces that excite it most, one from each photograph, the strongest first. It lists " +
			"them, and says in how\n" +
			"many of the photographs the filter fires at all. Several filters make a sheet, a row each. With --map a second\n" +
			"row shows where in the whole photographs the filter answers.",
		Example: "  convscope examples --layer block4_conv1 --filter 17 --photos ~/Pictures\n" +
			"  convscope examples --layer block3_conv1 --filters 0-15 --photos ~/Pictures --count 6 --out sheet.png\n" +
			"  convscope examples --model my.keras --layer conv2d_3 --filter 7 --photos ~/Pictures --scale 0.5,1,2 --map",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&e.photos, "photos", "", "the folder with the photographs: PNG, JPEG, GIF or WebP files")
	flags.StringVar(&e.layer, "layer", "block3_conv1",
		"layer of VGG16, block1_conv1 to block5_pool, or one that convscope layers lists")
	addWhole(flags, &e.filter, "filter", 0, "filter of the layer, from 0")
	flags.StringVar(&e.filters, "filters", "", "several filters, such as 0-15 or 0,3,8-11")
	addWhole(flags, &e.options.Count, "count", 9, "how many pieces each filter has at most")
	addWhole(flags, &e.options.PerPhoto, "per-photo", 1, "how many of them may come from one photograph")
	flags.StringVar(&e.scales, "scale", "1",
		"sizes at which the photographs are looked at, in parts of the network's own, such as 0.5,1,2")
	addWhole(flags, &e.options.Size, "size", 128, "side of the pieces in the picture, in pixels")
	flags.BoolVar(&e.maps, "map", false, "draw the filter's activation over the whole photographs too")
	flags.StringVar(&e.out, "out", "", "the picture to write (default LAYER_FILTER_examples.png or LAYER_examples.png)")
	return cmd
}

// examples is one run of the command.
type examples struct {
	photos, layer, filters, scales, out string
	filter                              int
	maps                                bool
	options                             example.Options
}

// read turns the flags into options.
func (e *examples) read(cmd *cobra.Command) error {
	if e.photos == "" {
		return errors.New("which photographs? name their folder, such as --photos ~/Pictures")
	}
	e.options.Filters = []int{e.filter}
	if e.filters != "" {
		if cmd.Flags().Changed("filter") {
			return errors.New("--filter or --filters: give one of them")
		}
		var err error
		if e.options.Filters, err = parseFilters(e.filters); err != nil {
			return err
		}
	}
	e.options.Scales = nil
	for part := range strings.SplitSeq(e.scales, ",") {
		scale, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return fmt.Errorf("scale %q: %q is no number: write such as 1 or 0.5,1,2", e.scales, part)
		}
		e.options.Scales = append(e.options.Scales, scale)
	}
	const most = 2048 // pixels
	switch {
	case e.options.Count < 1 || e.options.PerPhoto < 1:
		return fmt.Errorf("count %d, per-photo %d: give at least 1", e.options.Count, e.options.PerPhoto)
	case e.options.Size < 1 || e.options.Size > most:
		return fmt.Errorf("size %d: give 1 to %d pixels", e.options.Size, most)
	}
	if err := e.options.Check(); err != nil {
		return err
	}
	size := example.SheetSize(e.rows(), e.options.Count, e.options.Size)
	if err := picture.CheckSize(size.Y, size.X); err != nil {
		return fmt.Errorf("%d filters with %d pieces of %d pixels: %w",
			len(e.options.Filters), e.options.Count, e.options.Size, err)
	}
	return nil
}

// rows are those of the sheet.
func (e *examples) rows() int {
	if e.maps {
		return 2 * len(e.options.Filters)
	}
	return len(e.options.Filters)
}

// check finds out what can't be before anything is computed, and names the output.
func (e *examples) check(cmd *cobra.Command) error {
	if err := e.read(cmd); err != nil {
		return usageError{err}
	}
	table, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	if err := table.chooseLayer(cmd, &e.layer, false); err != nil {
		return err
	}
	if err := table.checkFilters(e.layer, e.options.Filters); err != nil {
		return err
	}
	layer, err := table.Find(e.layer)
	if err != nil {
		return usageError{err}
	}
	height, width := table.OwnSize()
	for _, scale := range e.options.Scales {
		h, w := int(float64(height)*scale+0.5), int(float64(width)*scale+0.5)
		if err := layer.CheckSize(h, w); err != nil {
			return usageError{fmt.Errorf("scale %g: %w", scale, err)}
		}
		if err := layer.CheckMemory(1, h, w, device.HostMemory()); err != nil {
			return fmt.Errorf("scale %g: %w", scale, err)
		}
	}
	if e.out == "" {
		e.out = fileName(e.layer)
		if len(e.options.Filters) == 1 {
			e.out += fmt.Sprintf("_%d", e.options.Filters[0])
		}
		e.out += "_examples.png"
	}
	out := output{flag: "--out", path: e.out, holds: "a PNG", bytes: figure}
	return checkOutputs(cmd, []output{out}, inFolder("--photos", e.photos)...)
}

func (e *examples) run(cmd *cobra.Command) error {
	if err := e.check(cmd); err != nil {
		return err
	}
	photos, err := album.Open(e.photos)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	net, err := loadModel(ctx, cmd)
	if err != nil {
		return err
	}
	defer net.Close()
	found, err := net.ExamplesOf(ctx, photos, []string{e.layer}, e.options)
	if err != nil {
		return err
	}
	if err := found[0].Cut(ctx, photos, e.options.Size, e.options.Filters...); err != nil {
		return err
	}
	sheet, err := e.sheet(ctx, net, photos, found[0])
	if err != nil {
		return err
	}
	if err := file.Write(e.out, func(w io.Writer) error { return png.Encode(w, sheet) }); err != nil {
		return err
	}
	e.report(words(cmd, e.out), found[0])
	return nil
}

// sheet draws the pieces, and the maps below them.
func (e *examples) sheet(ctx context.Context, net *network.Model, photos *album.Album, found *example.Result) (
	image.Image, error) {
	var rows [][]image.Image
	for _, filter := range e.options.Filters {
		rows = append(rows, found.Filters[filter].Tiles(e.options.Size))
		if !e.maps {
			continue
		}
		var maps []image.Image
		for _, one := range found.Filters[filter].Examples {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			drawn, err := e.drawMap(net, photos, one, filter)
			if err != nil {
				return nil, err
			}
			maps = append(maps, example.Tile(drawn, e.options.Size))
		}
		rows = append(rows, maps)
	}
	return example.Sheet(rows, e.options.Size), nil
}

// drawMap lays a filter's activation over the photograph of an example, and a box around its piece.
func (e *examples) drawMap(net *network.Model, photos *album.Album, one example.Example, filter int) (
	image.Image, error) {
	photo, err := photos.Photo(one.Photo)
	if err != nil {
		return nil, err
	}
	answers, err := net.ActivationMap(photo, e.layer, filter, one.Scale)
	if err != nil {
		return nil, err
	}
	seen, own := answers.Photo.Bounds().Size(), photo.Bounds().Size()
	box := image.Rect(one.Place.Min.X*seen.X/own.X, one.Place.Min.Y*seen.Y/own.Y,
		(one.Place.Max.X*seen.X+own.X-1)/own.X, (one.Place.Max.Y*seen.Y+own.Y-1)/own.Y)
	return picture.Box(answers.Overlay(picture.Turbo, 0), box), nil
}

// report lists the pieces.
func (e *examples) report(w io.Writer, found *example.Result) {
	for _, filter := range e.options.Filters {
		f := found.Filters[filter]
		fmt.Fprintf(w, "%s filter %d: fires in %.1f %% of %s\n",
			progress.Printable(e.layer), filter, 100*f.Fires, english.Plural(found.Photos, "photograph", ""))
		for i, one := range f.Examples {
			at := ""
			if len(e.options.Scales) > 1 {
				at = fmt.Sprintf(", at scale %g", one.Scale)
			}
			fmt.Fprintf(w, "%4d  %.5g  %s, %dx%d pixels at (%d, %d)%s\n", i+1, one.Activation, progress.Printable(one.Photo),
				one.Place.Dy(), one.Place.Dx(), one.Place.Min.X, one.Place.Min.Y, at)
		}
	}
	if len(found.Skipped) > 0 {
		fmt.Fprintf(w, "%s passed over\n", english.Plural(len(found.Skipped), "photograph", ""))
	}
	fmt.Fprintln(w, progress.Printable(e.out))
}
