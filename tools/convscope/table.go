// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"convscope/internal/progress"
	"convscope/pkg/network"
)

// newTableCommand makes "convscope layers": what layers a network has.
func newTableCommand() *cobra.Command {
	var size string
	cmd := &cobra.Command{
		Use:   "layers",
		Short: "List a network's layers: names, kinds, sizes, receptive fields, parameters",
		Long: "layers lists the layers of VGG16, or of the network that --model names, in order: the name that " +
			"--layer takes, what kind it is, the shape of its output\n" +
			"for a picture of the network's own size, how many parameters it has, and how many pixels of the " +
			"picture one of its places sees. It says what\n" +
			"pictures the network takes, in the words of --input: " + network.Conventions() + ".",
		Example: "  convscope layers\n  convscope layers --model my.keras\n  convscope layers --model resnet.onnx " +
			"--input imagenet --size 320",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			table, err := openNetwork(cmd)
			if err != nil {
				return err
			}
			height, width := table.OwnSize()
			if size != "" {
				if height, width, err = parseSize(size); err != nil {
					return usageError{err}
				}
			}
			in := table.Network().Input
			out := cmd.OutOrStdout()
			channels := "1 channel"
			if in.Channels != 1 {
				channels = fmt.Sprintf("%d channels", in.Channels)
			}
			fmt.Fprintf(out, "%s: pictures of %dx%d pixels and %s, as --input %s",
				progress.Printable(table.Network().Name), height, width, channels, network.InputText(in))
			if in.Source != "" {
				fmt.Fprintf(out, " (%s)", progress.Printable(in.Source))
			}
			fmt.Fprintln(out)
			lines := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			header, rows := table.Summary(height, width)
			for _, row := range append([][]string{header}, rows...) {
				for i, cell := range row {
					if i > 0 {
						fmt.Fprint(lines, "\t")
					}
					fmt.Fprint(lines, progress.Printable(cell))
				}
				fmt.Fprintln(lines)
			}
			if err := lines.Flush(); err != nil {
				return err
			}
			if why := table.unsupported(); why != nil {
				fmt.Fprintf(out, "%s; what needs it has no output (-)\n", why)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&size, "size", "",
		"pixels of the picture, such as 224, or HEIGHTxWIDTH (default: the network's own)")
	return cmd
}
