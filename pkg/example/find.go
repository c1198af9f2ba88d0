// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/layer"
	"convscope/pkg/picture"
)

const (
	defaultCount = 9
	mostCount    = 1000
	defaultSize  = 224
	mostScales   = 16
	// A scale beyond these leaves nothing of a picture, or is beyond any memory.
	leastScale, mostScale = 1. / 64, 64
)

// Check returns an error that says which option can't be.
func (o Options) Check() error {
	switch {
	case o.Count < 0 || o.Count > mostCount:
		return fmt.Errorf("%d examples: give 1 to %d", o.Count, mostCount)
	case o.PerPhoto < 0 || o.PerPhoto > mostCount:
		return fmt.Errorf("%d examples from one photograph: give 1 to %d", o.PerPhoto, mostCount)
	case o.Size < 0 || o.Batch < 0:
		return errors.New("a size or a batch below 0: give a whole number from 1")
	case len(o.Scales) > mostScales:
		return fmt.Errorf("%d scales: give at most %d", len(o.Scales), mostScales)
	}
	for i, scale := range o.Scales {
		if !(scale >= leastScale && scale <= mostScale) {
			return fmt.Errorf("a scale of %g: give numbers from 1/64 to 64, such as 1", scale)
		}
		if slices.Contains(o.Scales[:i], scale) {
			return fmt.Errorf("a scale of %g is named twice", scale)
		}
	}
	return nil
}

// Find shows all photographs to the network, once, and returns what each layer's filters answer to, without the pieces'
// images: see [Result.Cut]. Photographs are looked at whole, but for what is cut off at their sides to give them one of
// three proportions, each scaled to the size that the network was made for. However many there are, the memory that it
// takes is bounded.
//
// Photographs that can't be read are named and passed over. Errors are those of [Options.Check] and of computing, one for
// an album of which nothing could be read, and ctx's cause.
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
	s.bar = progress.New("photographs", int64(len(photos.Names)), progress.Steps)
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

