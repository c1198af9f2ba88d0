// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"convscope/internal/fetch"
)

// Folder returns the path of a folder with the photographs that anyone may show, those that are [Photo.Free]: for what
// looks through folders. It is the folder "free" beside the photographs that [Open] keeps, and is filled and repaired
// as they are.
func Folder(ctx context.Context) (string, error) {
	cache, err := fetch.CacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "photos")
	free := filepath.Join(dir, "free")
	for _, photo := range photos {
		if !photo.Free {
			continue
		}
		if _, err := photo.read(free); err == nil {
			continue
		}
		content, err := photo.fetched(ctx, dir)
		if err != nil {
			return "", err
		}
		err = fetch.WriteAtomic(filepath.Join(free, photo.member), func(w io.Writer) error {
			_, err := io.Copy(w, bytes.NewReader(content))
			return err
		})
		if errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w: set %s to a folder that can be written", err, fetch.EnvCache)
		}
		if err != nil {
			return "", fmt.Errorf("sample photograph %s: %w", photo.Name, err)
		}
	}
	return free, nil
}

// MustFolder is [Folder] for notebook cells: errors panic.
func MustFolder() string {
	dir, err := Folder(context.Background())
	if err != nil {
		panic(err)
	}
	return dir
}
