// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"convscope/tools/jupyter"
)

// newGradeCommand makes "convscope grade": what the checks say of students' notebooks, as JSON.
func newGradeCommand() *cobra.Command {
	var saved bool
	var limit time.Duration
	cmd := &cobra.Command{
		Use:   "grade NOTEBOOK...",
		Short: "Run students' notebooks and print what the checks of their exercises say, as JSON",
		Long: "grade runs each notebook file, from wherever it is, in a clean kernel with the packages of this clone, " +
			"and prints one JSON\n" +
			"document: for each check of an exercise the cell, whether the answer is right, and why. A cell that does " +
			"not compile, fails or\n" +
			"runs too long is not right, and the rest is graded all the same. Exercises of the lesson that are missing " +
			"are not right.\n" +
			"in is there where the right answer is in another cell, such as a copy; changed, where a check is asked for " +
			"something else than in\n" +
			"the lesson, such as an easier limit. What is no notebook is named and not graded, and Ctrl-C prints what " +
			"there is by then.\n" +
			"The files stay as they are: a cell sees what lies beside its notebook, and what it makes there is gone " +
			"after the run. --saved runs nothing and believes the results that are saved in them.\n" +
			"What students wrote runs with your rights: use a container or another account where you would not run it.",
		Example: "  convscope grade handed-in/*/2-filters.ipynb > grades.json\n" +
			"  convscope grade --saved handed-in/*/2-filters.ipynb",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			root, err := cloneRoot(".")
			if err != nil {
				return err
			}
			papers, err := readPapers(root, paths, saved)
			if err != nil {
				return err
			}
			if !saved {
				if err := runPapers(cmd, root, papers, limit); err != nil {
					return err
				}
			}
			return printGrades(cmd, papers, saved)
		},
	}
	cmd.Flags().BoolVar(&saved, "saved", false, "read the results that are saved in the files, and run nothing")
	addLimitFlag(cmd, &limit)
	return cmd
}

// grades is the JSON document.
type grades struct {
	Notebooks []gradedNotebook `json:"notebooks"`
}

// gradedNotebook is what the checks say of one notebook.
type gradedNotebook struct {
	Notebook string        `json:"notebook"`
	Lesson   string        `json:"lesson,omitempty"` // which it was recognized as
	Right    int           `json:"right"`
	Of       int           `json:"of"`
	Checks   []gradedCheck `json:"checks"`
	Error    string        `json:"error,omitempty"` // why it could not be graded
}

// gradedCheck is what one check says.
type gradedCheck struct {
	Cell    string `json:"cell"` // the lesson's
	Check   string `json:"check"`
	Right   bool   `json:"right"`
	Message string `json:"message"`
	Changed string `json:"changed,omitempty"` // the call, where it asks for something else than the lesson's
	In      string `json:"in,omitempty"`      // the student's cell that counts, where it is another one
}

// runPapers runs the notebooks one after the other. The error is that all has to stop before any was run. A Ctrl-C
// later leaves the rest not run: what is graded by then took its time.
func runPapers(cmd *cobra.Command, root string, papers []*paper, limit time.Duration) error {
	if !slices.ContainsFunc(papers, func(p *paper) bool { return p.fault == "" }) {
		return nil
	}
	env, err := setUp(cmd)
	if err != nil {
		return err
	}
	ran := false
	for _, p := range papers {
		if p.fault != "" {
			continue
		}
		if cmd.Context().Err() == nil {
			p.run(cmd, env, root, env.limit(limit))
		}
		if err := cmd.Context().Err(); err != nil {
			if !ran {
				return err
			}
			p.fault = p.path + ": stopped before it was done"
			continue
		}
		ran = true
	}
	return nil
}

// beginLine matches the line of a lesson's first cell that finds the clone from the notebook's folder.
var beginLine = regexp.MustCompile(`(?m)^.*\bnotebooks/begin\.sh\b.*$`)

// begin lets the notebook use the packages of this clone, also where its first cell was taken out, and returns the
// cell that does so, if there is one.
func (p *paper) begin(root string) (begins *jupyter.Cell) {
	line := "!*sh '" + strings.ReplaceAll(root, "'", `'\''`) + "/notebooks/begin.sh'"
	replace := func(cells []*jupyter.Cell) {
		for _, cell := range cells {
			if cell.Kind == jupyter.Code && beginLine.MatchString(cell.Source) {
				cell.Source, begins = beginLine.ReplaceAllLiteralString(cell.Source, line), cell
			}
		}
	}
	replace(p.nb.Cells)
	if begins != nil || p.lesson == nil {
		return begins
	}
	for _, cell := range p.lesson.CodeCells() {
		if beginLine.MatchString(cell.Source) {
			first := *cell
			first.ID = beginID
			replace([]*jupyter.Cell{&first})
			p.nb.Cells = slices.Concat([]*jupyter.Cell{&first}, p.nb.Cells)
		}
	}
	return begins
}

// beginID is the id of a first cell that the student's notebook did not have.
const beginID = "convscope-begin"

// run runs the notebook beside the files that it may read, with the packages of this clone. What goes wrong is its
// fault, so that the others are graded.
func (p *paper) run(cmd *cobra.Command, env *environment, root string, limit time.Duration) {
	folder, remove, err := desk(filepath.Dir(p.path))
	if err != nil {
		p.fault = p.path + ": " + oneLine(err)
		return
	}
	defer remove()
	begins := p.begin(root)
	o := jupyter.RunOptions{Dir: folder, Timeout: limit}
	if os.Getenv(envLanguage) == "" {
		o.Env = []string{envLanguage + "=" + p.language}
	}
	p.failed = map[string]*jupyter.CellError{}
	o.Failed = func(e *jupyter.CellError) { p.failed[e.ID] = e }
	done, err := executeCells(cmd, env, p.nb, o)
	if begins != nil && err == nil && p.failed[begins.ID] != nil {
		err = p.failed[begins.ID]
	}
	if done != nil {
		p.nb = done
	}
	if err == nil {
		return
	}
	p.fault = oneLine(err)
	var cell *jupyter.CellError
	if errors.As(err, &cell) {
		p.failed[cell.ID] = cell
	}
}

// envLanguage says to checks in which language they speak; they know it by this name too.
const envLanguage = "CONVSCOPE_LANG"

// printGrades prints the document. A notebook that could not be graded is an error after that, as a Ctrl-C is.
func printGrades(cmd *cobra.Command, papers []*paper, saved bool) error {
	document, faults := grades{Notebooks: []gradedNotebook{}}, []error{}
	for _, p := range papers {
		document.Notebooks = append(document.Notebooks, p.grade(saved))
		if p.fault != "" {
			faults = append(faults, fmt.Errorf("not graded: %s", p.fault))
		}
	}
	encoder := json.NewEncoder(cmd.OutOrStdout())
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil || cmd.Context().Err() != nil {
		return cmp.Or(err, cmd.Context().Err())
	}
	return errors.Join(faults...)
}
