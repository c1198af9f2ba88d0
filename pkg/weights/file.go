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
	m        Manifest
	source   string
	table    []Spec // with the hashes of these values
	official bool
	path     string // the official file that the user gave, when its tensors are in the cache
	input    string // what pictures the user's file takes, as was said and, once it was read, as it tells
	report   func(string)
	ctx      context.Context // of Open: for fetching again what turns out to be damaged

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
		return nil, nil, f.noTensor(name)
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
	got, err := f.refill(i)
	if err != nil {
		return nil, fmt.Errorf("%w; %w", damage, err)
	}
	f.old = append(f.old, f.cache)
	f.cache, f.memory, f.table = got.cache, got.memory, got.table
	if f.memory != nil {
		return f.memory[i], nil
	}
	return f.cache.tensor(i)
}

// refill gets the weights again when the i-th tensor in the cache is damaged.
func (f *File) refill(i int) (*filled, error) {
	if f.path != "" {
		return f.reread()
	}
	return fill(f.ctx, f.m, f.report, func(c *cached) error {
		_, err := c.tensor(i)
		return err
	})
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

// Shape returns a tensor's dimensions without reading it. The error is ErrNoTensor.
func (f *File) Shape(name string) ([]int, error) {
	i, ok := f.m.index(name)
	if !ok {
		return nil, f.noTensor(name)
	}
	return slices.Clone(f.m.Tensors[i].Shape), nil
}

func (f *File) noTensor(name string) error {
	return fmt.Errorf("%s: %w: %q; it has %s", f.m.Model, ErrNoTensor, name, f.names())
}

// Official reports whether every tensor is the official one: the ImageNet weights. Of a tensor without a hash of its
// own that is known only when it comes from the official file, whose size and hash were right.
func (f *File) Official() bool { return f.official }

// Source says in one line where the weights come from.
func (f *File) Source() string { return f.source }

// Input says what pictures the values in the user's file take, one of the names of Options.Input, as was said or as
// the file tells. It is "" if nothing tells, and for the official weights, which need no telling.
func (f *File) Input() string {
	if f.official {
		return ""
	}
	return f.input
}

// SHA256 returns one hash over all names, shapes and tensor hashes, in hex: it tells these weights from others. With a
// manifest that has a part of this one's tensors, it is the hash over that part.
func (f *File) SHA256(part ...Manifest) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(part) == 0 {
		return tableHash(f.table)
	}
	var table []Spec
	for _, m := range part {
		for _, s := range m.Tensors {
			if i, ok := f.m.index(s.Name); ok {
				table = append(table, f.table[i])
			}
		}
	}
	return tableHash(table)
}

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
