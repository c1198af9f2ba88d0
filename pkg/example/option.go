// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"errors"
	"fmt"
	"slices"
)

// Options say what to look for. The zero value asks for nine examples of each filter, one from each photograph.
type Options struct {
	// Count is how many examples each filter has at most; 0 means 9.
	Count int
	// PerPhoto is how many of them may come from one photograph; 0 means 1. Such pieces don't overlap.
	PerPhoto int
	// Scales are the sizes at which photographs are looked at, in parts of the size that the network was made for; nil
	// means 1 alone. At 2 a filter finds what is half as large in the photograph.
	Scales []float64
	// Filters are those whose examples are cut out where that is done at once, by network.Model.Examples; nil means all.
	Filters []int
	// Size is the longer side of the pieces, in pixels, at most: larger ones are reduced. 0 means 224.
	Size int
	// Batch is how many pictures are computed at once; 0 means as many as are good for the device. Last digits of
	// [Result.Alike] may depend on it.
	Batch int
}

const (
	defaultCount = 9
	mostCount    = 1000
	defaultSize  = 224
	mostScales   = 16
	// A scale beyond these leaves nothing of a picture, or is beyond any memory.
	leastScale, mostScale = 1. / 64, 64
)

// Check returns an error that says which option can't be.
func (o Options) Check() error {
	switch {
	case o.Count < 0 || o.Count > mostCount:
		return fmt.Errorf("%d examples: give 1 to %d", o.Count, mostCount)
	case o.PerPhoto < 0 || o.PerPhoto > mostCount:
		return fmt.Errorf("%d examples from one photograph: give 1 to %d", o.PerPhoto, mostCount)
	case o.Size < 0 || o.Batch < 0:
		return errors.New("a size or a batch below 0: give a whole number from 1")
	case len(o.Scales) > mostScales:
		return fmt.Errorf("%d scales: give at most %d", len(o.Scales), mostScales)
	}
	for i, scale := range o.Scales {
		if !(scale >= leastScale && scale <= mostScale) {
			return fmt.Errorf("a scale of %g: give numbers from 1/64 to 64, such as 1", scale)
		}
		if slices.Contains(o.Scales[:i], scale) {
			return fmt.Errorf("a scale of %g is named twice", scale)
		}
	}
	return nil
}
