// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/spf13/cobra"
)

// completeLessons offers the shell the names of the lessons in all languages; files are offered too.
func completeLessons(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	all, err := clonedLessons()
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	var names []string
	for _, language := range all.languages {
		names = append(names, all.names(language)...)
	}
	return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(given, name) }),
		cobra.ShellCompDirectiveDefault
}

// completeLanguages offers the shell the languages that there are lessons in.
func completeLanguages(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, err := clonedLessons()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return append([]string{originals}, all.languages[1:]...), cobra.ShellCompDirectiveNoFileComp
}

// clonedLessons are those of the clone around the current directory.
func clonedLessons() (lessons, error) {
	root, err := cloneRoot(".")
	if err != nil {
		return lessons{}, err
	}
	return findLessons(root)
}
