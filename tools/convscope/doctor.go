// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"convscope/pkg/device"
)

// newDoctorCommand makes "convscope doctor".
func newDoctorCommand() *cobra.Command {
	var asJSON, forget bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is installed, what works, and what to do about the rest",
		Long: "doctor looks at everything that convscope needs and changes nothing unless asked to. It reads the " +
			"whole weights file and starts each\n" +
			"plugin, which takes a few seconds. The exit status is 1 when something is broken that convscope " +
			"cannot get by itself.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			chosen, err := readChoices(cmd)
			if err != nil {
				return err
			}
			if forget {
				if err := device.ForgetPrograms(); err != nil {
					return fmt.Errorf("kept programs: %w", err)
				}
			}
			findings := examine(cmd.Context(), chosen)
			if err := cmd.Context().Err(); err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", " ")
				err = encoder.Encode(findings)
			} else {
				err = printFindings(cmd.OutOrStdout(), findings)
			}
			if err != nil {
				return err
			}
			return brokenParts(findings)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&forget, "forget-programs", false,
		"first remove the programs that XLA has compiled, which are kept for later processes")
	return cmd
}

// health is the state of one part.
type health string

const (
	ok      health = "ok"
	absent  health = "not yet" // convscope gets it when it is needed
	warning health = "warning" // it works, with a drawback
	broken  health = "broken"  // a person has to do something
)

// finding is one line of the report.
type finding struct {
	Part   string `json:"part"`
	Health health `json:"health"`
	About  string `json:"about"`
	Advice string `json:"advice,omitempty"` // what to do, when there is something to do
}

// examine looks at all parts, in the order in which they build on each other.
func examine(ctx context.Context, chosen choices) []finding {
	var all []finding
	for _, look := range []func(context.Context, choices) []finding{
		examineCache, examineTemp, examineGo, examinePython, examineJupyter, examineKernel, examinePrograms,
		examineDevices, examineWeights, examineTop, examineLite0,
	} {
		if ctx.Err() == nil {
			all = append(all, look(ctx, chosen)...)
		}
	}
	return all
}

// printFindings prints the report as a table, each advice below its line.
func printFindings(w io.Writer, findings []finding) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Part, f.Health, f.About)
		if f.Advice != "" {
			fmt.Fprintf(table, "\t\t-> %s\n", f.Advice)
		}
	}
	return table.Flush()
}

// brokenParts is an error when a part is broken.
func brokenParts(findings []finding) error {
	var bad []string
	for _, f := range findings {
		if f.Health == broken {
			bad = append(bad, f.Part)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return errors.New(strings.Join(bad, ", ") + ": broken, see the arrows above")
}
