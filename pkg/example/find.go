// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"context"
	"fmt"

	"convscope/internal/progress"
	"convscope/pkg/album"
)

// Find shows all photographs to the network, once, and returns what each layer's filters answer to, without the
// pieces' images: see [Result.Cut]. Photographs are looked at whole, but for what is cut off at their sides to give
// them one of three proportions, each scaled to the size that the network was made for. However many there are, the
// memory that it takes is bounded.
//
// Photographs that can't be read are named and passed over. Errors are those of [Options.Check] and of computing, one
// for an album of which nothing could be read, and ctx's cause.
func Find(ctx context.Context, target Target, photos *album.Album, o Options) ([]*Result, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	s, err := newSearch(target, o, len(photos.Names))
	if err != nil {
		return nil, err
	}
	defer s.report.Done()
	for _, folder := range photos.Closed {
		s.skip(folder)
	}
	s.bar = progress.New("photographs", int64(len(photos.Names)), progress.Things)
	defer s.bar.Done()
	for photo, pictures := range album.Each(ctx, photos, s.pictures) {
		if photo.Err != nil {
			s.skip(album.Skipped{Name: photo.Name, Err: photo.Err})
			s.advance()
		} else if err := s.take(photo, pictures); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	if s.read == 0 { // they were damaged or taken away since
		return nil, fmt.Errorf("%s: %w", photos.Dir, album.ErrNone)
	}
	return s.results(photos), nil
}

// results are what was found.
func (s *search) results(photos *album.Album) []*Result {
	all := make([]*Result, len(s.layers))
	for l, f := range s.layers {
		r := &Result{Layer: f.Name, Photos: s.read, Skipped: s.skipped}
		for c := range f.Filters {
			filter := Filter{Filter: c, Histogram: f.counters[c].histogram()}
			filter.Fires = float64(f.fires[c]) / float64(s.read)
			for _, p := range f.ranks[c] {
				filter.Examples = append(filter.Examples, Example{
					Photo: photos.Names[p.photo], Place: p.piece, Activation: min(p.activation, f.Ceiling), Scale: p.scale})
			}
			r.Filters = append(r.Filters, filter)
		}
		if f.moments != nil {
			r.Alike = f.moments.correlations()
		}
		all[l] = r
	}
	return all
}
