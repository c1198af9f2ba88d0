// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
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
		Long: "pattern climbs from gray noise to the picture that maximises the mean activation of " +
			"one filter of VGG16,\n" +
			"by the book's recipe or another --method, and writes it as a PNG that says how it was " +
			"made (show, reproduce).",
		Example: "  convscope pattern --layer block3_conv1 --filter 0\n" +
			"  convscope pattern --layer block4_conv1 --filter 18 --size 224 --seed 7 --out eyes.png\n" +
			"  convscope pattern --method crisp --layer block5_conv1 --filter 11\n" +
			"  convscope pattern --method crisp --objective \"channel:block4_conv3:12 - " +
			"channel:block4_conv3:40\" --out mixed.png",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.ascend(cmd, []int{filter}, nil)
		},
	}
	flags.square = true
	flags.add(cmd, "block3_conv1", ascent.BookSize)
	addWhole(cmd.Flags(), &filter, "filter", 0, "filter of the layer, from 0")
	addWhole(cmd.Flags(), &flags.batch, "batch", 0,
		"climb as one of so many, on which rounding depends: for the same picture as in a gallery; 0 climbs alone")
	return cmd
}
