// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras

import (
	"maps"
	"slices"

	"convscope/pkg/layer"
)

// table names the rows: each by its own name if no other has that, and by its path otherwise.
func (b *builder) table() []layer.Layer {
	owners, taken := map[string]int{}, map[string]bool{}
	for _, r := range b.rows {
		owners[r.own]++
	}
	for i := range b.rows {
		r := &b.rows[i]
		r.Name = r.path
		if owners[r.own] == 1 {
			r.Name = r.own
		}
		for n := 2; taken[r.Name]; n++ { // a name that looks like another's path
			r.Name = again(r.path, n)
		}
		taken[r.Name] = true
	}
	layers := make([]layer.Layer, len(b.rows))
	for i, r := range b.rows {
		for _, alias := range append([]string{r.path}, r.also...) {
			if !taken[alias] {
				taken[alias] = true
				r.Aliases = append(r.Aliases, alias)
			}
		}
		r.Inputs = make([]string, len(r.inputs))
		for k, input := range r.inputs {
			r.Inputs[k] = layer.Picture
			if input != picture {
				r.Inputs[k] = b.rows[input].Name
			}
		}
		layers[i] = r.Layer
	}
	return layers
}

func sortedKeys(o object) []string { return slices.Sorted(maps.Keys(o)) }
