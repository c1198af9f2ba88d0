// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"

	"github.com/dustin/go-humanize"
)

// Summary is the network's table for people, as display.Table takes it: one row a layer with its kind, the shape of
// its output for a picture of height x width pixels, its number of parameters, and how many pixels of the picture one
// of its positions sees.
func Summary(height, width int) (header []string, rows [][]string) {
	header = []string{"layer", "kind", "output", "filters", "parameters", "sees (pixels)"}
	total := 0
	for _, layer := range table {
		h, w := layer.OutputSize(height, width)
		total += layer.Parameters()
		rows = append(rows, []string{
			layer.Name, layer.Kind.String(), fmt.Sprintf("%d x %d x %d", h, w, layer.Filters), fmt.Sprint(layer.Filters),
			humanize.Comma(int64(layer.Parameters())), fmt.Sprintf("%d x %d", layer.ReceptiveField(), layer.ReceptiveField()),
		})
	}
	return header, append(rows, []string{"total", "", "", "", humanize.Comma(int64(total)), ""})
}
