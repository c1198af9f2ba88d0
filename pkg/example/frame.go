// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"fmt"
	"image"
	"math"
)

// frame is a part of a photograph as the network sees it.
type frame struct {
	size  image.Point // of the picture, in pixels
	part  image.Rectangle
	scale float64
}

// in takes a part of the picture to the photograph: all pixels that it touches, and at least one.
func (f frame) in(seen image.Rectangle) image.Rectangle {
	x := func(v int) float64 { return float64(v) * float64(f.part.Dx()) / float64(f.size.X) }
	y := func(v int) float64 { return float64(v) * float64(f.part.Dy()) / float64(f.size.Y) }
	const slack = 1e-9 // of rounded numbers
	low := image.Pt(int(x(seen.Min.X)+slack), int(y(seen.Min.Y)+slack))
	high := image.Pt(int(math.Ceil(x(seen.Max.X)-slack)), int(math.Ceil(y(seen.Max.Y)-slack)))
	high = image.Pt(max(high.X, low.X+1), max(high.Y, low.Y+1))
	return image.Rectangle{Min: low, Max: high}.Add(f.part.Min).Intersect(f.part)
}

// shapes are the pictures of one scale: the network's own, and where it takes them too, wide and tall ones. There are
// few, because each is compiled for itself.
type shapes struct {
	scale float64
	sizes []image.Point
}

// The longer side of a wide or tall picture is 10/7 of the network's: between the 4:3 and the 3:2 of photographs.
const longer, shorter = 10, 7

// shapesOf finds the pictures that the target takes at a scale.
func shapesOf(target Target, scale float64) (shapes, error) {
	own := image.Pt(int(math.Round(float64(target.Width)*scale)), int(math.Round(float64(target.Height)*scale)))
	if err := target.CheckSize(own.Y, own.X); err != nil {
		if scale != 1 {
			err = fmt.Errorf("at a scale of %g: %w", scale, err)
		}
		return shapes{}, err
	}
	s := shapes{scale: scale, sizes: []image.Point{own}}
	for _, size := range []image.Point{image.Pt(own.X*longer/shorter, own.Y), image.Pt(own.X, own.Y*longer/shorter)} {
		if size != own && target.CheckSize(size.Y, size.X) == nil {
			s.sizes = append(s.sizes, size)
		}
	}
	return s, nil
}

// mostFrames bounds how many parts of a long strip are looked at.
const mostFrames = 32

// frames are the parts of a photograph: the largest in the proportions of the shape that is the nearest to its own, in
// the middle, or where the photograph is much longer, several side by side.
func (s shapes) frames(photo image.Rectangle) []frame {
	ratio := func(p image.Point) float64 { return math.Log(float64(p.X) / float64(p.Y)) }
	best := s.sizes[0]
	for _, size := range s.sizes[1:] {
		if math.Abs(ratio(size)-ratio(photo.Size())) < math.Abs(ratio(best)-ratio(photo.Size())) {
			best = size
		}
	}
	part := image.Pt(photo.Dx(), photo.Dx()*best.Y/best.X)
	if part.Y > photo.Dy() {
		part = image.Pt(photo.Dy()*best.X/best.Y, photo.Dy())
	}
	part = image.Pt(max(part.X, 1), max(part.Y, 1))
	rest := photo.Size().Sub(part)
	long := max(float64(photo.Dx())/float64(part.X), float64(photo.Dy())/float64(part.Y))
	count := min(max(int(math.Round(long)), 1), mostFrames)
	all := make([]frame, count)
	for i := range all {
		corner := rest.Div(2)
		if count > 1 {
			corner = image.Pt(rest.X*i/(count-1), rest.Y*i/(count-1))
		}
		corner = corner.Add(photo.Min)
		all[i] = frame{size: best, part: image.Rectangle{Min: corner, Max: corner.Add(part)}, scale: s.scale}
	}
	return all
}
