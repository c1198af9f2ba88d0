// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"convscope/tools/jupyter"
	"convscope/tools/translation"
)

// originals is the language whose lessons lie in no folder of their own.
const originals = "en"

// lessons are the notebooks of a clone, by language: "" is English, whose folder the others lie in.
type lessons struct {
	dir       string
	languages []string // "" first
	paths     map[string][]string
}

// findLessons looks for the clone's lessons. What has none is no language.
func findLessons(root string) (lessons, error) {
	l := lessons{dir: filepath.Join(root, "notebooks"), paths: map[string][]string{}}
	languages, err := translation.Languages(l.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return l, err
	}
	for _, language := range append([]string{""}, languages...) {
		paths, err := translation.Lessons(filepath.Join(l.dir, language))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return l, err
		}
		if language == "" || len(paths) > 0 {
			l.languages, l.paths[language] = append(l.languages, language), paths
		}
	}
	return l, nil
}

// language is that of a path, "" for English and for what is no lesson.
func (l lessons) language(path string) string {
	for _, language := range l.languages[1:] {
		if slices.Contains(l.paths[language], path) {
			return language
		}
	}
	return ""
}

// names are what the lessons of a language can be called by: 2-filters, ko/2-filters.
func (l lessons) names(language string) (names []string) {
	for _, file := range l.paths[language] {
		names = append(names, path.Join(language, strings.TrimSuffix(filepath.Base(file), ".ipynb")))
	}
	return names
}

// findNotebooks returns the paths of the notebooks named: a path, or a name in the clone's notebooks directory, with
// or without .ipynb, such as 2-filters or ko/2-filters; a language alone means all of its lessons, and no names mean
// all English ones.
func findNotebooks(root string, names ...string) ([]string, error) {
	all, err := findLessons(root)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		if len(all.paths[""]) == 0 {
			return nil, fmt.Errorf("there are no notebooks in %s", all.dir)
		}
		return all.paths[""], nil
	}
	var found []string
	for _, name := range names {
		paths, err := all.find(name)
		if err != nil {
			return nil, err
		}
		found = append(found, paths...)
	}
	return found, nil
}

// checkNotebooks finds out whether the files are notebooks that can be run, before work is spent on them.
func checkNotebooks(paths []string) error {
	for _, path := range paths {
		nb, err := jupyter.ReadNotebook(path)
		if err == nil {
			err = nb.Foreign()
		}
		if err != nil {
			return usageError{err}
		}
	}
	return nil
}

// find returns the paths that one name stands for.
func (l lessons) find(name string) ([]string, error) {
	language, base := "", strings.TrimSuffix(strings.TrimSuffix(name, "/"), ".ipynb")
	if folder, rest, found := strings.Cut(base, "/"); found && translation.IsLanguage(folder) {
		language, base = folder, rest
	} else if paths := l.paths[base]; base != "" && len(paths) > 0 {
		return paths, nil
	}
	for i, known := range l.paths[language] {
		if filepath.Base(known) == base+".ipynb" {
			return l.paths[language][i : i+1], nil
		}
	}
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		absolute, err := filepath.Abs(name)
		return []string{absolute}, err
	}
	if len(l.paths[""]) == 0 {
		return nil, fmt.Errorf("no notebook %q, nor any other in notebooks/: is the clone complete?", name)
	}
	if language != "" && len(l.paths[language]) == 0 {
		return nil, usageError{fmt.Errorf("no notebook %q: %w", name, l.unknown(language))}
	}
	there := l.names(language)
	if language == "" {
		there = append(there, l.translations()...)
	}
	return nil, usageError{fmt.Errorf("no notebook %q: there is %s", name, strings.Join(there, ", "))}
}

// translations are what names of translated lessons begin with: ko/...
func (l lessons) translations() (names []string) {
	for _, language := range l.languages[1:] {
		names = append(names, language+"/...")
	}
	return names
}

// unknown says which languages there are, for a name that is none of them.
func (l lessons) unknown(language string) error {
	if len(l.languages) == 1 {
		return fmt.Errorf("there are no lessons in %q, only in English", language)
	}
	return fmt.Errorf("there are no lessons in %q, only in English and in %s", language,
		strings.Join(l.languages[1:], ", "))
}
