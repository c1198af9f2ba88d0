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
	"strings"
	"time"

	"github.com/spf13/cobra"

	"convscope/internal/file"
	"convscope/tools/jupyter"
	"convscope/tools/translation"
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
			"changed is there where a check is asked for something else than in the lesson, such as an easier limit.\n" +
			"The files stay as they are. --saved runs nothing and believes the results that are saved in them.\n" +
			"What students wrote runs with your rights: use a container or another account where you would not run it.",
		Example: "  convscope grade handed-in/*/2-filters.ipynb > grades.json\n" +
			"  convscope grade --saved handed-in/*/2-filters.ipynb",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			root, err := cloneRoot(".")
			if err != nil {
				return err
			}
			papers, err := readPapers(root, paths)
			if err != nil {
				return err
			}
			if !saved {
				env, err := setUp(cmd)
				if err != nil {
					return err
				}
				for i := range papers {
					if foreign := papers[i].nb.Foreign(); foreign != nil && papers[i].lesson == nil {
						papers[i].fault = foreign.Error()
					} else if err := papers[i].run(cmd, env, root, env.limit(limit)); err != nil {
						return err
					}
				}
			}
			return printGrades(cmd, papers, saved)
		},
	}
	cmd.Flags().BoolVar(&saved, "saved", false, "read the results that are saved in the files, and run nothing")
	addLimitFlag(cmd, &limit)
	return cmd
}

// paper is what a student handed in.
type paper struct {
	path   string // as it was named
	nb     *jupyter.Notebook
	lesson *jupyter.Notebook             // the English one that it is, nil for none
	failed map[string]*jupyter.CellError // by the cell's id
	fault  string                        // why it could not be graded
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
	Cell    string `json:"cell"`
	Check   string `json:"check"`
	Right   bool   `json:"right"`
	Message string `json:"message"`
	Changed string `json:"changed,omitempty"` // the call, where it asks for something else than the lesson's
}

// readPapers reads all files before any is run.
func readPapers(root string, paths []string) ([]*paper, error) {
	all, err := findLessons(root)
	if err != nil {
		return nil, err
	}
	var lessons []*jupyter.Notebook
	for _, path := range all.paths[""] {
		nb, err := jupyter.ReadNotebook(path)
		if err != nil {
			return nil, err
		}
		lessons = append(lessons, nb)
	}
	var papers []*paper
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return nil, usageError{fmt.Errorf("%s is a folder: name the notebooks in it", path)}
		}
		f, err := file.Open(path) // what is no regular file would never end
		if err != nil {
			return nil, usageError{err}
		}
		_ = f.Close()
		nb, err := jupyter.ReadNotebook(path)
		if err != nil {
			return nil, usageError{err}
		}
		nb.Name = path
		nb.Format, nb.Minor = 4, 5 // which has ids
		nb.GiveIDs()
		papers = append(papers, &paper{path: path, nb: nb, lesson: lessonOf(lessons, nb)})
	}
	return papers, nil
}

// lessonOf finds the lesson that a notebook is: the one with which it shares most cells, at least half of them.
func lessonOf(lessons []*jupyter.Notebook, nb *jupyter.Notebook) (found *jupyter.Notebook) {
	has := map[string]bool{}
	for _, cell := range nb.Cells {
		has[cell.ID] = true
	}
	most := 0
	for _, lesson := range lessons {
		shared := 0
		for _, cell := range lesson.Cells {
			if has[cell.ID] {
				shared++
			}
		}
		if shared > most && 2*shared >= len(lesson.Cells) {
			most, found = shared, lesson
		}
	}
	return found
}

// beginLine matches the line of a lesson's first cell that finds the clone from the notebook's folder.
var beginLine = regexp.MustCompile(`(?m)^.*\bnotebooks/begin\.sh\b.*$`)

// run runs the notebook in its own folder, where the files are that it may read, with the packages of this clone. The
// error is that all has to stop; what is wrong with this notebook alone is its fault.
func (p *paper) run(cmd *cobra.Command, env *environment, root string, limit time.Duration) error {
	begins := ""
	for _, cell := range p.nb.Cells {
		if cell.Kind == jupyter.Code && beginLine.MatchString(cell.Source) {
			begin := "!*sh '" + strings.ReplaceAll(root, "'", `'\''`) + "/notebooks/begin.sh'"
			cell.Source, begins = beginLine.ReplaceAllLiteralString(cell.Source, begin), cell.ID
		}
	}
	o := jupyter.RunOptions{Dir: filepath.Dir(p.path), Timeout: limit}
	if os.Getenv(envLanguage) == "" {
		o.Env = []string{envLanguage + "=" + cmp.Or(translation.Language(p.nb), originals)}
	}
	p.failed = map[string]*jupyter.CellError{}
	o.Failed = func(e *jupyter.CellError) { p.failed[e.ID] = e }
	done, err := executeCells(cmd, env, p.nb, o)
	if first := p.failed[begins]; err == nil && first != nil {
		err = first
	}
	if err != nil {
		p.fault = oneLine(err)
		var cell *jupyter.CellError
		if !errors.As(err, &cell) {
			return err
		}
		p.failed[cell.ID] = cell
	}
	p.nb = done
	return nil
}

// envLanguage says to checks in which language they speak; they know it by this name too.
const envLanguage = "CONVSCOPE_LANG"

// printGrades prints the document. A notebook that could not be graded is an error after that.
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
	return errors.Join(append(faults, encoder.Encode(document))...)
}
