// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"convscope/internal/progress"
	"convscope/tools/jupyter"
)

// newLabCommand makes "convscope lab": JupyterLab on the lessons.
func newLabCommand() *cobra.Command {
	var noBrowser, prepare bool
	var language string
	cmd := &cobra.Command{
		Use:   "lab [-- JUPYTER-FLAGS...]",
		Short: "Get what is needed and open JupyterLab on the lessons",
		Long: "lab does the same set-up as run and opens JupyterLab on notebooks/ with the Go kernel ready. " +
			"It uses settings and\n" +
			"directories of its own, not those of another Jupyter. Ctrl-C stops it and its kernels.\n" +
			"The first time, gopls is built while JupyterLab runs already; Tab completes when it is there.",
		Example: "  convscope lab\n  convscope lab --lang ko\n  convscope lab --no-browser -- --port=9000 --ip=0.0.0.0",
		Args: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); len(args) > 0 && dash != 0 {
				return fmt.Errorf("unexpected %q: JupyterLab's own flags go after --", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, err := cloneRoot(".")
			if err != nil {
				return err
			}
			start, err := startFolder(root, language)
			if err != nil {
				return err
			}
			env, err := setUp(cmd)
			if err != nil {
				return err
			}
			if prepare {
				return prepareCompletion(cmd, env)
			}
			fmt.Fprintln(cmd.ErrOrStderr(), "JupyterLab: starting, Ctrl-C stops it")
			defer completeLater(cmd, env)()
			err = env.Lab(cmd.Context(), jupyter.LabOptions{
				Dir: root, Start: filepath.Join("notebooks", start), // docs/ too, to which lessons link
				NoBrowser: noBrowser, Args: args, Env: env.kernel, Output: cmd.ErrOrStderr(),
			})
			if errors.Is(err, context.Canceled) {
				fmt.Fprintln(cmd.ErrOrStderr(), "JupyterLab: stopped")
				return nil // the ordinary way to end it
			}
			return err
		},
	}
	cmd.Flags().StringVar(&language, "lang", "", "open the lessons in that language, such as ko (default English)")
	_ = cmd.RegisterFlagCompletionFunc("lang", completeLanguages)
	cmd.Flags().BoolVar(&noBrowser, "no-browser", false, "only print the address")
	cmd.Flags().BoolVar(&prepare, "prepare", false, "only get what is needed, for a container image or before a class")
	return cmd
}

// startFolder is where JupyterLab begins, below notebooks/: "" for English.
func startFolder(root, language string) (string, error) {
	all, err := findLessons(root)
	if err != nil {
		return "", err
	}
	switch {
	case language == "" || language == originals:
		return "", nil
	case len(all.paths[language]) == 0:
		return "", usageError{fmt.Errorf("--lang %s: %w", language, all.unknown(language))}
	}
	return language, nil
}

// prepareCompletion builds gopls.
func prepareCompletion(cmd *cobra.Command, env *environment) error {
	steps := newBoard(cmd.ErrOrStderr())
	steps.add("gopls", func(ctx context.Context) (string, error) {
		return "Tab completes", env.Kernel.EnsureCompletion(ctx)
	})
	return steps.run(cmd.Context())
}

// completeLater builds gopls while JupyterLab runs, in which it is found as soon as it is there. Without it, all else
// works. The returned function ends that.
func completeLater(cmd *cobra.Command, env *environment) (stop func()) {
	if env.Kernel.Completion() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	before := progress.New
	progress.New = func(what string, total int64, unit progress.Unit) progress.Bar {
		return progress.Plain(cmd.ErrOrStderr(), what, total, unit) // beside what the server prints
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		switch err := env.Kernel.EnsureCompletion(ctx); {
		case err == nil:
			fmt.Fprintln(cmd.ErrOrStderr(), "gopls: built, Tab completes from now on")
		case ctx.Err() == nil:
			fmt.Fprintf(cmd.ErrOrStderr(), "gopls: not built, so Tab completes nothing; all else works: %s\n",
				oneLine(err))
		}
	}()
	return func() {
		cancel()
		<-ended
		progress.New = before
	}
}
