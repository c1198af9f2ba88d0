// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"convscope/tools/jupyter"
)

// newNotebooksCommand makes "convscope notebooks": all lessons, run and checked, for those who write them.
func newNotebooksCommand() *cobra.Command {
	var write, format bool
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "notebooks [--write | --format] [NAME...]",
		Short: "Run every notebook in a clean kernel, and refresh the saved outputs",
		Long: "notebooks runs all lessons (or those named), each in a clean kernel, and checks them. With --write " +
			"the notebook files get\n" +
			"the outputs of this run, in a form that does not depend on the machine, so that they can be committed.\n" +
			"Of a translated lesson, such as ko/2-filters, the words of its checks are kept; all other outputs are " +
			"those of the English one,\n" +
			"and the translations of a lesson get its new outputs.\n" +
			"--format only brings files that were edited into that form, and runs nothing.",
		ValidArgsFunction: completeLessons,
		RunE: func(cmd *cobra.Command, names []string) error {
			if write && format {
				return usageError{errors.New("--write runs the notebooks and --format does not: give one of them")}
			}
			root, err := cloneRoot(".")
			if err != nil {
				return err
			}
			paths, err := findNotebooks(root, names...)
			if err != nil {
				return err
			}
			if err := checkNotebooks(paths); err != nil { // --format would make Go's of another kernel's
				return err
			}
			if format {
				return formatNotebooks(root, paths)
			}
			env, err := setUp(cmd)
			if err != nil {
				return err
			}
			var failed []error
			for _, path := range paths {
				if err := refresh(cmd, env, root, path, write, env.limit(limit)); err != nil {
					failed = append(failed, err)
				}
				if cmd.Context().Err() != nil {
					break
				}
			}
			return errors.Join(failed...)
		},
	}
	cmd.Flags().BoolVar(&write, "write", false, "replace the saved outputs")
	cmd.Flags().BoolVar(&format, "format", false, "only bring the files into their normal form")
	addLimitFlag(cmd, &limit)
	return cmd
}

// formatNotebooks brings files into their normal form.
func formatNotebooks(root string, paths []string) error {
	for _, path := range paths {
		nb, err := jupyter.ReadNotebook(path)
		if err != nil {
			return err
		}
		nb.Normalize(jupyter.MachinePaths(root))
		if err := nb.Write(path); err != nil {
			return err
		}
	}
	return nil
}

// refresh runs one notebook and, if it came to its end, checks it and saves it.
func refresh(cmd *cobra.Command, env *environment, root, path string, write bool, limit time.Duration) error {
	done, err := executeNotebook(cmd, env, path, limit)
	if err != nil {
		return err
	}
	done.Normalize(jupyter.MachinePaths(root))
	if write {
		if err := saveLesson(root, path, done); err != nil {
			return err
		}
	}
	if faults := done.Check(jupyter.LessonRules); len(faults) > 0 {
		return fmt.Errorf("%s: %s", done.Name, strings.Join(faults, ", "))
	}
	return nil
}

// saveLesson writes a lesson that was run. A translation keeps the English outputs, but for the words of its checks;
// the translations of an English lesson get its outputs.
func saveLesson(root, path string, done *jupyter.Notebook) error {
	all, err := findLessons(root)
	if err != nil {
		return err
	}
	follow := func(language string, translated *jupyter.Notebook) error {
		nb, err := followEnglish(all, language, filepath.Base(path), translated)
		if err != nil {
			return err
		}
		return writeTranslation(all, language, filepath.Base(path), nb)
	}
	if language := all.language(path); language != "" {
		return follow(language, done)
	}
	if err := done.Write(path); err != nil || !slices.Contains(all.paths[""], path) {
		return err
	}
	for _, language := range all.languages[1:] {
		for _, other := range all.paths[language] {
			if filepath.Base(other) != filepath.Base(path) {
				continue
			}
			nb, err := jupyter.ReadNotebook(other)
			if err != nil {
				return err
			}
			if err := follow(language, nb); err != nil {
				return err
			}
		}
	}
	return nil
}
