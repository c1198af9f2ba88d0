// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/album"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
)

// piecesOf are the most pieces that one photograph is compared by: itself and its quarters.
const piecesOf = 5

// meansOf are the filters' mean activations in each layer on each piece of the photographs, [layers][pieces][filters].
func meansOf(ctx context.Context, photos *album.Album, net *network.Model, height, width int,
	layers ...string) ([][][]float32, error) {
	if err := checkPhotos(photos, net.Table, height, width, device.HostMemory(), layers...); err != nil {
		return nil, err
	}
	all := make([][][]float32, len(layers))
	for photo := range photos.All(ctx) {
		responses, err := net.Responses(ascent.Pieces(height, width, net.PictureChannels(), photo.Image), true, layers...)
		if err != nil {
			return nil, err
		}
		for i, response := range responses {
			all[i] = append(all[i], response.Mean...)
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if len(all[0]) == 0 { // they were damaged or taken away since
		return nil, fmt.Errorf("%s: %w", photos.Dir, album.ErrNone)
	}
	return all, nil
}

// checkPhotos refuses more photographs than the free bytes hold the activations of.
func checkPhotos(photos *album.Album, table *network.Table, height, width int, free int64, layers ...string) error {
	values := 0.0
	for _, name := range layers {
		layer, err := table.Find(name)
		if err != nil {
			return err
		}
		if err := layer.CheckMemory(piecesOf, height, width, free); err != nil {
			return err
		}
		values += float64(layer.Filters)
	}
	const bytes, mib = 8, 1 << 20 // a value: a float32, and the list that outgrew it
	if need := bytes * piecesOf * values * float64(len(photos.Names)); need > float64(free) {
		return fmt.Errorf("the activations of %d photographs need about %.0f MiB, but %d MiB are free: give fewer "+
			"photographs, or fewer layers",
			len(photos.Names), need/mib, free/mib)
	}
	return nil
}

// levelsOf are all pieces of the photographs, height x width x 3 gray levels each.
func levelsOf(ctx context.Context, photos *album.Album, height, width int) iter.Seq[[]float32] {
	return func(yield func([]float32) bool) {
		for photo := range photos.All(ctx) {
			pieces := tensors.MustCopyFlatData[float32](ascent.Pieces(height, width, 3, photo.Image))
			for piece := range slices.Chunk(pieces, height*width*3) {
				if !yield(piece) {
					return
				}
			}
		}
	}
}
