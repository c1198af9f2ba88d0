// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"convscope/pkg/ascent"
	"convscope/pkg/recipe"
)

// sizeOfPictures is the size of an ascent's pictures, zeros for a start picture of a wrong shape, which the ascent
// refuses.
func sizeOfPictures(o ascent.Options) (height, width int) {
	switch {
	case o.Height > 0 || o.Start == nil:
		return o.Height, o.Width
	case o.Start.Rank() == 4:
		return o.Start.Shape().Dim(1), o.Start.Shape().Dim(2)
	}
	return 0, 0
}

// checkMemory refuses more or larger pictures than the free bytes hold, before anything is fetched or computed. layout
// is nil for a pattern, channels those of the network's pictures. What the network takes beside them is the ascent's
// to check.
func checkMemory(o ascent.Options, filters []int, layout *recipe.Layout, channels int, free int64) error {
	height, width := sizeOfPictures(o)
	const usual = 3 // channels
	coloured := recipe.Recipe{Filters: filters, Height: height, Width: width, Layout: layout}.Bytes()
	need := float64(coloured) * float64(max(channels, usual)) / usual
	if need > float64(free) {
		const mib = 1 << 20
		return fmt.Errorf("%d picture(s) of %dx%d pixels need about %.0f MiB, but %d MiB are free: choose a smaller "+
			"size, fewer filters or a smaller margin",
			len(filters), height, width, need/mib+1, free/mib)
	}
	return nil
}
