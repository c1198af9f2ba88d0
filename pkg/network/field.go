// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"math"

	"convscope/pkg/layer"
)

// sight is what one position of a layer's output sees of the picture.
type sight struct {
	jump  float64 // pixels between positions that are neighbours
	field float64 // the side of the square of pixels
	all   bool    // it sees the whole picture, whatever its size
}

// step is [Layer.Stride].
func (s sight) step() int {
	if s.all || s.jump < 1 {
		return 0
	}
	return int(math.Round(s.jump))
}

// side is [Layer.ReceptiveField].
func (s sight) side() int {
	if s.all {
		return 0
	}
	return int(math.Ceil(s.field))
}

// fields follows windows and strides through the network, whose layers have those shapes for pictures of its own size.
// An input without places, such as a gate of one number for each channel, doesn't widen what a layer sees.
func (t *Table) fields(shapes [][]int) []sight {
	all := make([]sight, len(t.net.Layers))
	height, width := t.OwnSize()
	for i, l := range t.net.Layers {
		seen, from, placed := sight{all: true}, []int(nil), false
		for k, shape := range t.inputs(l, shapes, height, width) {
			before := sight{jump: 1, field: 1}
			if l.Inputs[k] != layer.Picture {
				before = all[t.at[l.Inputs[k]]]
			}
			if before.all || len(shape) != 3 {
				continue
			}
			if !placed {
				seen, from, placed = before, shape, true
			}
			seen.field = math.Max(seen.field, before.field)
		}
		if !placed || len(shapes[i]) != 3 {
			all[i] = sight{all: true}
			continue
		}
		if window, ok := l.Op.(layer.Window); ok {
			size, stride := window.Window()
			seen.field += float64(max(size[0], size[1])-1) * seen.jump
			seen.jump *= max(stride[0], stride[1])
		} else if shapes[i][0] == 1 && shapes[i][1] == 1 && (from[0] > 1 || from[1] > 1) {
			seen = sight{all: true} // all places together
		}
		all[i] = seen
	}
	return all
}
