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
// is nil for a pattern. What the network takes beside them is the ascent's to check.
func checkMemory(o ascent.Options, filters []int, layout *recipe.Layout, free int64) error {
	height, width := sizeOfPictures(o)
	need := recipe.Recipe{Filters: filters, Height: height, Width: width, Layout: layout}.Bytes()
	if need > free {
		const mib = 1 << 20
		return fmt.Errorf("%d picture(s) of %dx%d pixels need about %d MiB, but %d MiB are free: choose a smaller size, fewer filters or a smaller margin",
			len(filters), height, width, need/mib+1, free/mib)
	}
	return nil
}
