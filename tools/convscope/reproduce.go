// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
	"convscope/pkg/weights/format"
	"convscope/vgg16"
)

// newReproduceCommand makes "convscope reproduce": a saved picture, made again.
func newReproduceCommand() *cobra.Command {
	var out, start string
	cmd := &cobra.Command{
		Use:   "reproduce FILE.png",
		Short: "Make a saved picture again from the recipe inside it",
		Long: "reproduce makes the picture of a file that pattern or grid saved once more, with the same weights, knobs and ways of computing, and\n" +
			"compares the two: on the same machine, with the same device and versions, the new file is identical, byte for byte.",
		Example: "  convscope reproduce block3_conv1_0.png\n" +
			"  convscope reproduce old.png --device go --out check.png",
		Args: onePicture,
		RunE: func(cmd *cobra.Command, args []string) error {
			r := &reproduction{file: args[0], out: out, start: start}
			if r.out == "" {
				r.out = againPath(r.file)
			}
			return r.run(cmd)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the picture to write (default FILE_again.png)")
	cmd.Flags().StringVar(&start, "start", "", "the .npy file that it began from, when the recipe does not hold it")
	return cmd
}

// againPath is where the new picture goes when nobody says.
func againPath(path string) string {
	extension := filepath.Ext(path)
	if !strings.EqualFold(extension, ".png") {
		return path + "_again.png"
	}
	return strings.TrimSuffix(path, extension) + "_again" + extension
}

// reproduction is one run of the command.
type reproduction struct {
	file, out, start string
	recipe           recipe.Recipe
	original         *original
}

// run checks, makes the picture, writes it and compares.
func (r *reproduction) run(cmd *cobra.Command) error {
	options, way, err := r.prepare()
	if err != nil {
		return err
	}
	ctx, began := cmd.Context(), time.Now()
	net, err := loadModel(ctx, cmd, way)
	if err != nil {
		return err
	}
	defer net.Close()
	load := time.Since(began)
	bar := progress.New(r.recipe.Layer, int64(r.recipe.Work()), progress.Steps)
	options.Progress = func(p ascent.Progress) { bar.Set(int64(p.Done)) }
	result, made, err := net.Reproduce(ctx, r.recipe, options)
	bar.Done()
	if err != nil {
		return r.explain(err)
	}
	result.Time.Load = load
	images, err := result.Images()
	if err != nil {
		return err
	}
	img := made.Draw(images, result.Badges())
	if err := writeFile(r.out, func(w io.Writer) error { return recipe.Encode(w, img, made) }); err != nil {
		return err
	}
	return r.report(ctx, cmd.OutOrStdout(), result, made, img)
}

// prepare reads the file and finds out what can't work before anything is fetched or computed.
func (r *reproduction) prepare() (o ascent.Options, way vgg16.Convolution, err error) {
	if r.recipe, err = readRecipe(r.file); err != nil {
		return o, way, err
	}
	if r.original, err = readOriginal(r.file); err != nil { // before --out may put the new one in its place
		return o, way, err
	}
	if way, err = vgg16.ParseConvolution(r.recipe.Convolution); err != nil {
		return o, way, fmt.Errorf("%s: %w", r.file, err)
	}
	if !strings.Contains(r.recipe.Layer, ":") { // an objective is checked when it is read
		layer, err := vgg16.Find(r.recipe.Layer)
		if err == nil {
			err = layer.CheckFilters(r.recipe.Filters...)
		}
		if err == nil {
			err = layer.CheckSize(r.recipe.Height, r.recipe.Width)
		}
		if err != nil {
			return o, way, fmt.Errorf("%s: %w", r.file, err)
		}
	}
	if r.start != "" {
		if o.Start, err = format.ReadPictures(r.start); err != nil {
			return o, way, err
		}
	}
	if s := r.recipe.Start; s != nil {
		_, err = s.Tensor(o.Start)
	} else if o.Start != nil {
		err = fmt.Errorf("%w: it began from noise: leave --start away", recipe.ErrStart)
	}
	if err != nil {
		return o, way, r.explain(err)
	}
	return o, way, checkWritable(r.out)
}

// explain says of an error what the command line can do about it.
func (r *reproduction) explain(err error) error {
	if errors.Is(err, recipe.ErrStart) && r.start == "" {
		return fmt.Errorf("%s: %w: name its .npy file with --start", r.file, err)
	}
	return fmt.Errorf("%s: %w", r.file, err)
}

// report compares the new picture with the old one and says in a line or two what came out.
func (r *reproduction) report(ctx context.Context, w io.Writer, result *ascent.Result, made recipe.Recipe, img image.Image) error {
	if !slices.Equal(made.Taken, r.recipe.Taken) {
		return fmt.Errorf("stopped early, %s holds the picture so far: %w", r.out, context.Cause(ctx))
	}
	fmt.Fprintf(w, "%s: %s on %s; load %.2f s, compile %.2f s, ascent %.2f s\n", r.out, result.Options, result.Backend,
		result.Time.Load.Seconds(), result.Time.Compile.Seconds(), result.Time.Ascent.Seconds())
	same, err := r.original.compare(img, made)
	if err != nil {
		return fmt.Errorf("%s is written, but %s can't be compared with it: %w", r.out, r.file, err)
	}
	if same == identical {
		fmt.Fprintln(w, same)
		return nil
	}
	why := strings.Join(r.recipe.Differences(made), "; ")
	switch {
	case why != "":
	case same == identicalPixels:
		why = "another program wrote the file"
	default:
		why = "nothing in the recipe differs, so the processor or the number of its cores may, or the code of convscope"
	}
	fmt.Fprintf(w, "%s; %s\n", same, why)
	return nil
}
