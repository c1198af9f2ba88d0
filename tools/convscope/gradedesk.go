// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"

	"convscope/internal/scratch"
)

// madeByLessons is the folder in which lesson 6 keeps what it has trained.
const madeByLessons = "find-out"

// desk makes a folder in which a student's notebook runs as if it was its own: with links to what lies there, and one
// folder above. What cells make is gone with it, so that nobody is graded by a network that another run has left.
func desk(dir string) (path string, remove func(), err error) {
	own, err := filepath.Abs(dir)
	if err != nil {
		return "", nil, err
	}
	made, err := scratch.Make()
	if err != nil {
		return "", nil, err
	}
	above := filepath.Join(made.Path, "above")
	path = filepath.Join(above, filepath.Base(own))
	if filepath.Base(own) == string(filepath.Separator) {
		path = filepath.Join(above, "root")
	}
	err = errors.Join(os.MkdirAll(path, 0o700), linkAll(own, path, madeByLessons))
	if err != nil {
		made.Remove()
		return "", nil, err
	}
	_ = linkAll(filepath.Dir(own), above, filepath.Base(own)) // which may be closed to us
	return path, made.Remove, nil
}

// linkAll makes links in a folder to what is in another one, but for one name.
func linkAll(from, to, but string) (err error) {
	entries, err := os.ReadDir(from)
	for _, entry := range entries {
		if name := entry.Name(); name != but {
			err = errors.Join(err, os.Symlink(filepath.Join(from, name), filepath.Join(to, name)))
		}
	}
	return err
}
