// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math"
	"slices"

	"convscope/pkg/ascent"
	"convscope/pkg/picture"
)

const (
	// frames is how many a film has at most, tile their side in pixels, and quality that of the JPEG.
	frames  = 8
	tile    = 48
	quality = 85
)

// film collects frames of a batch on its way.
type film struct {
	stops []int
	tiles map[int][]image.Image // by the picture's position
	err   error
}

// newFilm makes a film of a climb of that many steps: early on a picture changes most, so frames are spread by the
// logarithm of the step.
func newFilm(steps int) *film {
	f := &film{tiles: make(map[int][]image.Image)}
	for k := range frames {
		f.stops = append(f.stops, int(math.Round(math.Pow(float64(steps), float64(k)/(frames-1)))))
	}
	f.stops = slices.Compact(f.stops)
	return f
}

// step is the ascent's Progress. A filter that is woken climbs again, and its film begins again.
func (f *film) step(p ascent.Progress) {
	at := slices.Index(f.stops, p.Step)
	if at < 0 || f.err != nil {
		return
	}
	images, err := p.Images()
	if err != nil {
		f.err = fmt.Errorf("the film: %w", err)
		return
	}
	tiles := make([]image.Image, len(images))
	each(len(images), func(i int) { tiles[i] = small(images[i]) })
	for i, img := range tiles {
		position := p.Positions[i]
		if at == 0 {
			f.tiles[position] = nil
		}
		f.tiles[position] = append(f.tiles[position], img)
	}
}

// small is a picture as a tile.
func small(img image.Image) image.Image { return picture.Scale(img, img.Bounds(), tile, tile) }

// strip is the film of one picture as a JPEG: its frames side by side.
func (f *film) strip(position int) ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	return strip(f.tiles[position])
}

// strip puts tiles side by side in a JPEG.
func strip(tiles []image.Image) ([]byte, error) {
	whole := image.NewRGBA(image.Rect(0, 0, tile*max(len(tiles), 1), tile))
	for i, img := range tiles {
		draw.Draw(whole, image.Rect(i*tile, 0, (i+1)*tile, tile), img, img.Bounds().Min, draw.Src)
	}
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, whole, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encoding a strip of pictures: %w", err)
	}
	return encoded.Bytes(), nil
}