// search is one pass over the photographs.
type search struct {
	target  Target
	options Options
	shapes  []shapes
	sights  map[image.Point][]layer.Sight // of each layer
	waiting map[image.Point][]*shown
	photos  int // in the album
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
	s := &search{target: target, options: o, photos: photos,
		sights: make(map[image.Point][]layer.Sight), waiting: make(map[image.Point][]*shown)}
	for _, scale := range o.Scales {
		sizes, err := shapesOf(target, scale)
		if err != nil {
			return nil, err
		}
		s.shapes = append(s.shapes, sizes)
		for _, size := range sizes.sizes {
			if _, err := target.Batch(size.Y, size.X, 1); err != nil {
				return nil, err
			}
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
		f := &found{Layer: l, ranks: make([]rank, l.Filters), counters: make([]counter, l.Filters), fires: make([]int, l.Filters)}
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
		batch, err := s.batch(p.size)
		if err != nil {
			return err
		}
		if len(s.waiting[p.size]) == batch {
			if err := s.look(p.size, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// batch is how many pictures of a size are computed at once.
func (s *search) batch(size image.Point) (int, error) {
	if s.options.Batch > 0 {
		return s.options.Batch, nil
	}
	return s.target.Batch(size.Y, size.X, s.photos)
}

// finish looks at the pictures that still wait.
func (s *search) finish() error {
	for _, sizes := range s.shapes {
		for _, size := range sizes.sizes {
			if len(s.waiting[size]) == 0 {
				continue
			}
			batch, err := s.batch(size)
			if err != nil {
				return err
			}
			if err := s.look(size, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// look computes what waits of a size. What is missing in a batch is zeros, so that one program serves all.
func (s *search) look(size image.Point, batch int) error {
	pictures := s.waiting[size]
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

// note keeps what a layer answers to pictures of one size.
func (s *search) note(l int, pictures []*shown, outputs []*tensors.Tensor) (err error) {
	f, activations, dims := s.layers[l], outputs[0], outputs[0].Shape().Dimensions
	positions := dims[1] * dims[2]
	sight := s.sights[pictures[0].size][l]
	if rows, columns := sight.Size(); rows != dims[1] || columns != dims[2] || dims[3] != f.Filters {
		return fmt.Errorf("%s: %dx%d positions of %d filters were computed, where %dx%d of %d should be", f.Name,
			dims[1], dims[2], dims[3], rows, columns, f.Filters)
	}
	return errors.Join(tensors.ConstFlatData(activations, func(all []float32) {
		for i, p := range pictures {
			values := all[i*positions*f.Filters : (i+1)*positions*f.Filters]
			if err = s.noteOne(l, p, values, sight); err != nil {
				return
			}
		}
	}), err, s.noteMoments(f, len(pictures), positions, outputs[1], outputs[2]))
}

// noteMoments adds to a layer's moments those of so many pictures.
func (s *search) noteMoments(f *found, pictures, positions int, means, products *tensors.Tensor) error {
	if f.moments == nil {
		return nil
	}
	n := f.Filters
	return tensors.ConstFlatData(means, func(means []float32) {
		_ = tensors.ConstFlatData(products, func(products []float32) {
			for i := range pictures {
				f.moments.add(positions, means[i*n:(i+1)*n], products[i*n*n:(i+1)*n*n])
			}
		})
	})
}

// ErrNotFinite is returned, wrapped, for activations that are no numbers.
var ErrNotFinite = errors.New("the activations are not finite numbers: check the weights")

// noteOne keeps what a layer's filters answer to one picture, [positions, filters].
func (s *search) noteOne(l int, p *shown, values []float32, sight layer.Sight) error {
	f := s.layers[l]
	n := f.Filters
	low, high, at := slices.Clone(values[:n]), slices.Clone(values[:n]), make([]int, n)
	finite := float32(0) // x-x is 0 for finite numbers alone
	for i := 0; i < len(values); i += n {
		for c, v := range values[i : i+n] {
			finite += v - v
			if v > high[c] {
				high[c], at[c] = v, i/n
			} else if v < low[c] {
				low[c] = v
			}
		}
	}
	if finite != 0 {
		return fmt.Errorf("%s on %s: %w", f.Name, p.photo.name, ErrNotFinite)
	}
	for c := range n {
		f.counters[c].grow(float64(low[c]), float64(high[c]))
		p.photo.fired[l][c] = p.photo.fired[l][c] || high[c] > f.Silence
		s.candidates(l, c, p, values, sight, high[c], at[c])
	}
	for i := 0; i < len(values); i += n {
		for c, v := range values[i : i+n] {
			f.counters[c].add(v)
		}
	}
	return nil
}

// candidates keeps the places of a picture at which a filter answers most, the strongest of which is known, if they may
// be among the first of all.
func (s *search) candidates(l, c int, p *shown, values []float32, sight layer.Sight, strongest float32, at int) {
	_, columns := sight.Size()
	placed := func(activation float32, at int) place {
		return place{activation, p.photo.index, p.index, at, p.in(sight.At(at/columns, at%columns)), p.scale}
	}
	first := placed(strongest, at)
	if !s.layers[l].ranks[c].admits(first, s.options.Count) {
		return
	}
	kept := []place{first}
	for len(kept) < s.options.PerPhoto {
		next := place{activation: float32(math.Inf(-1))}
		for i := range len(values) / s.layers[l].Filters {
			v := values[i*s.layers[l].Filters+c]
			if v <= next.activation {
				continue
			}
			one := placed(v, i)
			if !slices.ContainsFunc(kept, func(other place) bool { return one.piece.Overlaps(other.piece) }) {
				next = one
			}
		}
		if next.piece.Empty() {
			break
		}
		kept = append(kept, next)
	}
	p.photo.places[l][c] = append(p.photo.places[l][c], kept...)
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

// results are what was found.
func (s *search) results(photos *album.Album) []*Result {
	all := make([]*Result, len(s.layers))
	for l, f := range s.layers {
		r := &Result{Layer: f.Name, Photos: s.read, Skipped: s.skipped}
		for c := range f.Filters {
			filter := Filter{Filter: c, Histogram: f.counters[c].histogram(), Fires: float64(f.fires[c]) / float64(s.read)}
			for _, p := range f.ranks[c] {
				filter.Examples = append(filter.Examples, Example{Photo: photos.Names[p.photo], Place: p.piece, Activation: p.activation, Scale: p.scale})
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
