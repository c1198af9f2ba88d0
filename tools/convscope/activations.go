// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/activation"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// newActivationsCommand makes "convscope activations": what a layer makes of a photo.
func newActivationsCommand() *cobra.Command {
	var a activations
	var colors string
	cmd := &cobra.Command{
		Use:   "activations",
		Short: "Draw what a layer's channels answer to a photo",
		Long: "activations sends a photo through VGG16 up to a layer, and draws all its channels on one sheet, 16 a " +
			"row, each on the same scale, as the book does, or one\n" +
			"channel alone. It lists the channels that answer most, and says how many are silent.",
		Example: "  convscope activations --image cat.jpg --layer block3_conv1\n" +
			"  convscope activations --image cat.jpg --layer block5_conv3 --channel 12 --out ears.png",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if err = needImage(a.image); err != nil {
				return err
			}
			if a.colors, err = picture.ParseColormap(colors); err != nil {
				return usageError{err}
			}
			return a.run(cmd)
		},
	}
	flags := cmd.Flags()
	addImageFlag(cmd, &a.image)
	flags.StringVar(&a.layer, "layer", "block1_conv1",
		"layer of VGG16, block1_conv1 to block5_pool, or one that convscope layers lists")
	addWhole(flags, &a.channel, "channel", allChannels, "draw this channel alone")
	flags.Lookup("channel").DefValue = "" // what there is without it has no number
	flags.StringVar(&a.size, "size", "224", "pixels that the photo's middle is scaled to, such "+
		"as 224, or HEIGHTxWIDTH")
	flags.StringVar(&colors, "colors", string(picture.Viridis), "viridis, jet, turbo or redblue")
	flags.StringVar(&a.out, "out", "", "the picture to write (default LAYER_activations.png)")
	return cmd
}

// addImageFlag adds --image to a command that needs it.
func addImageFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "image", "", "the photo: a JPEG, PNG, GIF or WebP file")
}

// needImage returns an error when no photo was named.
func needImage(path string) error {
	if path == "" {
		return usageError{errors.New("which photo? name it, such as --image cat.jpg")}
	}
	return nil
}

// allChannels stands for a sheet of all of them.
const allChannels = -1

// activations is one run of the command.
type activations struct {
	image, layer, size, out string
	channel                 int
	colors                  picture.Colormap
}

// check finds out what does not fit the memory or a picture.
func (a *activations) check(layer network.Layer, height, width int) error {
	if err := layer.CheckMemory(1, height, width, device.HostMemory()); err != nil {
		return err
	}
	if err := picture.CheckSize(height, width); err != nil || a.channel >= 0 {
		return err
	}
	rows, columns := layer.OutputSize(height, width)
	_, err := activation.SheetOptions{}.Size(layer.Filters, rows, columns)
	return err
}

func (a *activations) run(cmd *cobra.Command) error {
	height, width, err := parseSize(a.size)
	if err != nil {
		return usageError{err}
	}
	table, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	if err := table.chooseLayer(cmd, &a.layer, false); err != nil {
		return err
	}
	if own, other := table.OwnSize(); !table.vgg16 && !cmd.Flags().Changed("size") {
		height, width = own, other
	}
	layer, err := table.Find(a.layer)
	if err == nil {
		err = layer.CheckSize(height, width)
	}
	if err == nil && cmd.Flags().Changed("channel") {
		if err = layer.CheckFilters(a.channel); err != nil {
			err = fmt.Errorf("channel: %w", err)
		}
	}
	if shape, wrong := table.Network().ShapeOf(a.layer, height, width); err == nil && wrong == nil && len(shape) < 3 {
		err = fmt.Errorf("%s has %d features without places to draw: choose a layer before it, see convscope layers",
			layer.Name, layer.Filters)
	}
	if err != nil {
		return usageError{err}
	}
	if err := a.check(layer, height, width); err != nil {
		return err
	}
	if a.out == "" {
		a.out = fileName(a.layer) + "_activations.png"
	}
	if err := checkOutputs(cmd, []output{{flag: "--out", path: a.out, holds: "a PNG", bytes: figure}}); err != nil {
		return err
	}
	photo, err := picture.Open(a.image)
	if err != nil {
		return err
	}
	net, err := loadModel(cmd.Context(), cmd)
	if err != nil {
		return err
	}
	defer net.Close()
	outputs, err := net.PhotoActivations(net.PhotoTensor(photo, height, width), a.layer)
	if err != nil {
		return err
	}
	var drawn image.Image
	if a.channel >= 0 {
		drawn, err = activation.Channel(outputs[0], a.channel, a.colors)
	} else {
		drawn, err = activation.Sheet(outputs[0], activation.SheetOptions{Colormap: a.colors})
	}
	if err != nil {
		return err
	}
	if err := file.Write(a.out, func(w io.Writer) error { return png.Encode(w, drawn) }); err != nil {
		return err
	}
	const named = 8
	var loudest []string
	for _, channel := range activation.Strongest(outputs[0], named) {
		loudest = append(loudest, fmt.Sprint(channel))
	}
	rows, columns := layer.OutputSize(height, width)
	silent := ""
	if layer.Silent {
		silent = fmt.Sprintf(", %.1f %% of them silent", 100*activation.Silent(outputs[0]))
	}
	fmt.Fprintf(words(cmd, a.out), "%s: %d channels of %dx%d places%s; the loudest: %s\n%s\n",
		progress.Printable(a.layer), layer.Filters, rows, columns, silent, strings.Join(loudest, ", "),
		progress.Printable(a.out))
	return nil
}
