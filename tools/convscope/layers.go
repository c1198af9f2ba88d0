// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/tools/bench"
)

// newLayersCommand makes "convscope bench layers": how near the convolutions come to what the machine can do.
func newLayersCommand() *cobra.Command {
	var out string
	var size int
	cmd := &cobra.Command{
		Use:   "layers",
		Short: "Measure each convolution alone, beside what the machine can do at most",
		Long: "layers times the convolutions of VGG16 alone, forward and back, on random numbers, and beside them " +
			"the machine's arithmetic and\n" +
			"memory. It leaves layers.md, layers.json and a roofline, layers.svg. Set " + device.EnvKernel +
			"=off for XLA's own convolutions.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			const least = 16 // what the deepest layer needs
			if size < least {
				return usageError{fmt.Errorf("size %d: give at least %d", size, least)}
			}
			chosen, err := readChoices(cmd)
			if err != nil {
				return err
			}
			if err := file.Folder(out); err != nil {
				return err
			}
			dev, err := device.NewContext(cmd.Context(), device.Options{Kind: chosen.device})
			if err != nil {
				return err
			}
			defer dev.Close()
			roof, layers, failure := bench.MeasureLayers(cmd.Context(), dev, size, progress.Line)
			if len(layers) == 0 {
				return failure
			}
			text := bench.LayersMarkdown(roof, layers)
			plot, err := bench.Roofline(roof, layers)
			if err != nil {
				return err
			}
			numbers, err := json.MarshalIndent(map[string]any{"roof": roof, "layers": layers}, "", " ")
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), text)
			for name, content := range map[string]string{"layers.md": text, "layers.svg": plot,
				"layers.json": string(numbers)} {
				failure = errors.Join(failure, writeText(filepath.Join(out, name), content))
			}
			return failure
		},
	}
	cmd.Flags().StringVar(&out, "out", "out/bench", "directory for the table and the plot")
	cmd.Flags().IntVar(&size, "size", ascent.BookSize, "side of the picture, in pixels")
	return cmd
}
