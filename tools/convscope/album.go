// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/internal/progress"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// album is a folder of photographs. They are opened one at a time, whenever they are needed: together they could fill
// the memory.
type album struct {
	dir   string
	files []string // their paths
}

// errNoPhotographs is returned, wrapped, for a folder without any that can be read.
var errNoPhotographs = errors.New("there is no photograph in it that can be read: give a folder with PNG, JPEG, GIF or WebP files")

// openAlbum lists a folder's photographs, and finds out whether there is one that can be read, before anything is
// computed for them.
func openAlbum(dir string) (*album, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("reading the photographs: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("reading the photographs: %s is no folder: give the folder that they are in", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the photographs: %w", err)
	}
	a := &album{dir: dir}
	for _, entry := range entries {
		ext := strings.ToLower(filepath.Ext(entry.Name()))
		if slices.Contains([]string{".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp"}, ext) {
			a.files = append(a.files, filepath.Join(dir, entry.Name()))
		}
	}
	var why error
	for _, path := range a.files {
		if _, why = picture.Open(path); why == nil {
			return a, nil
		}
	}
	if len(a.files) == 1 {
		return nil, fmt.Errorf("%s: %w (%w)", dir, errNoPhotographs, why)
	}
	return nil, fmt.Errorf("%s: %w", dir, errNoPhotographs)
}

// maxNamed is how many photographs that can't be read are named.
const maxNamed = 10

// all are the photographs, one after the other. One that can't be read is named and passed over. The iteration ends
// early with ctx.
func (a *album) all(ctx context.Context) iter.Seq[image.Image] {
	return func(yield func(image.Image) bool) {
		bar := progress.New("photographs", int64(len(a.files)), progress.Steps)
		defer bar.Done()
		unread := 0
		for i, path := range a.files {
			if ctx.Err() != nil {
				return
			}
			photo, err := picture.Open(path)
			if err != nil {
				if unread++; unread <= maxNamed {
					progress.Line("passed over: " + strings.Join(strings.Fields(err.Error()), " "))
				}
			} else if !yield(photo) {
				return
			}
			bar.Set(int64(i + 1))
		}
		if unread > maxNamed {
			progress.Line(fmt.Sprintf("passed over: %d others", unread-maxNamed))
		}
	}
}

// piecesOf are the most pieces that one photograph is compared by: itself and its quarters.
const piecesOf = 5

// means are the filters' mean activations in each layer on each piece of the photographs, [layers][pieces][filters].
func (a *album) means(ctx context.Context, net *network.Model, height, width int, layers ...string) ([][][]float32, error) {
	if err := a.check(net.Table, height, width, device.HostMemory(), layers...); err != nil {
		return nil, err
	}
	all := make([][][]float32, len(layers))
	for photo := range a.all(ctx) {
		responses, err := net.Responses(ascent.Pieces(height, width, net.PictureChannels(), photo), true, layers...)
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
		return nil, fmt.Errorf("%s: %w", a.dir, errNoPhotographs)
	}
	return all, nil
}

// check refuses more photographs than the free bytes hold the activations of.
func (a *album) check(table *network.Table, height, width int, free int64, layers ...string) error {
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
	if need := bytes * piecesOf * values * float64(len(a.files)); need > float64(free) {
		return fmt.Errorf("the activations of %d photographs need about %.0f MiB, but %d MiB are free: give fewer photographs, or fewer layers",
			len(a.files), need/mib, free/mib)
	}
	return nil
}

// levels are all pieces of the photographs, height x width x 3 gray levels each.
func (a *album) levels(ctx context.Context, height, width int) iter.Seq[[]float32] {
	return func(yield func([]float32) bool) {
		for photo := range a.all(ctx) {
			pieces := tensors.MustCopyFlatData[float32](ascent.Pieces(height, width, 3, photo))
			for piece := range slices.Chunk(pieces, height*width*3) {
				if !yield(piece) {
					return
				}
			}
		}
	}
}
