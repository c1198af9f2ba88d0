// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// place is where a path leads.
type place struct {
	path string      // through all links
	info fs.FileInfo // of what is there, nil for nothing
	// open is this process's own standard output or error, if that is what is there: a pipe, a terminal or the file
	// that a shell opened.
	open *os.File
	// hidden says that the path leads to a file that has no name, such as a pipe that a shell made: /dev/fd/63.
	hidden bool
}

// maxLinks is how many links may follow one another, as in Linux.
const maxLinks = 40

// find follows a path. The folder of what is not there yet must be there.
func find(path string) (place, error) {
	for range maxLinks {
		info, err := os.Stat(path)
		if err == nil {
			return found(path, info), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return place{}, err
		}
		if target, err := os.Readlink(path); err == nil { // it leads to what is not there
			if !filepath.IsAbs(target) {
				target = filepath.Join(filepath.Dir(path), target)
			}
			path = target
			continue
		}
		dir := filepath.Dir(path)
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return place{path: filepath.Join(real, filepath.Base(path))}, nil
		}
		return place{}, fmt.Errorf("there is no folder %s: make it first", dir)
	}
	return place{}, fmt.Errorf("too many links follow one another")
}

// found is the place of what is there.
func found(path string, info fs.FileInfo) place {
	for _, open := range []*os.File{os.Stdout, os.Stderr} {
		if own, err := open.Stat(); err == nil && os.SameFile(own, info) {
			return place{path: path, info: info, open: open}
		}
	}
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		if same, err := os.Stat(real); err == nil && os.SameFile(same, info) {
			return place{path: real, info: info}
		}
	}
	return place{path: path, info: info, hidden: true}
}

// stream says that what is written goes into what is there, which is not replaced.
func (p place) stream() bool {
	return p.open != nil || p.hidden || p.info != nil && !p.info.Mode().IsRegular()
}

// Same says whether two paths lead to one file, through hard and symbolic links, also when it is not there yet.
func Same(a, b string) bool {
	first, err := find(a)
	if err != nil {
		return false
	}
	second, err := find(b)
	if err != nil {
		return false
	}
	if first.info != nil && second.info != nil {
		return os.SameFile(first.info, second.info)
	}
	one, errOne := filepath.Abs(first.path)
	other, errOther := filepath.Abs(second.path)
	return errOne == nil && errOther == nil && one == other && first.info == nil && second.info == nil
}

// IsDevice says whether the path leads to a device, such as /dev/null, which takes more than one file.
func IsDevice(path string) bool {
	p, err := find(path)
	return err == nil && p.info != nil && p.info.Mode()&fs.ModeDevice != 0
}

// IsStream says whether what is written to the path goes into what is there: a pipe or a device, or the standard
// output. Its name says nothing of its kind.
func IsStream(path string) bool {
	p, err := find(path)
	return err == nil && p.stream()
}

// IsStandard says whether the path leads to this process's standard output, where words would spoil what is written.
func IsStandard(path string) bool {
	p, err := find(path)
	return err == nil && p.open == os.Stdout
}
