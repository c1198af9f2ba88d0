// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package example

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
)

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
		f.counters[c].grow(float64(min(low[c], f.Ceiling)), float64(min(high[c], f.Ceiling)))
		p.photo.fired[l][c] = p.photo.fired[l][c] || high[c] > f.Silence
		s.candidates(l, c, p, values, sight, high[c], at[c])
	}
	for i := 0; i < len(values); i += n {
		for c, v := range values[i : i+n] {
			f.counters[c].add(min(v, f.Ceiling))
		}
	}
	return nil
}

// candidates keeps the places of a picture at which a filter answers most, the strongest of which is known, if they
// may be among the first of all.
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
