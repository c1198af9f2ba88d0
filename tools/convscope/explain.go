// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"image/png"
	"io"

	"github.com/spf13/cobra"

	"convscope/explain"
	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/heatmap"
	"convscope/pkg/picture"
)

// newExplainCommand makes "convscope explain": activation, pattern and share of a photo's loudest channels.
func newExplainCommand() *cobra.Command {
	var x explainFlags
	cmd := &cobra.Command{
		Use:   "explain",
		Short: "Show which channels speak in a photo: where, what they like to see, and for which class",
		Long: "explain draws one figure for a photo: the heatmap of a class, and the channels of a layer that " +
			"answer most; of each where it answers, the picture that excites it, and\n" +
			"how much it adds to the heatmap or takes away. Without --model it asks EfficientNet-Lite0, which knows " +
			"ImageNet's 1,000 classes in 19 MB; VGG16 does too, in 553 MB, or\n" +
			"four classes of samples.",
		Example: "  convscope explain --image cat.jpg\n" +
			"  convscope explain --image cat.jpg --class tabby --layer block14_add --channels 6 --by " +
			"share --out story.png\n" +
			"  convscope explain --model vgg16 --image cat.jpg --class cat --layer block4_conv3",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{usualNetwork: "efficientnet-lite0"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return x.run(cmd) },
	}
	flags := cmd.Flags()
	addImageFlag(cmd, &x.image)
	flags.StringVar(&x.options.Layer, "layer", "",
		"layer of the network, see convscope layers (default: the last with places, of VGG16 block5_conv3)")
	flags.StringVar(&x.options.Class, "class", "", "the class, by name or number (default: the most probable)")
	addWhole(flags, &x.options.Channels, "channels", 4, "of how many channels to tell")
	flags.StringVar(&x.by, "by", "activation",
		"choose those that answer most (activation), or that count most for the class (share)")
	flags.StringVar(&x.heatmap, "heatmap", string(heatmap.GradCAM), "gradcam, hirescam, layercam or gradcam++")
	flags.StringVar(&x.options.Method, "method", "crisp", "how the patterns are made, as convscope methods lists")
	flags.StringVar(&x.out, "out", "explain.png", "the picture to write")
	x.classifier.add(cmd)
	return cmd
}

// explainFlags are one run of the command.
type explainFlags struct {
	image, by, heatmap, out string
	options                 explain.Options
	classifier              classifierFlags
}

func (x *explainFlags) run(cmd *cobra.Command) error {
	if err := needImage(x.image); err != nil {
		return err
	}
	if err := x.classifier.check(cmd, x.options.Class); err != nil {
		return err
	}
	if x.by != "activation" && x.by != "share" {
		return usageError{fmt.Errorf("by %q: choose activation or share", x.by)}
	}
	x.options.ByShare = x.by == "share"
	table, err := openNetwork(cmd)
	if err != nil {
		return err
	}
	if table.vgg16 {
		x.options.Layer = cmp.Or(x.options.Layer, "block5_conv3")
	}
	if err := table.chooseLayer(cmd, &x.options.Layer, true); err != nil {
		return err
	}
	layer, err := table.Find(x.options.Layer)
	if err != nil {
		return usageError{err}
	}
	if x.options.Channels < 1 || x.options.Channels > layer.Filters {
		return usageError{fmt.Errorf("channels %d: give 1 to %d", x.options.Channels, layer.Filters)}
	}
	if x.options.Heatmap, err = heatmap.ParseMethod(x.heatmap); err != nil {
		return usageError{err}
	}
	method, err := ascent.ParseMethod(x.options.Method)
	if err != nil {
		return usageError{err}
	}
	patterns := ascent.Options{Size: explain.PatternSize, Method: method}
	if err := patterns.Check(x.options.Channels); err != nil {
		return usageError{err}
	}
	if err := table.checkSize(layer.Name, method, explain.PatternSize, explain.PatternSize); err != nil {
		return err
	}
	if err := checkOutputs(cmd, []output{{flag: "--out", path: x.out, holds: "a PNG", bytes: figure}}); err != nil {
		return err
	}
	photo, err := picture.Open(x.image)
	if err != nil {
		return err
	}
	classified, err := x.classifier.load(cmd, x.options.Class)
	if err != nil {
		return err
	}
	defer classified.net.Close()
	if err := classified.check(x.options.Layer, x.options.Class); err != nil {
		return err
	}
	bar := newClimbBar("patterns", x.options.Channels, cmp.Or(method.Steps, ascent.BookSteps))
	x.options.Ascent.Progress, x.options.Ascent.Every = bar.step, climbBarTime
	story, err := explain.Tell(cmd.Context(), classified.net, classified.head, photo, x.options)
	bar.done()
	if err != nil {
		return err
	}
	if err := file.Write(x.out, func(w io.Writer) error { return png.Encode(w, story.Figure()) }); err != nil {
		return err
	}
	x.report(words(cmd, x.out), story)
	if story.Stopped {
		return fmt.Errorf("stopped early, %s holds the patterns so far: %w", x.out, context.Cause(cmd.Context()))
	}
	return nil
}

// report says in numbers what the figure shows.
func (x *explainFlags) report(w io.Writer, story *explain.Story) {
	m := story.Heatmap
	fmt.Fprintf(w, "%s: %.1f %%, logit %.2f\n", m.Name, 100*m.Probability, m.Score)
	for _, c := range story.Channels {
		fmt.Fprintf(w, "%s channel %d: mean activation %.3g, largest %.3g, %+.1f %% of the heatmap\n",
			m.Layer, c.Filter, c.Mean, c.Peak, 100*c.Share)
	}
	if note := m.Note(); note != "" {
		fmt.Fprintln(w, note)
	}
	fmt.Fprintln(w, progress.Printable(x.out))
}
