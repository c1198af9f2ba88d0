// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/pkg/recipe"
)

// newShowCommand makes "convscope show": the recipe inside a picture.
func newShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show FILE.png",
		Short: "Say how a saved picture was made",
		Long: "show prints the recipe that pattern and grid keep inside the pictures they save, as text, or with " +
			"--json as it stands there.",
		Example: "  convscope show block3_conv1_0.png",
		Args:    onePicture,
		RunE: func(cmd *cobra.Command, args []string) error {
			made, err := readRecipe(args[0])
			if err != nil {
				return err
			}
			if !asJSON {
				_, err := fmt.Fprint(cmd.OutOrStdout(), made)
				return err
			}
			encoder := json.NewEncoder(cmd.OutOrStdout())
			encoder.SetIndent("", "  ")
			return encoder.Encode(made)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the whole recipe as JSON")
	return cmd
}

// onePicture wants one argument.
func onePicture(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("give one picture, a .png file that convscope saved")
	}
	return nil
}

// readRecipe returns the recipe in a PNG file.
func readRecipe(path string) (recipe.Recipe, error) {
	opened, err := file.Open(path)
	if errors.Is(err, file.ErrNotRegular) {
		return recipe.Recipe{}, fmt.Errorf("%w: name a .png file", err)
	} else if err != nil {
		return recipe.Recipe{}, err
	}
	defer opened.Close()
	made, err := recipe.Decode(opened)
	if err != nil {
		return recipe.Recipe{}, fmt.Errorf("%s: %w", path, err)
	}
	return made, nil
}
