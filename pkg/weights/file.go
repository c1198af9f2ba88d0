// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// File is an open set of weights. It is safe for many goroutines.
type File struct {
	m      Manifest
	source string
	table  []Spec // with the hashes of these values
	report func(string)
	ctx    context.Context // of Open: for fetching again what turns out to be damaged

	mu     sync.Mutex
	closed bool
	memory [][]float32 // the values, when they are not in the cache
	cache  *cached
	old    []*cached // replaced, but their values are still in use
	done   map[int][]float32
}

// Tensor returns a tensor's shape and its values, the last axis fastest. The first call for a name reads only
// that tensor's bytes and checks their SHA-256; later calls cost nothing. The values are read-only memory,
// valid until Close: writing to them ends the program.
//
// If the cached tensor is damaged, that is reported, the weights are fetched again and the read is repeated
// once. Errors: ErrNoTensor, ErrClosed, ErrDamagedCache together with what kept it from being fetched again.
func (f *File) Tensor(name string) (shape []int, data []float32, err error) {
	i, ok := f.m.index(name)
	if !ok {
		return nil, nil, fmt.Errorf("%s: %w: %q; it has %s", f.m.Model, ErrNoTensor, name, f.names())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, nil, ErrClosed
	}
	data, ok = f.done[i]
	if !ok {
		if data, err = f.read(i); err != nil {
			return nil, nil, err
		}
		f.done[i] = data
	}
	return slices.Clone(f.m.Tensors[i].Shape), data, nil
}

func (f *File) read(i int) ([]float32, error) {
	if f.memory != nil {
		return f.memory[i], nil
	}
	data, damage := f.cache.tensor(i)
	if !errors.Is(damage, ErrDamagedCache) {
		return data, damage
	}
	f.report(fmt.Sprintf("weights: cache: %v; fetching them again", damage))
	whole := func(c *cached) error {
		_, err := c.tensor(i)
		return err
	}
	got, err := fill(f.ctx, f.m, f.report, whole)
	if err != nil {
		return nil, fmt.Errorf("%w; %w", damage, err)
	}
	f.old = append(f.old, f.cache)
	f.cache, f.memory = got.cache, got.memory
	if f.memory != nil {
		return f.memory[i], nil
	}
	return f.cache.tensor(i)
}

// names lists the tensors for a message, shortened.
func (f *File) names() string {
	var names []string
	for _, s := range f.m.Tensors {
		names = append(names, s.Name)
	}
	if n := len(names); n > 6 {
		names = append(names[:3:3], "...", names[n-1])
	}
	return strings.Join(names, ", ")
}

// Official reports whether every tensor has the official hash: the ImageNet weights.
func (f *File) Official() bool { return f.SHA256() == f.m.SHA256() }

// Source says in one line where the weights come from.
func (f *File) Source() string { return f.source }

// SHA256 returns one hash over all names, shapes and tensor hashes, in hex: it tells these weights from others.
func (f *File) SHA256() string { return tableHash(f.table) }

// Close ends the use of the weights: values that Tensor returned must not be used any more.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed, f.done, f.memory = true, nil, nil
	var errs []error
	if f.cache != nil {
		errs = append(errs, f.cache.close())
	}
	for _, c := range f.old {
		errs = append(errs, c.close())
	}
	return errors.Join(errs...)
}
