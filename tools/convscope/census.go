// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/spf13/cobra"

	"convscope/pkg/album"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
)

// newCensusCommand makes "convscope census": the fate of every filter.
func newCensusCommand() *cobra.Command {
	var c census
	var filters string
	cmd := &cobra.Command{
		Use:   "census",
		Short: "Find out which filters are alive, which can be woken, and which are inert",
		Long: "census makes a picture for every filter of a layer, or of the whole network, waking those that are " +
			"silent, and writes a table with a line\n" +
			"for each layer, and a .csv file with one for each filter. With --photos it says how many pictures " +
			"excite their filter more than\n" +
			"95 % of the photographs do. Each filter climbs a quarter of the steps; those that don't get so far " +
			"climb again, all of them. The whole network at\n" +
			"150 pixels takes more than an hour; Ctrl-C keeps the layers that are done.",
		Example: "  convscope census --layer block5_conv3 --size 64\n" +
			"  convscope census --layer all --photos ~/Pictures --out census.md",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if filters != everyFilter {
				chosen, err := parseFilters(filters)
				if err != nil {
					return usageError{err}
				}
				c.filters = chosen
			}
			return c.run(cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&c.layer, "layer", "block5_conv3",
		"layer of VGG16, or one that convscope layers lists, or all for all convolutions")
	flags.StringVar(&filters, "filters", everyFilter, "filters of each layer, such as 0-63, or all")
	flags.StringVar(&c.size, "size", "150", "pixels, such as 150, or HEIGHTxWIDTH")
	addWhole(flags, &c.steps, "steps", ascent.BookSteps, "how many steps uphill at most")
	addReal(flags, &c.step, "step", ascent.BookStep, "length of a step, in gray levels")
	addSeed(flags, &c.seed, ascent.BookSeed, "chooses the noise to start from")
	flags.StringVar(&c.photos, "photos", "", "folder of photographs to compare with")
	flags.StringVar(&c.out, "out", "census.md", "the table to write; filters go to the same name with .csv")
	return cmd
}

// census is one run of the command.
type census struct {
	layer, size, photos, out string
	filters                  []int
	steps                    int
	step                     float64
	seed                     uint64
}

// everyFilter stands for all filters of a layer.
const everyFilter = "all"

// starts is on how many noise pictures a filter must be silent to count as dead for the book.
const starts = 3

// quantile is the part of the photographs that a picture is to beat.
const quantile = 0.95

func (c *census) run(cmd *cobra.Command) error {
	height, width, err := parseSize(c.size)
	if err != nil {
		return usageError{err}
	}
	if c.step < 0 {
		return usageError{fmt.Errorf("step %g goes downhill: give a length such as %g", c.step, ascent.BookStep)}
	}
	if err := checkClimb(c.steps, c.step); err != nil {
		return err
	}
	if err := (ascent.Options{Height: height, Width: width, Steps: c.steps, Step: c.step}).Check(1); err != nil {
		return usageError{err}
	}
	known, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	if c.layer != "all" {
		if err := known.chooseLayer(cmd, &c.layer, true); err != nil {
			return err
		}
	}
	layers, err := c.layers(known, height, width)
	if err != nil {
		return err
	}
	outputs := []output{{flag: "--out", path: c.out, holds: "a table"},
		{flag: "the file of the filters", path: c.csv(), holds: "numbers"}}
	if err := checkOutputs(cmd, outputs, inFolder("--photos", c.photos)...); err != nil {
		return err
	}
	var photos *album.Album
	if c.photos != "" {
		if photos, err = album.Open(c.photos); err != nil {
			return err
		}
	}
	ctx := cmd.Context()
	net, err := loadModel(ctx, cmd)
	if err != nil {
		return err
	}
	defer net.Close()
	var means [][][]float32 // on the photographs, by layer
	if photos != nil {
		names := make([]string, len(layers))
		for i, layer := range layers {
			names[i] = layer.Name
		}
		if means, err = meansOf(ctx, photos, net, height, width, names...); err != nil {
			return err
		}
	}
	var all []citizen
	var table strings.Builder
	fmt.Fprintf(&table, "%dx%d px, at most %d steps of %g, seed %d%s\n\n",
		height, width, c.steps, c.step, c.seed, photosNote(means))
	table.WriteString("| layer | filters | dead for the book | alive | rescued | inert, proven | inert, all tried | " +
		"firing at the end | above the photographs' 95 % | minutes |\n")
	table.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	began := time.Now()
	for i, layer := range layers {
		start := time.Now()
		var beaten []float32
		if means != nil {
			beaten = quantiles(means[i])
		}
		citizens, err := c.visit(ctx, net, layer, height, width, beaten)
		if err != nil {
			return err
		}
		if citizens == nil {
			break // interrupted
		}
		all = append(all, citizens...)
		line := summary(layer.Name, citizens, time.Since(start))
		if len(layers) > 1 && layer.Name == layers[len(layers)-1].Name {
			line += summary("all", all, time.Since(began))
		}
		table.WriteString(line)
		fmt.Fprint(words(cmd, c.out), line)
		if err := c.write(table.String(), all); err != nil { // after each layer, so that hours are not lost
			return err
		}
	}
	switch {
	case ctx.Err() == nil:
		return nil
	case len(all) == 0:
		return fmt.Errorf("stopped early, before the first layer was done, so nothing was written: %w",
			context.Cause(ctx))
	}
	return fmt.Errorf("stopped early, %s holds the layers so far: %w", c.out, context.Cause(ctx))
}

// layers are those to visit, checked.
func (c *census) layers(table *opened, height, width int) ([]network.Layer, error) {
	var layers []network.Layer
	if c.layer == "all" {
		layers = table.kernels()
	} else {
		layer, err := table.Find(c.layer)
		if err != nil {
			return nil, usageError{err}
		}
		layers = []network.Layer{layer}
	}
	for _, layer := range layers {
		if err := table.checkSize(layer.Name, ascent.Method{}, height, width); err != nil {
			return nil, err
		}
		if err := layer.CheckFilters(c.filters...); err != nil {
			return nil, usageError{err}
		}
	}
	return layers, nil
}

// visit makes a layer's pictures; nil when it was interrupted. beaten are the filters' quantiles on photographs, if
// there are any.
func (c *census) visit(ctx context.Context, net *network.Model, layer network.Layer, height, width int,
	beaten []float32) ([]citizen, error) {
	var filters []int
	for filter := range layer.Filters {
		if c.filters == nil || slices.Contains(c.filters, filter) {
			filters = append(filters, filter)
		}
	}
	silent, err := c.silent(net, layer, height, width)
	if err != nil {
		return nil, err
	}
	citizens := make(map[int]citizen)
	// The silent ones first: batches of them alone end at once.
	left := slices.DeleteFunc(slices.Clone(filters), func(filter int) bool { return !silent[filter] })
	left = append(left, slices.DeleteFunc(slices.Clone(filters), func(filter int) bool { return silent[filter] })...)
	for _, steps := range slices.Compact([]int{max(c.steps/4, 1), c.steps}) {
		if len(left) == 0 {
			break
		}
		options := ascent.Options{Height: height, Width: width, Steps: steps, Step: c.step, Seed: c.seed}
		target, err := net.Channels(layer.Name, left...)
		if err != nil {
			return nil, err
		}
		bar := newClimbBar(layer.Name, len(left), steps)
		options.Progress, options.Every = bar.step, climbBarTime
		result, err := ascent.Run(ctx, target, options)
		bar.done()
		if err != nil || result.Stopped {
			return nil, err
		}
		left = nil
		for i, filter := range result.Filters {
			one := citizen{
				layer: layer.Name, filter: filter, bookDead: silent[filter], fate: result.Fates[i],
				photos: -1, steps: steps, activation: result.Loss[i][steps-1],
			}
			if beaten != nil {
				one.photos = beaten[filter]
			}
			citizens[filter] = one
			if !one.fate.Proven && one.activation <= max(one.photos, 0) {
				left = append(left, filter)
			}
		}
	}
	ordered := make([]citizen, len(filters))
	for i, filter := range filters {
		ordered[i] = citizens[filter]
	}
	return ordered, nil
}

// silent says which filters answer to none of the book's starts.
func (c *census) silent(net *network.Model, layer network.Layer, height, width int) ([]bool, error) {
	silent := make([]bool, layer.Filters)
	if !layer.Silent {
		return silent, nil
	}
	channels := net.PictureChannels()
	noise := make([]float32, starts*height*width*channels)
	for i := range starts {
		ascent.Noise(noise[i*height*width*channels:(i+1)*height*width*channels], c.seed+uint64(i), 0)
	}
	responses, err := net.Responses(tensors.FromFlatDataAndDimensions(noise, starts, height, width, channels),
		false, layer.Name)
	if err != nil {
		return nil, err
	}
	for filter := range silent {
		silent[filter] = true
		for _, mean := range responses[0].Mean {
			silent[filter] = silent[filter] && mean[filter] == 0
		}
	}
	return silent, nil
}
