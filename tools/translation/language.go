// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package translation

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// name matches what languages are called by: ko, pt-BR, zh-Hant.
var name = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z]{2,4})?$`)

// IsLanguage says whether a text can be the name of a language, and so of its folder.
func IsLanguage(text string) bool { return name.MatchString(text) }

// Languages returns the names of the folders of translations among the lessons, sorted. English has none.
func Languages(lessons string) ([]string, error) {
	entries, err := os.ReadDir(lessons) // sorted
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		if entry.IsDir() && IsLanguage(entry.Name()) {
			found = append(found, entry.Name())
		}
	}
	return found, nil
}

// Lessons returns the paths of the notebooks in a folder, sorted.
func Lessons(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		if name := entry.Name(); filepath.Ext(name) == ".ipynb" && !strings.HasPrefix(name, ".") {
			found = append(found, filepath.Join(folder, name))
		}
	}
	return found, nil
}
