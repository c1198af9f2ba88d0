// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/tools/jupyter"
)

// newKernelCommand makes "convscope kernel": the Go kernel for the Jupyter that somebody has already.
func newKernelCommand() *cobra.Command {
	var replace bool
	cmd := &cobra.Command{
		Use:   "kernel",
		Short: "Let your own Jupyter, VS Code or Positron find the Go kernel",
		Long: "kernel does the same set-up as lab --prepare and adds the Go kernel to those that your own Jupyter, " +
			"VS Code and\nPositron offer: one folder in Jupyter's data directory (JUPYTER_DATA_DIR names another). " +
			"To take it away again:\njupyter kernelspec remove " + jupyter.KernelName,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := jupyter.DataDir()
			if err != nil {
				return err
			}
			if err := file.Folder(filepath.Join(data, "kernels")); err != nil {
				return err
			}
			env, err := setUp(cmd)
			if err != nil {
				return err
			}
			if err := prepareCompletion(cmd, env); err != nil {
				return err
			}
			dir, err := env.Kernel.Lend(data, env.kernel, replace)
			if errors.Is(err, jupyter.ErrForeignKernel) {
				return fmt.Errorf("%w; --replace puts this one in its place", err)
			} else if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", jupyter.KernelTitle, dir)
			return nil
		},
	}
	cmd.Flags().BoolVar(&replace, "replace", false, "also where there is a Go kernel of your own")
	return cmd
}
