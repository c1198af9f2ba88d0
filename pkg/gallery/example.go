// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"slices"

	"convscope/pkg/album"
	"convscope/pkg/example"
	"convscope/pkg/gallery/page"
)

const (
	// examples is how many pieces of photographs a filter has at most, and exampleSize their longer side in pixels.
	examples    = 6
	exampleSize = 96
	// alike is how many filters of the own layer that answer alike are named, neighbors how many of other layers.
	alike     = 6
	neighbors = 6
)

// openPhotos opens the photographs, once, which must be the plan's.
func (w *worker) openPhotos(ctx context.Context) error {
	if w.photos != nil {
		return nil
	}
	if w.options.Photos == "" {
		return errors.New("the gallery shows pieces of photographs: say where they are with --photos")
	}
	photos, err := album.Open(w.options.Photos)
	if err != nil {
		return err
	}
	hash, err := photos.Hash(ctx)
	if err != nil {
		return err
	}
	if hash != w.plan.Photos {
		found := fmt.Sprintf("photographs: the folder holds pieces of %s, those in %s are %s",
			shortened(w.plan.Photos), w.options.Photos, shortened(hash))
		return &OtherPlanError{w.dir, []string{found}}
	}
	w.photos = photos
	return nil
}

// exampleShard finds the pieces of photographs for the filters of some layers in one pass.
func (w *worker) exampleShard(ctx context.Context, s Shard) (*record, error) {
	if err := w.openPhotos(ctx); err != nil {
		return nil, err
	}
	var layers []string
	for _, layer := range w.plan.Layers[s.First : s.First+s.Count] {
		layers = append(layers, layer.Name)
	}
	o := example.Options{Count: examples, Size: exampleSize, Batch: w.plan.Batch}
	found, err := w.net.ExamplesOf(ctx, w.photos, layers, o)
	if err != nil {
		return nil, err
	}
	all := &record{Shard: s, Plan: w.hash}
	for _, result := range found {
		if err := result.Cut(ctx, w.photos, exampleSize); err != nil {
			return nil, err
		}
		all.Photos = result.Photos
		entries := make([]entry, len(result.Filters))
		for i, filter := range result.Filters {
			if err := w.exampleEntry(all, result, filter, &entries[i]); err != nil {
				return nil, err
			}
		}
		all.Layers = append(all.Layers, entries)
	}
	return all, nil
}

// exampleEntry writes one filter's pieces and says what they are.
func (w *worker) exampleEntry(r *record, result *example.Result, filter example.Filter, e *entry) error {
	e.Index = filter.Filter
	for k, piece := range filter.Examples {
		var encoded bytes.Buffer
		if err := jpeg.Encode(&encoded, piece.Image, &jpeg.Options{Quality: quality}); err != nil {
			return fmt.Errorf("encoding a piece of %s: %w", piece.Photo, err)
		}
		name := w.names.example(result.Layer, filter.Filter, k)
		if err := w.save(r, name, encoded.Bytes()); err != nil {
			return err
		}
		at := piece.Place
		e.Examples = append(e.Examples, page.Example{
			File: name, Photo: piece.Photo, Place: [4]int{at.Min.X, at.Min.Y, at.Dx(), at.Dy()},
			Activation: rounded(float64(piece.Activation)),
			Text:       fmt.Sprintf("Piece of %s that filter %d of %s answers to", piece.Photo, filter.Filter, result.Layer),
		})
	}
	if h := filter.Histogram; len(h.Counts) > 0 {
		e.Histogram = &page.Histogram{
			From: rounded(h.From), To: rounded(h.To), Counts: h.Counts, Fires: rounded(filter.Fires),
		}
	}
	if filter.Filter < len(result.Alike) {
		e.Alike = mostAlike(result.Layer, filter.Filter, result.Alike[filter.Filter])
	}
	return nil
}

// mostAlike are the filters of a layer whose activations rise and fall most with those of one of them.
func mostAlike(layer string, filter int, correlations []float32) (all []page.Neighbor) {
	for other, c := range correlations {
		if other != filter && c > 0 {
			all = append(all, page.Neighbor{Layer: layer, Filter: other, Weight: rounded(float64(c))})
		}
	}
	slices.SortStableFunc(all, func(a, b page.Neighbor) int { return cmp.Compare(b.Weight, a.Weight) })
	return all[:min(len(all), alike)]
}
