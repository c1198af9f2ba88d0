// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"image"
	"math/rand/v2"

	"convscope/pkg/picture"
)

// Part says which part of a photo crops come from.
type Part int

const (
	// Whole is all of the photo.
	Whole Part = iota
	// First is the left 60 % of a wide photo, the upper 60 % of a square or tall one: for training.
	First
	// Second is the rest. It shares no pixel with First: for examples that training has not seen.
	Second
)

// firstShare is how much of the photo's longer side the first part takes.
const firstShare = 0.6

// CropOptions say how crops are cut. The zero value cuts from the whole photo.
type CropOptions struct {
	// Seed gives the crops: the same seed gives the same.
	Seed uint64
	// Part is where in the photo the crops lie.
	Part Part
	// Low and High are the sides of the smallest and the largest crop, in parts of the shorter side of where they lie;
	// zeros mean 0.5 and 1.
	Low, High float64
	// NoFlip leaves all crops as they are; otherwise every other one, by chance, is mirrored left to right.
	NoFlip bool
}

const (
	defaultLow, defaultHigh = 0.5, 1
	maxSide                 = 1 << 12 // pixels
	maxPixels               = 1 << 28 // of all crops together: a gibibyte
)

// Crops cuts count squares from random places of a photo, of random sizes, and scales them to size x size pixels. All
// together have at most 268,435,456 pixels.
func Crops(photo image.Image, count, size int, o CropOptions) ([]image.Image, error) {
	if o.Low == 0 && o.High == 0 {
		o.Low, o.High = defaultLow, defaultHigh
	}
	switch {
	case count < 1:
		return nil, fmt.Errorf("%d crops: give a whole number from 1", count)
	case size < 1 || size > maxSide:
		return nil, fmt.Errorf("crops of %d pixels: give 1 to %d", size, maxSide)
	case count > maxPixels/(size*size):
		return nil, fmt.Errorf("%d crops of %dx%d pixels: give at most %d of that size",
			count, size, size, maxPixels/(size*size))
	case o.Part < Whole || o.Part > Second:
		return nil, fmt.Errorf("part %d of a photo: choose Whole, First or Second", o.Part)
	case !(o.Low > 0 && o.Low <= o.High && o.High <= 1):
		return nil, fmt.Errorf("crops from %v to %v of the photo's shorter side: give two numbers above 0 and up to "+
			"1, the lower first", o.Low, o.High)
	}
	area := o.Part.of(photo.Bounds())
	if area.Empty() {
		return nil, fmt.Errorf("a photo of %dx%d pixels is too small to cut crops from",
			photo.Bounds().Dy(), photo.Bounds().Dx())
	}
	random := rand.New(rand.NewPCG(o.Seed, uint64(o.Part)))
	crops := make([]image.Image, count)
	for i := range crops {
		short := float64(min(area.Dx(), area.Dy()))
		side := max(int(short*(o.Low+(o.High-o.Low)*random.Float64())), 1)
		corner := area.Min.Add(image.Pt(random.IntN(area.Dx()-side+1), random.IntN(area.Dy()-side+1)))
		crop := picture.Scale(photo, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}, size, size)
		if mirrored := random.IntN(2) == 1; mirrored && !o.NoFlip {
			flip(crop)
		}
		crops[i] = crop
	}
	return crops, nil
}

// MustCrops is [Crops] for notebook cells: errors panic.
func MustCrops(photo image.Image, count, size int, o CropOptions) []image.Image {
	crops, err := Crops(photo, count, size, o)
	if err != nil {
		panic(err)
	}
	return crops
}

// of cuts the part out of a photo's bounds.
func (p Part) of(bounds image.Rectangle) image.Rectangle {
	if p == Whole {
		return bounds
	}
	first, second := bounds, bounds
	if bounds.Dx() > bounds.Dy() {
		first.Max.X = bounds.Min.X + int(firstShare*float64(bounds.Dx()))
		second.Min.X = first.Max.X
	} else {
		first.Max.Y = bounds.Min.Y + int(firstShare*float64(bounds.Dy()))
		second.Min.Y = first.Max.Y
	}
	if p == First {
		return first
	}
	return second
}

// flip mirrors a picture left to right.
func flip(img *image.NRGBA) {
	bounds := img.Bounds()
	for y := range bounds.Dy() {
		for left, right := 0, bounds.Dx()-1; left < right; left, right = left+1, right-1 {
			a, b := img.NRGBAAt(left, y), img.NRGBAAt(right, y)
			img.SetNRGBA(left, y, b)
			img.SetNRGBA(right, y, a)
		}
	}
}
