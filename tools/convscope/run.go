// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/tools/jupyter"
)

// newRunCommand makes "convscope run": the lesson in a clean kernel.
func newRunCommand() *cobra.Command {
	var out string
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "run [NOTEBOOK...]",
		Short: "Get what is needed, run the lesson, leave it with its pictures in out/",
		Long: "run fetches VGG16's weights and XLA, sets up a private Jupyter with a Go kernel, each once, and " +
			"executes the lesson\n" +
			"(or the notebooks named) in a clean kernel. The executed notebook, its HTML and its " +
			"pictures are left in out/, those of a\n" +
			"translated lesson such as ko/2-filters in a folder of its language there.",
		Example:           "  convscope run\n  convscope run 2-filters --out /tmp/lesson\n  convscope run ko/2-filters",
		ValidArgsFunction: completeLessons,
		RunE: func(cmd *cobra.Command, names []string) error {
			root, err := cloneRoot(".")
			if err != nil {
				return err
			}
			if len(names) == 0 {
				names = []string{lesson}
			}
			paths, err := findNotebooks(root, names...)
			if err != nil {
				return err
			}
			if err := checkNotebooks(paths); err != nil {
				return err
			}
			if out == "" {
				out = filepath.Join(root, "out")
			}
			folders, err := resultFolders(root, out, paths)
			if err != nil {
				return err
			}
			env, err := setUp(cmd)
			if err != nil {
				return err
			}
			for i, path := range paths {
				if err := runLesson(cmd, env, root, path, folders[i], env.limit(limit)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "directory for the results (default out/ in the clone)")
	addLimitFlag(cmd, &limit)
	return cmd
}

// resultFolders says where the results of each notebook go: below out, where a translated lesson's have a folder of
// its language. They are made, and replace no notebook that is run.
func resultFolders(root, out string, paths []string) ([]string, error) {
	all, err := findLessons(root)
	if err != nil {
		return nil, err
	}
	if err := file.Folder(out); err != nil {
		return nil, err
	}
	folders, made := make([]string, len(paths)), map[string]string{}
	for i, path := range paths {
		language := all.language(path)
		folders[i] = filepath.Join(out, language)
		result := filepath.Join(folders[i], filepath.Base(path))
		if other, taken := made[result]; taken && other != path {
			return nil, usageError{fmt.Errorf("the results of %s and %s would have one name: run one after the other, "+
				"with --out", short(other), short(path))}
		}
		made[result] = path
		for _, source := range paths {
			if file.Same(source, result) {
				return nil, usageError{fmt.Errorf("--out %s: the result would replace %s: choose another folder",
					out, short(source))}
			}
		}
		if language != "" {
			if err := file.Folder(folders[i]); err != nil {
				return nil, err
			}
		}
	}
	return folders, nil
}

func addLimitFlag(cmd *cobra.Command, limit *time.Duration) {
	cmd.Flags().Var(limitFlag{limit}, "timeout",
		"limit for each cell, such as 5m (default 10m, none on the pure Go backend)")
}

// runLesson executes one notebook and writes what came of it, also when a cell failed.
func runLesson(cmd *cobra.Command, env *environment, root, path, out string, limit time.Duration) error {
	done, failure := executeNotebook(cmd, env, path, limit)
	if done == nil {
		return failure
	}
	name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
	notebook, page := filepath.Join(out, name+".ipynb"), filepath.Join(out, name+".html")
	if err := done.Write(notebook); err != nil {
		return errors.Join(failure, err)
	}
	pictures, err := done.WritePictures(out, name)
	if err != nil {
		return errors.Join(failure, err)
	}
	steps := newBoard(cmd.ErrOrStderr())
	steps.add(filepath.Base(page), func(ctx context.Context) (string, error) {
		return "exported", env.HTMLOf(ctx, notebook, page, jupyter.Home{Folder: filepath.Dir(path), Root: root})
	})
	if err := steps.run(cmd.Context()); err != nil {
		return errors.Join(failure, err)
	}
	if failure != nil {
		return fmt.Errorf("%w (all up to there: %s)", failure, short(page))
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s, %s and %s\n", short(notebook), short(page),
		english.Plural(len(pictures), "picture", ""))
	return nil
}

// executeNotebook runs one notebook file where it lies. Like [jupyter.Jupyter.Run], it returns what there is up to a
// cell that failed, with the error.
func executeNotebook(cmd *cobra.Command, env *environment, path string,
	limit time.Duration) (*jupyter.Notebook, error) {
	nb, err := jupyter.ReadNotebook(path)
	if err != nil {
		return nil, err
	}
	return executeCells(cmd, env, nb, jupyter.RunOptions{Dir: filepath.Dir(path), Timeout: limit})
}

// executeCells runs a notebook and shows which cell it is at.
func executeCells(cmd *cobra.Command, env *environment, nb *jupyter.Notebook,
	o jupyter.RunOptions) (done *jupyter.Notebook, err error) {
	steps := newBoard(cmd.ErrOrStderr())
	cells := len(nb.CodeCells())
	o.Env = append(slices.Clone(env.kernel), o.Env...)
	steps.add(nb.Name, func(ctx context.Context) (about string, err error) {
		task := steps.newTask(nb.Name)
		defer task.Done()
		task.say("starting the kernel")
		o.Progress = func(cell, of int) { task.say("cell %d of %d", min(cell, of), of) }
		done, err = env.Run(ctx, nb, o)
		return english.Plural(cells, "cell", ""), err
	})
	return done, steps.run(cmd.Context())
}

// short gives a path relative to the current directory where that is shorter.
func short(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil && len(relative) < len(path) {
		return relative
	}
	return path
}
