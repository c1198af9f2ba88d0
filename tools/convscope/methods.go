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

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

// newMethodsCommand makes "convscope methods": what --method knows.
func newMethodsCommand() *cobra.Command {
	var layer, out, fit string
	var filter int
	cmd := &cobra.Command{
		Use:   "methods",
		Short: "List the methods, and draw one filter by each of them",
		Long: "methods lists the names that --method knows. With --out it makes the picture of one filter by each " +
			"of them, with the method's own size and steps,\n" +
			"and writes them side by side; that takes minutes.",
		Example: "  convscope methods\n  convscope methods --layer block4_conv1 --filter 3 --out methods.png",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if fit != "" && out != "" {
				return usageError{errors.New("choose: --fit measures photographs, --out draws a filter")}
			}
			table, err := openNetwork(cmd)
			if err != nil {
				return err
			}
			if err := table.chooseLayer(cmd, &layer, false); err != nil {
				return err
			}
			if err := table.checkFilters(layer, []int{filter}); err != nil {
				return err
			}
			if err := checkOutputs(cmd, []output{{flag: "--out", path: out, holds: "a PNG",
				bytes: figure}}); err != nil {
				return err
			}
			var photos *album.Album
			if fit != "" {
				var err error
				if photos, err = album.Open(fit); err != nil {
					return err
				}
			}
			w := words(cmd, out)
			for _, m := range ascent.Methods() {
				fmt.Fprintf(w, "%-9s %s\n", m.Name, m.About)
			}
			if photos != nil {
				return reportFit(cmd.Context(), w, photos)
			}
			if out == "" {
				return nil
			}
			return drawMethods(cmd, layer, filter, out)
		},
	}
	cmd.Flags().StringVar(&layer, "layer", "block4_conv1", "layer of VGG16")
	addWhole(cmd.Flags(), &filter, "filter", 0, "filter of the layer, from 0")
	cmd.Flags().StringVar(&fit, "fit", "", "find the magnitudes for --image maco in this folder of photographs")
	cmd.Flags().StringVar(&out, "out", "", "draw the filter by each method, into this .png file")
	return cmd
}

// fitSize is how large photographs are for a fit, in pixels.
const fitSize = 256

// reportFit says how to use a folder's magnitudes.
func reportFit(ctx context.Context, w io.Writer, photos *album.Album) error {
	pieces := 0
	law, err := ascent.FitMaCo(func(yield func([]float32) bool) {
		for piece := range levelsOf(ctx, photos, fitSize, fitSize) {
			pieces++
			if !yield(piece) {
				return
			}
		}
	}, fitSize, fitSize)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", photos.Dir, err)
	}
	fmt.Fprintf(w, "\nfor %d pieces of photographs: --image %s\n", pieces, relative(law))
	return nil
}

// relative is a law in three digits, its levels in parts of the largest: only their ratios count.
func relative(law ascent.MaCo) ascent.MaCo {
	most := max(law.Level[0], law.Level[1], law.Level[2])
	for c := range law.Level {
		law.Level[c], law.Slope[c] = digits(law.Level[c]/most), digits(law.Slope[c])
	}
	return law
}

// digits rounds to three digits.
func digits(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		panic(err) // it was just written
	}
	return rounded
}

// drawMethods writes the strip.
func drawMethods(cmd *cobra.Command, layer string, filter int, out string) error {
	net, err := loadModel(cmd.Context(), cmd)
	if err != nil {
		return err
	}
	defer net.Close()
	target, err := net.Channels(layer, filter)
	if err != nil {
		return err
	}
	var images []image.Image
	var captions []string
	for _, m := range ascent.Methods() {
		bar := progress.New(m.Name, int64(max(m.Steps, ascent.BookSteps)), progress.Steps)
		result, err := ascent.Run(cmd.Context(), target, ascent.Options{Method: m.Method,
			Progress: func(p ascent.Progress) { bar.Set(int64(p.Done)) }, Every: climbBarTime})
		bar.Done()
		if err != nil {
			return err
		}
		if result.Stopped && len(result.Loss[0]) == 0 {
			break
		}
		made, err := result.Images()
		if err != nil {
			return err
		}
		images = append(images, picture.Fit(made[0], ascent.BookSize))
		captions = append(captions, fmt.Sprintf("%s, %.1f s", m.Name, result.Time.Ascent.Seconds()))
		if result.Stopped {
			captions[len(captions)-1] += ", stopped"
			break
		}
	}
	cause := context.Cause(cmd.Context())
	if len(images) == 0 {
		return cause
	}
	err = file.Write(out, func(w io.Writer) error { return png.Encode(w, picture.Strip(images, captions)) })
	if err == nil && cause != nil {
		return fmt.Errorf("stopped early, %s holds the pictures so far: %w", out, cause)
	}
	return err
}
