// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
	"convscope/pkg/weights/format"
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
	method, objective    string
	parts                map[string]*string // of the method, by the names that ascent.Method.Set knows
	rescue, scores       bool
	fewer                bool   // filters, if the layer has no more
	photos               string // folder, for the scores
}

// methodFlags are the parts of a method that have flags of their own.
var methodFlags = [][2]string{
	{"image", "what the picture is made of: pixels, fourier, pyramid, cppn or maco"},
	{"color", "its colours: as-is, squashed, decorrelated or gray"},
	{"feed", "how the network gets it: raw, as the book does, or as a photo"},
	{"transforms", "what it is seen through, with + between: lucid, xplique, none, pad:N, jitter:N, scale:A:B, " +
		"rotate:A:B, flip, blur:A:B, crops:N:SIZE:A:B, noise:D"},
	{"border", "positions of the layer's output that don't count at each side"},
	{"regularizers", "what is taken off the loss, with + between: tv:WEIGHT, norm:WEIGHT:P:LEVEL, blur:WEIGHT:DEVIATION"},
	{"optimizer", "rms, l2, adam, nadam or rmsprop:KEEP:MOMENTUM"},
	{"octaves", "in how many sizes pixels grow"},
	{"show-channels", "which channels of the pictures are shown, from 0, such as 3,2,1: one in gray, " +
		"three as red, green and blue, others side by side, as all are of networks whose pictures have " +
		"neither one nor three"},
}

// add defines the flags on a command.
func (f *ascendFlags) add(cmd *cobra.Command, layer string, size int) {
	flags := cmd.Flags()
	flags.StringVar(&f.method, "method", "book",
		"how the picture is made: a name that convscope methods lists, and parts that differ, such as crisp,steps=200")
	flags.StringVar(&f.objective, "objective", "",
		"climb this instead of a filter, such as \"channel:block4_conv3:12 - channel:block4_conv3:40\"")
	f.parts = make(map[string]*string)
	for _, part := range methodFlags {
		f.parts[part[0]] = flags.String(part[0], "", part[1]+" (default: the method's)")
	}
	flags.BoolVar(&f.rescue, "rescue", true, "wake silent filters; --rescue=false leaves them dead, as the book does")
	flags.BoolVar(&f.scores, "scores", false, "say how good the pictures are: activation, what shifting and "+
		"blurring leave of it, high frequencies")
	flags.StringVar(&f.photos, "photos", "",
		"with --scores: folder of photographs that the activations are compared with")
	flags.StringVar(&f.layer, "layer", layer, "layer of VGG16, block1_conv1 to block5_pool, or one that "+
		"convscope layers lists")
	flags.StringVar(&f.size, "size", fmt.Sprint(size),
		"pixels, such as 150, or HEIGHTxWIDTH, such as 101x83; with --start its size")
	addWhole(flags, &f.steps, "steps", ascent.BookSteps, "how many steps uphill")
	addReal(flags, &f.step, "step", ascent.BookStep, "length of a step, in gray levels")
	addSeed(flags, &f.seed, ascent.BookSeed, "chooses the noise to start from")
	flags.StringVar(&f.start, "start", "", "start from this .npy file, such as --save writes: [height, width, 3], "+
		"or [filters, height, width, 3]")
	flags.StringVar(&f.out, "out", "", "the picture to write (default LAYER_FILTER.png or LAYER.png)")
	flags.StringVar(&f.save, "save", "", "write the final float pictures to this .npy file")
	flags.StringVar(&f.tracePath, "trace", "", "write losses, dead filters and times to this .json file")
}

// options turns the flags into the ascent's options.
func (f *ascendFlags) options(cmd *cobra.Command) (ascent.Options, error) {
	o := ascent.Options{NoRescue: !f.rescue, Steps: f.steps, Step: f.step, Seed: f.seed, Batch: f.batch,
		Fixed: f.square && f.batch > 0}
	var err error
	if o.Method, err = ascent.ParseMethod(f.method); err != nil {
		return o, usageError{err}
	}
	for _, part := range methodFlags {
		flag := part[0]
		value, given := *f.parts[flag], cmd.Flags().Changed(flag)
		if flag == feedFlag {
			part[0] = "input"
			if old := inputAsFeed(cmd); old != "" {
				value, given = old, true
			}
		}
		if !given {
			continue
		}
		if flag == "show-channels" {
			part[0], value = "show", strings.ReplaceAll(value, ",", ":")
		}
		if err := o.Method.Set(part[0], value); err != nil {
			if flag != part[0] {
				err = fmt.Errorf("--%s: %w", flag, err)
			}
			return o, usageError{err}
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
	if err := checkClimb(f.steps, f.step); err != nil {
		return o, err
	}
	if f.start == "" || cmd.Flags().Changed("size") {
		height, width, err := parseSize(f.size)
		if err != nil {
			return o, usageError{err}
		}
		o.Height, o.Width = height, width
	}
	if f.start != "" {
		start, err := format.ReadPictures(f.start)
		if err != nil {
			return o, err
		}
		o.Start = start
	}
	return o, nil
}

const (
	// maxSteps is a year's climb.
	maxSteps = 1 << 30
	// leastStep is the length of a step that float32 still notices in gray levels.
	leastStep = 1e-6
)

// checkClimb returns an error for steps that lead nowhere.
func checkClimb(steps int, step float64) error {
	if steps < 1 || steps > maxSteps {
		return usageError{fmt.Errorf("steps %d: give at least 1, at most %d", steps, maxSteps)}
	}
	if !(math.Abs(step) >= leastStep) {
		return usageError{fmt.Errorf("step %g moves nothing: give a length such as %g", step, ascent.BookStep)}
	}
	return nil
}

// readObjective reads an objective and the files that it names.
func readObjective(text string) (objective ascent.Objective, read []input, err error) {
	objective, err = ascent.ParseObjective(text, ascent.Files{
		Photo: func(path string) (image.Image, error) {
			read = append(read, input{"--objective", path})
			return picture.Open(path)
		},
		Vector: func(path string) ([]float32, error) {
			read = append(read, input{"--objective", path})
			return readVector(path)
		},
	})
	return objective, read, err
}
