// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/internal/progress"
	"convscope/pkg/device"
	"convscope/tools/bench"
)

// newGrowthCommand makes "convscope bench growth": how time and memory grow with size, batch and depth.
func newGrowthCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "growth",
		Short: "Measure how time and memory grow with size, batch and depth",
		Long: "growth measures a step at sizes from 64 to 448 pixels, at 1 to 64 pictures at once, and for each " +
			"layer, with the fitted exponents.\n" +
			"It leaves growth.md, growth.json and a plot each.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			chosen, err := readChoices(cmd)
			if err != nil {
				return err
			}
			grid := []string{self, "grid"}
			if chosen.device != device.Auto {
				grid = append(grid, "--device", string(chosen.device))
			}
			if chosen.weights != "" {
				grid = append(grid, "--weights", chosen.weights, "--weights-input", chosen.input)
			}
			if err := file.Folder(out); err != nil {
				return err
			}
			sweeps, failure := bench.Grow(cmd.Context(), grid, progress.Line)
			if len(sweeps) == 0 {
				return failure
			}
			// What was measured before a failure or Ctrl-C is kept.
			return errors.Join(failure, writeGrowth(cmd.OutOrStdout(), out, sweeps))
		},
	}
	cmd.Flags().StringVar(&out, "out", "out/bench", "directory for the tables and plots")
	return cmd
}

// writeGrowth prints the tables and writes the files.
func writeGrowth(w io.Writer, dir string, sweeps []bench.Sweep) error {
	var text strings.Builder
	files := make(map[string]string)
	for _, sweep := range sweeps {
		text.WriteString(sweep.Markdown())
		plot, err := sweep.Plot()
		if err != nil {
			return err
		}
		files["growth-"+sweep.Knob+".svg"] = plot
	}
	numbers, err := json.MarshalIndent(sweeps, "", " ")
	if err != nil {
		return err
	}
	files["growth.md"], files["growth.json"] = text.String(), string(numbers)
	for name, content := range files {
		if err := writeText(filepath.Join(dir, name), content); err != nil {
			return err
		}
	}
	fmt.Fprint(w, text.String())
	return nil
}

func writeText(path, content string) error {
	return file.Write(path, func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	})
}
