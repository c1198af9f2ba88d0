// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"slices"

	"convscope/pkg/album"
	"convscope/pkg/picture"
)

// Cut opens the photographs again and cuts out the examples of some filters, or of all if none are named: it fills in
// their images. Each photograph is opened once. Pieces whose longer side is above size pixels (0 means 224) are
// reduced to it, smaller ones stay as they are. Errors name a photograph that is gone or has changed; when ctx ends,
// it is ctx's cause.
func (r *Result) Cut(ctx context.Context, photos *album.Album, size int, filters ...int) error {
	size = cmp.Or(size, defaultSize)
	wanted := make(map[string][]*Example)
	for i := range r.Filters {
		if len(filters) > 0 && !slices.Contains(filters, r.Filters[i].Filter) {
			continue
		}
		for k := range r.Filters[i].Examples {
			e := &r.Filters[i].Examples[k]
			wanted[e.Photo] = append(wanted[e.Photo], e)
		}
	}
	some := &album.Album{Dir: photos.Dir}
	for name := range wanted {
		some.Names = append(some.Names, name)
	}
	slices.Sort(some.Names)
	type cut struct {
		images []image.Image
		err    error
	}
	cutOut := func(photo album.Photo) (c cut) {
		for _, e := range wanted[photo.Name] {
			if !e.Place.In(photo.Image.Bounds()) {
				return cut{err: fmt.Errorf("%s has changed: it has no piece %v any more: look at the photographs again",
					photo.Name, e.Place)}
			}
			c.images = append(c.images, piece(photo.Image, e.Place, size))
		}
		return c
	}
	for photo, c := range album.Each(ctx, some, cutOut) {
		if err := cmp.Or(photo.Err, c.err); err != nil {
			return fmt.Errorf("cutting out examples: %w", err)
		}
		for i, e := range wanted[photo.Name] {
			e.Image = c.images[i]
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// piece is a part of a photograph, reduced to that many pixels where it is longer.
func piece(photo image.Image, part image.Rectangle, size int) image.Image {
	height, width := part.Dy(), part.Dx()
	if long := max(height, width); long > size {
		height, width = max(height*size/long, 1), max(width*size/long, 1)
	}
	return picture.Scale(photo, part, height, width)
}
