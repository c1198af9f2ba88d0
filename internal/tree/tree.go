// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package tree compares the files of two folders, for tests of what writes many.
//
//	want, err := tree.Read("by one", "source.json")
//	got, err := tree.Read("by two", "source.json")
//	fmt.Println(tree.Difference(want, got)) // nothing where they are the same
package tree

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Read returns the contents of all files in a folder and in the folders in it, by their paths from there, with
// slashes. Files of the names in but are left out.
func Read(dir string, but ...string) (map[string]string, error) {
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains(but, entry.Name()) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		all[filepath.ToSlash(relative)] = string(content)
		return err
	})
	return all, err
}

// Difference names the first file, by the alphabet, that is in one of the two alone, or is another there; "" where
// there is none.
func Difference(want, got map[string]string) string {
	const most = 300 // of a file's text
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch there, is := got[name]; {
		case !is:
			return name + " is missing"
		case there != want[name]:
			return fmt.Sprintf("%s differs: %.*q and %.*q", name, most, want[name], most, there)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, is := want[name]; !is {
			return name + " is there besides"
		}
	}
	return ""
}
