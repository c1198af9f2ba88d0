// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"cmp"
	"image"
	"slices"
)

// place is where a filter answers: a position of one picture of a photograph.
type place struct {
	activation float32 // without a ceiling
	photo      int     // its place in the album
	frame      int     // which of the photograph's pictures
	at         int     // the position, row by row
	piece      image.Rectangle
	scale      float64
}

// before orders places: the strongest first, and equal ones always in the same way.
func (p place) before(other place) int {
	return cmp.Or(cmp.Compare(other.activation, p.activation), cmp.Compare(p.photo, other.photo),
		cmp.Compare(p.frame, other.frame), cmp.Compare(p.at, other.at))
}

// rank keeps the first of many places, in order.
type rank []place

// admits says whether one would be kept among so many.
func (r rank) admits(p place, most int) bool {
	return len(r) < most || p.before(r[len(r)-1]) < 0
}

// add keeps a place, if it is among the first.
func (r *rank) add(p place, most int) {
	if !r.admits(p, most) {
		return
	}
	at, _ := slices.BinarySearchFunc(*r, p, place.before)
	if len(*r) == most {
		*r = (*r)[:most-1]
	}
	*r = slices.Insert(*r, at, p)
}

// apart are the first of places that don't overlap, in order.
func apart(places []place, most int) []place {
	slices.SortFunc(places, place.before)
	var kept []place
	for _, p := range places {
		if len(kept) == most {
			break
		}
		if !slices.ContainsFunc(kept, func(other place) bool { return p.piece.Overlaps(other.piece) }) {
			kept = append(kept, p)
		}
	}
	return kept
}
