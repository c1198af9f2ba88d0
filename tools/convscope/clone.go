// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// errNoClone means that the lessons are not there.
var errNoClone = errors.New("this is not inside a clone of convscope")

// lesson is the notebook that run executes when none is named.
const lesson = "2-filters.ipynb"

// cloneRoot finds the clone that the directory lies in: the nearest one above with convscope's go.mod.
func cloneRoot(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if isConvscope(filepath.Join(dir, "go.mod")) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%w (no go.mod of module convscope in %s or above): change to the clone, "+
				"which has the notebooks",
				errNoClone, start)
		}
	}
}

// isConvscope says whether the go.mod file is convscope's.
func isConvscope(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) >= 2 && fields[0] == "module" {
			return strings.Trim(fields[1], `"`) == "convscope"
		}
	}
	return false
}

// findNotebooks returns the paths of the notebooks named: a path, or a name in the clone's notebooks directory, with
// or without .ipynb. No names means all of them.
func findNotebooks(root string, names ...string) ([]string, error) {
	dir := filepath.Join(root, "notebooks")
	entries, err := os.ReadDir(dir) // sorted
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []string
	for _, entry := range entries {
		if name := entry.Name(); filepath.Ext(name) == ".ipynb" && !strings.HasPrefix(name, ".") {
			all = append(all, filepath.Join(dir, name))
		}
	}
	if len(names) == 0 {
		if len(all) == 0 {
			return nil, fmt.Errorf("there are no notebooks in %s", dir)
		}
		return all, nil
	}
	var found []string
	for _, name := range names {
		path, err := findNotebook(all, name)
		if err != nil {
			return nil, err
		}
		found = append(found, path)
	}
	return found, nil
}

func findNotebook(all []string, name string) (string, error) {
	var short []string
	for _, path := range all {
		base := filepath.Base(path)
		if name == base || name+".ipynb" == base {
			return path, nil
		}
		short = append(short, strings.TrimSuffix(base, ".ipynb"))
	}
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return filepath.Abs(name)
	}
	if len(short) == 0 {
		return "", fmt.Errorf("no notebook %q, nor any other in notebooks/: is the clone complete?", name)
	}
	return "", usageError{fmt.Errorf("no notebook %q: there is %s", name, strings.Join(short, ", "))}
}
