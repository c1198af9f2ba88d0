// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"image"
	"image/png"
	"io"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
)

// newHeatmapCommand makes "convscope heatmap": where in a photo a class is seen.
func newHeatmapCommand() *cobra.Command {
	var h heatmapFlags
	cmd := &cobra.Command{
		Use:   "heatmap",
		Short: "Show where in a photo the network sees a class",
		Long: "heatmap lays a class activation heatmap over a photo: red where a layer speaks for the class. Where " +
			"it speaks for it nowhere, the map is drawn signed, blue\n" +
			"for against, and a line says so.",
		Example: "  convscope heatmap --image cat.jpg --class cat\n" +
			"  convscope heatmap --image cat.jpg --class tabby --classifier imagenet --layer " +
			"block4_conv3 --method layercam",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return h.run(cmd) },
	}
	flags := cmd.Flags()
	addImageFlag(cmd, &h.image)
	flags.StringVar(&h.layer, "layer", "block5_conv3",
		"layer of VGG16, block1_conv1 to block5_pool, or one that convscope layers lists")
	flags.StringVar(&h.class, "class", "", "the class, by name or number (default: the most probable)")
	flags.StringVar(&h.method, "method", string(heatmap.GradCAM), "gradcam, hirescam, layercam or gradcam++")
	flags.BoolVar(&h.softmax, "softmax", false,
		"follow the class's probability, as the book does, instead of its logit")
	flags.StringVar(&h.colors, "colors", string(picture.Jet), "viridis, jet, turbo or redblue")
	addReal(flags, &h.strength, "strength", 0.4, "how much of the overlay is heatmap, above 0 up to 1")
	flags.BoolVar(&h.box, "box", false, "draw the square that the warmest place sees")
	flags.StringVar(&h.out, "out", "heatmap.png", "the picture to write")
	h.classifier.add(cmd)
	return cmd
}

// heatmapFlags are one run of the command.
type heatmapFlags struct {
	image, layer, class, method, colors, out string
	softmax, box                             bool
	strength                                 float64
	classifier                               classifierFlags
}

func (h *heatmapFlags) run(cmd *cobra.Command) error {
	if err := needImage(h.image); err != nil {
		return err
	}
	if err := h.classifier.check(cmd, h.class); err != nil {
		return err
	}
	method, err := heatmap.ParseMethod(h.method)
	if err != nil {
		return usageError{err}
	}
	colors, err := picture.ParseColormap(h.colors)
	if err != nil {
		return usageError{err}
	}
	if !(h.strength > 0 && h.strength <= 1) {
		return usageError{fmt.Errorf("strength %g: give a number above 0 and up to 1", h.strength)}
	}
	table, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	if err := table.chooseLayer(cmd, &h.layer, true); err != nil {
		return err
	}
	if err := checkOutputs(cmd, []output{{flag: "--out", path: h.out, holds: "a PNG", bytes: figure}}); err != nil {
		return err
	}
	photo, err := picture.Open(h.image)
	if err != nil {
		return err
	}
	classified, err := h.classifier.load(cmd, h.class)
	if err != nil {
		return err
	}
	defer classified.net.Close()
	target, err := classified.net.Classifier(h.layer, classified.head)
	if err != nil {
		return err
	}
	found, err := heatmap.Explain(cmd.Context(), target, photo, heatmap.Options{Method: method,
		Class: h.class, Softmax: h.softmax})
	if err != nil {
		return err
	}
	if err := file.Write(h.out, func(w io.Writer) error { return png.Encode(w, h.draw(found, colors)) }); err != nil {
		return err
	}
	w := words(cmd, h.out)
	row, column := found.Peak()
	place := found.PeakPixel()
	fmt.Fprintf(w, "%s: %.1f %%, logit %.2f\n", found.Name, 100*found.Probability, found.Score)
	fmt.Fprintf(w, "%s of %s: %dx%d places, the warmest in row %d, column %d, about pixel (%d, %d) of %dx%d\n",
		found.Method, found.Layer,
		found.Height, found.Width, row, column, place.X, place.Y, found.Photo.Bounds().Dx(), found.Photo.Bounds().Dy())
	if note := found.Note(); note != "" {
		fmt.Fprintln(w, note)
	}
	fmt.Fprintln(w, progress.Printable(h.out))
	return nil
}

// draw lays the map over the photo, with its legend beside it.
func (h *heatmapFlags) draw(found *heatmap.Map, colors picture.Colormap) image.Image {
	overlay := found.Overlay(colors, h.strength)
	if h.box {
		overlay = picture.Box(overlay, found.ReceptiveField(found.Peak()))
	}
	return picture.Strip([]image.Image{overlay, found.Legend(colors, found.Photo.Bounds().Dy())},
		[]string{fmt.Sprintf("%s for %s, %s", found.Method, found.Name, found.Layer)})
}
