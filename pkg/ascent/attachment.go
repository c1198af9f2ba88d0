// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"image"
	"slices"

	"convscope/pkg/picture"
)

// Attachment is what a term of an objective holds beside its text. Both are copies that nothing changes.
type Attachment struct {
	// Vector is a direction's, else nil.
	Vector []float32
	// Photo is a caricature's, opaque, with 8 bits and its corner at (0, 0), else nil.
	Photo *image.NRGBA
}

// Portable gives the objective as [ParseObjective] reads it, with its vectors and photos called what name says, not
// by where they came from. name is called for each, in order.
func (o Objective) Portable(name func(Attachment) string) string {
	return o.text(func(t term) string { return name(Attachment{t.vector, t.photo}) })
}

// along gives a direction its vector.
func (t term) along(vector []float32) term {
	t.vector = slices.Clone(vector)
	return t
}

// of gives a caricature its photo: as the colours that a PNG holds, so that the same picture comes out of a recipe.
func (t term) of(photo image.Image) term {
	if photo != nil && !photo.Bounds().Empty() {
		bounds := photo.Bounds()
		t.photo = picture.Scale(photo, bounds, bounds.Dy(), bounds.Dx())
	}
	return t
}
