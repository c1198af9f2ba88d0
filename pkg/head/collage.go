// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"

	"golang.org/x/image/draw"

	"convscope/pkg/picture"
)

// Collage is two photos in one picture, at known places: a heatmap of the first one's class should point to the first.
type Collage struct {
	// Picture is twice as wide as it is high.
	Picture *image.NRGBA
	// First and Second are where the two photos lie, FirstHalf and SecondHalf the halves of the picture around them.
	First, Second         image.Rectangle
	FirstHalf, SecondHalf image.Rectangle
}

// ground is the gray between the photos: the average colour of the pictures that most networks were trained on.
var ground = color.NRGBA{124, 117, 104, 255}

// MakeCollage lays two square photos into a picture of size x 2*size pixels: one in each half, which is which by
// chance, each in a random size from 0.7 to 1 of the half's side, at a random place within it. Photos that are no
// squares are squeezed to one.
func MakeCollage(first, second image.Image, size int, seed uint64) (*Collage, error) {
	if size < 2 || size > maxSide/2 {
		return nil, fmt.Errorf("a collage of %d pixels: give 2 to %d", size, maxSide/2)
	}
	if first.Bounds().Empty() || second.Bounds().Empty() {
		return nil, fmt.Errorf("a photo of the collage has no pixels: give another")
	}
	random := rand.New(rand.NewPCG(seed, 0))
	left, right := image.Rect(0, 0, size, size), image.Rect(size, 0, 2*size, size)
	c := &Collage{Picture: image.NewNRGBA(image.Rect(0, 0, 2*size, size)), FirstHalf: left, SecondHalf: right}
	if random.IntN(2) == 1 {
		c.FirstHalf, c.SecondHalf = right, left
	}
	draw.Draw(c.Picture, c.Picture.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	lay := func(photo image.Image, half image.Rectangle) image.Rectangle {
		const smallest = 0.7
		side := max(int(float64(size)*(smallest+(1-smallest)*random.Float64())), 1)
		corner := half.Min.Add(image.Pt(random.IntN(size-side+1), random.IntN(size-side+1)))
		place := image.Rectangle{Min: corner, Max: corner.Add(image.Pt(side, side))}
		draw.Draw(c.Picture, place, picture.Scale(photo, photo.Bounds(), side, side), image.Point{}, draw.Src)
		return place
	}
	c.First = lay(first, c.FirstHalf)
	c.Second = lay(second, c.SecondHalf)
	return c, nil
}

// MustCollage is [MakeCollage] for notebook cells: errors panic.
func MustCollage(first, second image.Image, size int, seed uint64) *Collage {
	c, err := MakeCollage(first, second, size, seed)
	if err != nil {
		panic(err)
	}
	return c
}
