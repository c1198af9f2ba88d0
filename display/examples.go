// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"fmt"
	"path"

	"convscope/pkg/example"
)

// Examples shows the pieces of photographs that excite a filter most, side by side, the strongest first, each with its
// activation and its photograph's name below, and says in how many of the photographs the filter fires. Those that are
// not cut out are left out, see [example.Result.Cut]. In a terminal it prints two lines.
func Examples(f example.Filter) {
	const tile, most = 96, 16 // pixels, letters
	var captions []string
	for _, e := range f.Examples {
		if e.Image == nil {
			continue
		}
		name := []rune(path.Base(e.Photo))
		if len(name) > most {
			name = append(name[:most-1], '…')
		}
		captions = append(captions, fmt.Sprintf("%.4g, %s", e.Activation, string(name)))
	}
	Row(f.Tiles(tile), captions...)
	Text("filter %d fires in %.1f %% of the photographs", f.Filter, 100*f.Fires)
}
