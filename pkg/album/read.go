// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package album

import (
	"context"
	"fmt"
	"image"
	"iter"
	"runtime"
	"strings"

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
		bar := progress.New("photographs", int64(len(a.Names)), progress.Steps)
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

// mostReaders bounds how many photographs are in memory at once, each of up to 67,108,864 pixels.
const mostReaders = 4

// Each reads the photographs several at a time, makes something small of each, and gives that in the album's order. use
// runs in goroutines of its own, and gets photographs that could be read. The iteration ends early with ctx.
func Each[T any](ctx context.Context, a *Album, use func(photo Photo) T) iter.Seq2[Photo, T] {
	return func(yield func(Photo, T) bool) {
		ctx, stop := context.WithCancel(ctx)
		type result struct {
			photo Photo
			made  T
		}
		readers := min(max(runtime.GOMAXPROCS(0), 1), mostReaders)
		order := make(chan chan result, readers)
		ended := make(chan struct{})
		defer func() { // no goroutine outlives the iteration
			stop()
			for range order { //nolint:revive // what was begun
			}
			<-ended
		}()
		go func() {
			defer close(ended)
			free := make(chan struct{}, readers)
			defer func() {
				for range readers {
					free <- struct{}{}
				}
			}()
			defer close(order)
			for i, name := range a.Names {
				select {
				case free <- struct{}{}:
				case <-ctx.Done():
					return
				}
				to := make(chan result, 1)
				select {
				case order <- to:
				case <-ctx.Done():
					<-free
					return
				}
				go func() {
					defer func() { <-free }()
					one := result{photo: Photo{Index: i, Name: name}}
					if one.photo.Image, one.photo.Err = a.Photo(name); one.photo.Err == nil {
						one.made = use(one.photo)
						one.photo.Image = nil
					}
					to <- one
				}()
			}
		}()
		for to := range order {
			one := <-to
			if ctx.Err() != nil || !yield(one.photo, one.made) {
				return
			}
		}
	}
}
