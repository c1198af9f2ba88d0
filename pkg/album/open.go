// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package album

import (
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"convscope/internal/file"
	"convscope/pkg/picture"
)

// Album is a folder of photographs. They are opened whenever they are needed.
type Album struct {
	// Dir is the folder.
	Dir string
	// Names are the photographs' paths in it, with slashes, in order.
	Names []string
	// Closed are folders in it that can't be read.
	Closed []Skipped
}

// Skipped is a photograph, or a folder, that can't be read.
type Skipped struct {
	// Name is its path in the album's folder.
	Name string
	Err  error
}

// ErrNone is returned, wrapped, for a folder without any photograph that can be read.
var ErrNone = errors.New(
	"there is no photograph in it that can be read: give a folder with PNG, JPEG, GIF or WebP files")

// endings are how the names of photographs end, in small letters.
var endings = []string{".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp"}

// Open lists the photographs in a folder and the folders in it, and finds out whether there is one that can be read,
// before anything is computed for them.
func Open(dir string) (*Album, error) {
	a, err := List(dir)
	if err != nil {
		return nil, err
	}
	var why error
	for _, name := range a.Names {
		if _, why = a.Photo(name); why == nil {
			return a, nil
		}
	}
	if len(a.Names) == 1 {
		return nil, fmt.Errorf("%s: %w (%w)", dir, ErrNone, why)
	}
	return nil, fmt.Errorf("%s: %w", dir, ErrNone)
}

// List is [Open] without a look into the photographs.
func List(dir string) (*Album, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the photographs: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("reading the photographs: %s is no folder: give the folder that they are in", dir)
	}
	if _, err := os.ReadDir(dir); err != nil {
		return nil, fmt.Errorf("reading the photographs: %w", err)
	}
	a := &Album{Dir: dir}
	a.list("", info, make(map[string][]fs.FileInfo))
	slices.Sort(a.Names)
	return a, nil
}

// list adds the photographs of a folder in the album's, whose info it is. seen are the folders that were listed
// before, by their sizes and times, which are the same for one and the same.
func (a *Album) list(name string, info fs.FileInfo, seen map[string][]fs.FileInfo) {
	key := fmt.Sprint(info.Size(), info.ModTime())
	if slices.ContainsFunc(seen[key], func(known fs.FileInfo) bool { return os.SameFile(known, info) }) {
		return
	}
	seen[key] = append(seen[key], info)
	entries, err := os.ReadDir(a.path(name))
	if err != nil {
		a.Closed = append(a.Closed, Skipped{name, err})
		return
	}
	var links []string // after the folders themselves, which have the names that people know
	for _, entry := range entries {
		own := joined(name, entry.Name())
		switch {
		case strings.HasPrefix(entry.Name(), "."):
		case entry.Type()&fs.ModeSymlink != 0:
			links = append(links, own)
		default:
			a.add(own, entry.IsDir(), seen)
		}
	}
	for _, link := range links {
		info, err := os.Stat(a.path(link))
		a.add(link, err == nil && info.IsDir(), seen)
	}
}

// add adds what has that name: the photographs in a folder, or one.
func (a *Album) add(name string, folder bool, seen map[string][]fs.FileInfo) {
	if folder {
		if info, err := os.Stat(a.path(name)); err != nil {
			a.Closed = append(a.Closed, Skipped{name, err})
		} else {
			a.list(name, info, seen)
		}
	} else if slices.Contains(endings, strings.ToLower(filepath.Ext(name))) {
		a.Names = append(a.Names, name)
	}
}

// joined is the path of what is in a folder of the album.
func joined(folder, name string) string {
	if folder == "" {
		return name
	}
	return folder + "/" + name
}

// path is where a name's file is.
func (a *Album) path(name string) string { return filepath.Join(a.Dir, filepath.FromSlash(name)) }

// Paths are the photographs' files.
func (a *Album) Paths() []string {
	paths := make([]string, len(a.Names))
	for i, name := range a.Names {
		paths[i] = a.path(name)
	}
	return paths
}

// Photo reads one photograph, see [picture.Decode]. It never waits for what is no ordinary file.
func (a *Album) Photo(name string) (image.Image, error) {
	opened, err := file.Open(a.path(name))
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return picture.Decode(opened, a.path(name))
}

// pixels is how many a photograph declares.
func (a *Album) pixels(name string) (int64, error) {
	opened, err := file.Open(a.path(name))
	if err != nil {
		return 0, err
	}
	defer opened.Close()
	size, err := picture.Size(opened, a.path(name))
	return int64(size.X) * int64(size.Y), err
}
