// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"slices"
	"strings"

	"convscope/internal/verdict"
	"convscope/tools/jupyter"
	"convscope/tools/translation"
)

// grade collects what the checks say. In a lesson that is known, its checks count, each where the lesson calls it or
// in a cell that asks the same, and all of them; in another notebook those that it has.
func (p *paper) grade(saved bool) gradedNotebook {
	graded := gradedNotebook{Notebook: p.path, Checks: []gradedCheck{}, Error: p.fault}
	asked := p.nb
	if p.lesson != nil {
		asked, graded.Lesson = p.lesson, strings.TrimSuffix(filepath.Base(p.lesson.Name), ".ipynb")
	}
	for _, cell := range asked.CodeCells() {
		for _, check := range translation.Checks(cell.Source) {
			own, v := p.answer(cell, check, saved)
			one := gradedCheck{Cell: cell.ID, Check: check, Right: v.Right, Message: v.Message}
			if p.lesson != nil && own != nil {
				one.Changed = changedCall(own, cell, check)
				if own.ID != cell.ID {
					one.In = own.ID
				}
			}
			graded.Checks = append(graded.Checks, one)
			graded.Of++
			if v.Right {
				graded.Right++
			}
		}
	}
	return graded
}

// answer finds the cell that answers a check of the lesson, and what it says: the lesson's own, unless only another
// one that asks the same is right, such as a copy or one that two were merged into; where the lesson's is gone, any
// that calls the check and is not the lesson's for something else. Nil is none.
func (p *paper) answer(asked *jupyter.Cell, check string, saved bool) (cell *jupyter.Cell, v verdict.Verdict) {
	v.Message = "the cell is gone"
	for _, own := range p.nb.Cells {
		if own.ID == asked.ID && own.Kind == jupyter.Code {
			cell, v = own, p.verdict(own, check, saved)
		}
	}
	if v.Right || p.lesson == nil {
		return cell, v
	}
	gone := cell == nil
	for _, other := range p.nb.CodeCells() {
		calls := callsOf(other.Source, check)
		same := slices.ContainsFunc(calls, func(call []string) bool { return asks(call, asked.Source, check) })
		if other.ID == asked.ID || !same && (!gone || len(calls) == 0 || p.asksElsewhere(other.ID, check)) {
			continue
		}
		if said := p.verdict(other, check, saved); said.Right {
			return other, said
		} else if cell == nil {
			cell, v = other, said
		}
	}
	return cell, v
}

// asksElsewhere says whether the lesson itself calls the check in the cell.
func (p *paper) asksElsewhere(id, check string) bool {
	return slices.ContainsFunc(p.lesson.Cells, func(cell *jupyter.Cell) bool {
		return cell.ID == id && slices.Contains(translation.Checks(cell.Source), check)
	})
}

// verdict is what a check says in a cell, the last time that it is called there, or why it says nothing.
func (p *paper) verdict(cell *jupyter.Cell, check string, saved bool) (v verdict.Verdict) {
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
	if said, found := lastVerdict(cell, check); found {
		return said
	}
	return v
}

// lastVerdict is the last one of a check among a cell's outputs.
func lastVerdict(cell *jupyter.Cell, check string) (v verdict.Verdict, found bool) {
	for _, output := range cell.Outputs {
		if said, is := verdict.Of(output.Data); is && said.Check == check {
			v, found = said, true
		}
	}
	return v, found
}
