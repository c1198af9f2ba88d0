// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"cmp"
	"image"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/layer"
	"convscope/pkg/picture"
)

// search is one pass over the photographs.
type search struct {
	target  Target
	options Options
	shapes  []shapes
	sights  map[image.Point][]layer.Sight // of each layer
	batches map[image.Point]int           // how many pictures of a size are computed at once
	waiting map[image.Point][]*shown
	layers  []*found
	read    int
	skipped []album.Skipped
	report  album.Report
	bar     progress.Bar
	done    int64 // how many photographs
}

// found is what is found in one layer.
type found struct {
	Layer
	ranks    []rank
	counters []counter
	fires    []int
	moments  *moments // nil for too many filters
}

// shown is a picture on its way into the network.
type shown struct {
	frame
	index  int // among its photograph's
	values []float32
	photo  *sitting
}

// sitting is a photograph whose pictures are being looked at.
type sitting struct {
	index int
	name  string
	left  int // how many pictures
	// places are those of each layer and filter that may be among the first, fired says whether it answers anywhere.
	places [][][]place
	fired  [][]bool
}

func newSearch(target Target, o Options, photos int) (*search, error) {
	o.Count, o.PerPhoto = cmp.Or(o.Count, defaultCount), cmp.Or(o.PerPhoto, 1)
	if len(o.Scales) == 0 {
		o.Scales = []float64{1}
	}
	s := &search{target: target, options: o, sights: make(map[image.Point][]layer.Sight),
		waiting: make(map[image.Point][]*shown), batches: make(map[image.Point]int)}
	for _, scale := range o.Scales {
		sizes, err := shapesOf(target, scale)
		if err != nil {
			return nil, err
		}
		s.shapes = append(s.shapes, sizes)
		for _, size := range sizes.sizes {
			if s.batches[size], err = target.Batch(size.Y, size.X, photos); err != nil {
				return nil, err
			}
			s.batches[size] = cmp.Or(o.Batch, s.batches[size])
			for _, l := range target.Layers {
				sight, err := target.Sight(l.Name, size.Y, size.X)
				if err != nil {
					return nil, err
				}
				s.sights[size] = append(s.sights[size], sight)
			}
		}
	}
	for _, l := range target.Layers {
		f := &found{Layer: l, ranks: make([]rank, l.Filters), counters: make([]counter, l.Filters),
			fires: make([]int, l.Filters)}
		if l.Filters <= MostAlike {
			f.moments = newMoments(l.Filters)
		}
		s.layers = append(s.layers, f)
	}
	return s, nil
}

// skip names a photograph that can't be used.
func (s *search) skip(one album.Skipped) {
	s.report.Add(one.Err)
	s.skipped = append(s.skipped, one)
}

// advance counts a photograph that is done with.
func (s *search) advance() {
	s.done++
	s.bar.Set(s.done)
}

// pictures are a photograph's, as the network takes them.
func (s *search) pictures(photo album.Photo) []*shown {
	var all []*shown
	for _, sizes := range s.shapes {
		for _, f := range sizes.frames(photo.Image.Bounds()) {
			scaled := picture.Scale(photo.Image, f.part, f.size.Y, f.size.X)
			values := tensors.MustCopyFlatData[float32](picture.TensorOf(scaled, f.size.Y, f.size.X, s.target.Channels))
			all = append(all, &shown{frame: f, index: len(all), values: values})
		}
	}
	return all
}

// take lets a photograph's pictures wait until there are enough of one size.
func (s *search) take(photo album.Photo, pictures []*shown) error {
	s.read++
	sitter := &sitting{index: photo.Index, name: photo.Name, left: len(pictures)}
	for _, l := range s.layers {
		sitter.places = append(sitter.places, make([][]place, l.Filters))
		sitter.fired = append(sitter.fired, make([]bool, l.Filters))
	}
	for _, p := range pictures {
		p.photo = sitter
		s.waiting[p.size] = append(s.waiting[p.size], p)
		if len(s.waiting[p.size]) == s.batches[p.size] {
			if err := s.look(p.size); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish looks at the pictures that still wait.
func (s *search) finish() error {
	for _, sizes := range s.shapes {
		for _, size := range sizes.sizes {
			if len(s.waiting[size]) == 0 {
				continue
			}
			if err := s.look(size); err != nil {
				return err
			}
		}
	}
	return nil
}

// look computes what waits of a size. What is missing in a batch is zeros, so that one program serves all.
func (s *search) look(size image.Point) error {
	pictures, batch := s.waiting[size], s.batches[size]
	s.waiting[size] = nil
	one := size.X * size.Y * s.target.Channels
	values := make([]float32, batch*one)
	for i, p := range pictures {
		copy(values[i*one:], p.values)
		p.values = nil
	}
	outputs, err := s.target.Run(tensors.FromFlatDataAndDimensions(values, batch, size.Y, size.X, s.target.Channels))
	if err != nil {
		return err
	}
	defer func() {
		for _, output := range outputs {
			output.MustFinalizeAll()
		}
	}()
	for l := range s.layers {
		if err := s.note(l, pictures, outputs[3*l:3*l+3]); err != nil {
			return err
		}
	}
	for _, p := range pictures {
		if p.photo.left--; p.photo.left == 0 {
			s.conclude(p.photo)
		}
	}
	return nil
}

// conclude ranks what was found in a photograph.
func (s *search) conclude(photo *sitting) {
	defer s.advance()
	for l, f := range s.layers {
		for c := range f.Filters {
			if photo.fired[l][c] {
				f.fires[c]++
			}
			for _, p := range apart(photo.places[l][c], s.options.PerPhoto) {
				f.ranks[c].add(p, s.options.Count)
			}
		}
	}
}
