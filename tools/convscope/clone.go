// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
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
