// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"convscope/pkg/ascent"
)

// newPatternCommand makes "convscope pattern": one filter's picture.
func newPatternCommand() *cobra.Command {
	var flags ascendFlags
	var filter int
	cmd := &cobra.Command{
		Use:   "pattern",
		Short: "Make the picture that excites one filter",
		Long: "pattern climbs from gray noise to the picture that maximises the mean activation of one filter of VGG16,\n" +
			"by the book's recipe, and writes it as a PNG that says how it was made (show, reproduce).",
		Example: "  convscope pattern --layer block3_conv1 --filter 0\n" +
			"  convscope pattern --layer block4_conv1 --filter 18 --size 224 --seed 7 --out eyes.png",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.out == "" {
				flags.out = fmt.Sprintf("%s_%d.png", flags.layer, filter)
			}
			return flags.ascend(cmd, []int{filter}, nil)
		},
	}
	flags.add(cmd, "block3_conv1", ascent.BookSize)
	cmd.Flags().IntVar(&filter, "filter", 0, "filter of the layer, from 0")
	return cmd
}
