// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"fmt"
	"image"
	"math"
)

// Options of a heatmap. The zero value is Grad-CAM on the logit of the most probable class.
type Options struct {
	// Method is how activations and gradients make the map; "" is Grad-CAM.
	Method Method
	// Class is the name or the number of the class to look for; "" is the most probable.
	Class string
	// Softmax takes the gradient of the class's probability, as the book does, in place of its logit. It mixes in what
	// speaks against the other classes, and vanishes where the model is sure.
	Softmax bool
	// Height and Width are the size in pixels that the photo is scaled to, all of it, whatever its proportions. Zeros
	// mean the model's own size or, if it takes any, a short side of 224 with the photo's proportions.
	Height, Width int
	// Batch is how many photos are computed together; 0 means up to 8.
	Batch int
}

const (
	shortSide    = 224     // VGG16's and most others'
	longest      = 4       // long sides over short ones
	maxSide      = 1 << 12 // pixels
	defaultBatch = 8
)

// settle fills the size for a photo in and checks it.
func (t *Target) settle(o Options, photo image.Rectangle) (Options, error) {
	if photo.Empty() {
		return o, fmt.Errorf("the photo has no pixels: give another")
	}
	if o.Batch < 0 {
		return o, fmt.Errorf("batch %d: give how many photos are computed together, or 0 for up to %d",
			o.Batch, defaultBatch)
	}
	switch {
	case o.Height == 0 && o.Width == 0 && t.Height > 0:
		o.Height, o.Width = t.Height, t.Width
	case o.Height == 0 && o.Width == 0:
		unit := max(t.Unit, 1)
		side := func(pixels int) int {
			scaled := min(shortSide*float64(pixels)/float64(min(photo.Dx(), photo.Dy())), longest*shortSide)
			return max(int(math.Round(scaled/float64(unit))), 1) * unit
		}
		o.Height, o.Width = side(photo.Dy()), side(photo.Dx())
	}
	return o, t.check(o.Height, o.Width)
}

// check returns an error for a size that can't be.
func (t *Target) check(height, width int) error {
	switch {
	case height < 1 || width < 1 || height > maxSide || width > maxSide:
		return fmt.Errorf("a heatmap of %dx%d pixels: give both height and width, from 1 to %d",
			height, width, maxSide)
	case t.Height > 0 && (height != t.Height || width != t.Width):
		return fmt.Errorf("a heatmap of %dx%d pixels: the classifier takes %dx%d only",
			height, width, t.Height, t.Width)
	case t.CheckSize != nil:
		return t.CheckSize(height, width)
	}
	return nil
}
