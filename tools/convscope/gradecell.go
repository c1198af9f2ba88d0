// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"strings"

	"convscope/internal/verdict"
	"convscope/tools/jupyter"
	"convscope/tools/translation"
)

// grade collects what the checks say. In a lesson that is known, its checks count, each where the lesson calls it, and
// all of them; in another notebook those that it has.
func (p *paper) grade(saved bool) gradedNotebook {
	graded := gradedNotebook{Notebook: p.path, Checks: []gradedCheck{}, Error: p.fault}
	own := map[string]*jupyter.Cell{}
	for _, cell := range p.nb.Cells {
		own[cell.ID] = cell
	}
	asked := p.nb
	if p.lesson != nil {
		asked, graded.Lesson = p.lesson, strings.TrimSuffix(filepath.Base(p.lesson.Name), ".ipynb")
	}
	for _, cell := range asked.CodeCells() {
		for _, check := range translation.Checks(cell.Source) {
			v := p.verdict(own[cell.ID], check, saved)
			changed := changedCall(own[cell.ID], cell, check)
			graded.Checks = append(graded.Checks, gradedCheck{cell.ID, check, v.Right, v.Message, changed})
			graded.Of++
			if v.Right {
				graded.Right++
			}
		}
	}
	return graded
}

// verdict is what a check says in a cell, the last time that it is called there, or why it says nothing. Nil is a cell
// that is gone.
func (p *paper) verdict(cell *jupyter.Cell, check string, saved bool) (v verdict.Verdict) {
	if cell == nil {
		return verdict.Verdict{Message: "the cell is gone"}
	}
	v.Message = "the check was not called"
	if saved {
		v.Message = "no result is saved"
	}
	if failure := p.failed[cell.ID]; failure != nil && failure.Timeout > 0 {
		v.Message = "ran past its limit of " + failure.Timeout.String()
	} else if failure != nil {
		v.Message = failure.Reason
	} else if reason := cell.Failure(); reason != "" {
		v.Message = reason
	} else if p.fault != "" && cell.Count == 0 {
		v.Message = "not run: " + p.fault
	}
	for _, output := range cell.Outputs {
		if said, found := verdict.Of(output.Data); found && said.Check == check {
			v = said
		}
	}
	return v
}
