// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package label

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"convscope/internal/file"
	"convscope/internal/progress"
)

// EnvPath names the environment variable that gives a class index: CONVSCOPE_CLASSES.
const EnvPath = "CONVSCOPE_CLASSES"

// maxFile is how many bytes a user's class index may have. Keras' has 35 kB.
const maxFile = 1 << 20

// Options say where to look. The zero value is right for most.
type Options struct {
	// Path is a class index to use instead of Keras' own, in the same form but perhaps with other names, such as those
	// of another language. "" means what CONVSCOPE_CLASSES says, and if that is empty the cache, then the official
	// sources.
	Path string
	// Report is given one line for each source that is tried; nil prints it. When the cache has the names, nothing is
	// reported.
	Report func(line string)
}

// ImageNet returns the 1,000 classes of ImageNet by the names that Keras gives them, fetching them when needed. Errors
// are one line that says what was tried, [ErrFormat] for a bad file of the user's, or the context's.
func ImageNet(ctx context.Context, o Options) (Classes, error) {
	from, err := known()
	if err != nil {
		return nil, err
	}
	return from.open(ctx, o)
}

// open is ImageNet for any sources.
func (s sources) open(ctx context.Context, o Options) (Classes, error) {
	path, given := o.Path, "option"
	if path == "" {
		path, given = os.Getenv(EnvPath), EnvPath
	}
	if path != "" {
		text, err := readFile(path)
		if err == nil {
			var classes Classes
			if classes, err = Parse(text); err == nil {
				return classes, nil
			}
			err = fmt.Errorf("%s: %w", path, err)
		}
		return nil, fmt.Errorf("class names given by %s: %w", given, err)
	}
	report := o.Report
	if report == nil {
		report = func(line string) { progress.Line(line) }
	}
	text, err := s.cached(ctx, report)
	if err != nil {
		return nil, err
	}
	return Parse(text)
}

// readFile reads a user's file, if it is not too large to be a class index.
func readFile(path string) ([]byte, error) {
	opened, err := file.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: %w; give a file like Keras' imagenet_class_index.json", path, fs.ErrNotExist)
	case err != nil:
		return nil, err
	}
	defer opened.Close()
	text, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s: %w: it is larger than a megabyte", path, ErrFormat)
	}
	return text, err
}

// SourcesError is the error of [ImageNet] when no source could give the names.
type SourcesError struct {
	Tried []error // one for each source, in the order tried
}

// Error says in one line what was tried and how to go on.
func (e *SourcesError) Error() string {
	tried := make([]string, len(e.Tried))
	for i, err := range e.Tried {
		tried[i] = err.Error()
	}
	return fmt.Sprintf("cannot get the names of ImageNet's classes: %s; to go on offline, copy Keras' "+
		"imagenet_class_index.json here and set %s to its path",
		strings.Join(tried, "; "), EnvPath)
}

// Unwrap lets errors.Is look into every source's error.
func (e *SourcesError) Unwrap() []error { return e.Tried }
