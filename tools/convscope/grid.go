// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// newGridCommand makes "convscope grid": a sheet of many filters' pictures.
func newGridCommand() *cobra.Command {
	var flags ascendFlags
	var filters, order string
	var margin int
	cmd := &cobra.Command{
		Use:   "grid",
		Short: "Make a sheet of the pictures that excite a layer's filters",
		Long: "grid makes the pictures of many filters of a layer in one run and lays them out as the book does: 64 " +
			"filters of 64 pixels,\n" +
			"margins of 5 black pixels, filled column by column. Filters that never answer are " +
			"dimmed and crossed out.",
		Example: "  convscope grid --layer block1_conv1\n" +
			"  convscope grid --layer block4_conv1 --filters 64-127 --order row --out next.png",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			chosen, err := parseFilters(filters)
			if err != nil {
				return usageError{err}
			}
			flags.fewer = !cmd.Flags().Changed("filters")
			layout := picture.GridOptions{Margin: margin}
			if layout.Order, err = picture.ParseOrder(order); err != nil {
				return usageError{err}
			}
			if margin == 0 {
				layout.Margin = picture.NoMargin
			}
			if margin < 0 || margin > 1000 {
				return usageError{fmt.Errorf("margin %d: give 0 to 1000 pixels", margin)}
			}
			return flags.ascend(cmd, chosen, recipe.NewLayout(layout))
		},
	}
	flags.add(cmd, "block1_conv1", bookTile)
	cmd.Flags().StringVar(&filters, "filters", "0-63",
		"filters of the layer, such as 0-63 or 0,3,8-11; the first 64 unless told otherwise")
	addWhole(cmd.Flags(), &flags.batch, "batch", 0, "how many pictures climb at once; 0 chooses by memory and speed")
	addWhole(cmd.Flags(), &margin, "margin", 5, "black pixels between the pictures")
	cmd.Flags().StringVar(&order, "order", "column", "fill by column (the book's way) or by row")
	return cmd
}

// bookTile is the side of the book's tiles in pixels.
const bookTile = 64

// joinInts writes numbers with commas.
func joinInts(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}
