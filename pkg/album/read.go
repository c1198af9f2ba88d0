// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package album

import (
	"context"
	"fmt"
	"image"
	"iter"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"convscope/internal/progress"
)

// Photo is a photograph of an album.
type Photo struct {
	// Index is its place among the album's names.
	Index int
	Name  string
	Image image.Image
	// Err says why there is no image.
	Err error
}

// All are the photographs, one after the other, with a progress bar. One that can't be read is named and passed over:
// the first few of them, and then how many others. The iteration ends early with ctx.
func (a *Album) All(ctx context.Context) iter.Seq[Photo] {
	return func(yield func(Photo) bool) {
		var skipped Report
		defer skipped.Done()
		for _, folder := range a.Closed {
			skipped.Add(folder.Err)
		}
		bar := progress.New("photographs", int64(len(a.Names)), progress.Things)
		defer bar.Done()
		for i, name := range a.Names {
			if ctx.Err() != nil {
				return
			}
			img, err := a.Photo(name)
			if err != nil {
				skipped.Add(err)
			} else if !yield(Photo{Index: i, Name: name, Image: img}) {
				return
			}
			bar.Set(int64(i + 1))
		}
	}
}

// Report names what is passed over: the first few, and then how many others.
type Report struct{ count int }

// maxNamed is how many photographs that can't be read are named.
const maxNamed = 10

// Add names one, or counts it.
func (r *Report) Add(err error) {
	if r.count++; r.count <= maxNamed {
		progress.Line("passed over: " + strings.Join(strings.Fields(err.Error()), " "))
	}
}

// Done says how many others there were.
func (r *Report) Done() {
	if r.count > maxNamed {
		progress.Line(fmt.Sprintf("passed over: %d others", r.count-maxNamed))
	}
	r.count = 0
}

const (
	// mostReaders bounds how many photographs are read at once.
	mostReaders = 16
	// mostPixels bounds how many pixels those in memory have together: as many as one photograph may have.
	mostPixels = 1 << 26
)

// Each reads the photographs several at a time, makes something small of each, and gives that in the album's order.
// use runs in goroutines of its own, and gets photographs that could be read. The iteration ends early with ctx.
func Each[T any](ctx context.Context, a *Album, use func(photo Photo) T) iter.Seq2[Photo, T] {
	return func(yield func(Photo, T) bool) {
		ctx, stop := context.WithCancel(ctx)
		readers := min(max(runtime.GOMAXPROCS(0), 1), mostReaders)
		r := &reader[T]{album: a, use: use, order: make(chan chan one[T], readers), free: make(chan struct{}, readers),
			pixels: semaphore.NewWeighted(mostPixels)}
		var begun sync.WaitGroup
		begun.Go(func() { r.begin(ctx, &begun) })
		defer func() { // no goroutine outlives the iteration
			stop()
			begun.Wait()
		}()
		for to := range r.order {
			next := <-to
			if ctx.Err() != nil || !yield(next.photo, next.made) {
				return
			}
		}
	}
}

// reader reads an album's photographs.
type reader[T any] struct {
	album  *Album
	use    func(photo Photo) T
	order  chan chan one[T] // what is to come, in the album's order
	free   chan struct{}
	pixels *semaphore.Weighted
}

// one is a photograph and what was made of it.
type one[T any] struct {
	photo Photo
	made  T
}

// begin begins to read one photograph after the other.
func (r *reader[T]) begin(ctx context.Context, begun *sync.WaitGroup) {
	defer close(r.order)
	for i, name := range r.album.Names {
		to := make(chan one[T], 1)
		select {
		case r.free <- struct{}{}:
		case <-ctx.Done():
			return
		}
		select {
		case r.order <- to:
		case <-ctx.Done():
			return
		}
		begun.Go(func() {
			defer func() { <-r.free }()
			to <- r.read(ctx, Photo{Index: i, Name: name})
		})
	}
}

// read reads a photograph when there is memory for it.
func (r *reader[T]) read(ctx context.Context, photo Photo) (all one[T]) {
	all.photo = photo
	pixels, err := r.album.pixels(photo.Name)
	if err == nil {
		err = r.pixels.Acquire(ctx, min(pixels, mostPixels))
	}
	if err != nil {
		all.photo.Err = err
		return all
	}
	defer r.pixels.Release(min(pixels, mostPixels))
	if photo.Image, err = r.album.Photo(photo.Name); err != nil {
		all.photo.Err = err
		return all
	}
	all.made = r.use(photo)
	return all
}
