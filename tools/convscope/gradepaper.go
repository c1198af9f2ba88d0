// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"convscope/internal/file"
	"convscope/tools/jupyter"
	"convscope/tools/translation"
)

// paper is what a student handed in.
type paper struct {
	path     string // as it was named
	nb       *jupyter.Notebook
	lesson   *jupyter.Notebook // the English one that it is, nil for none
	language string
	failed   map[string]*jupyter.CellError // by the cell's id
	fault    string                        // why it could not be graded
}

// readPapers reads all files before any is run. A wrong name is a mistake of the teacher's. What is wrong inside a
// file is that paper's fault, and the others are graded.
func readPapers(root string, paths []string, saved bool) ([]*paper, error) {
	all, err := findLessons(root)
	if err != nil {
		return nil, err
	}
	known, err := readLessons(all)
	if err != nil {
		return nil, err
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
		papers = append(papers, readPaper(known, path, saved))
	}
	return papers, nil
}

// readPaper reads one file, in which anything may be. Unless its saved outputs are believed, they count for nothing.
func readPaper(known []knownLesson, path string, saved bool) *paper {
	p := &paper{path: path, nb: &jupyter.Notebook{}, language: originals}
	nb, err := jupyter.ReadNotebook(path)
	if err != nil {
		p.fault = oneLine(err)
		return p
	}
	nb.Name = path
	if language := translation.Language(nb); translation.IsLanguage(language) {
		p.language = language
	}
	p.nb = runnable(nb, saved)
	p.lesson = recognize(known, p.nb)
	p.nb.GiveIDs()
	calls := 0
	for _, cell := range p.nb.CodeCells() {
		calls += len(translation.Checks(cell.Source))
	}
	foreign := nb.Foreign()
	switch {
	case p.lesson != nil:
	case foreign != nil && !saved:
		p.fault = foreign.Error()
	case calls == 0:
		p.fault = path + ": it is no lesson of this clone, and no cell in it calls a check: is it the right file?"
	}
	return p
}

// cellID matches what nbformat takes as a cell's id.
var cellID = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// runnable is what counts of a notebook: what other programs put beside that, or into a form that Jupyter refuses,
// must not keep it from running. Colab keeps ids among a cell's metadata.
func runnable(nb *jupyter.Notebook, outputs bool) *jupyter.Notebook {
	clean := &jupyter.Notebook{Name: nb.Name, Format: 4, Minor: 5} // which has ids
	for _, cell := range nb.Cells {
		c := &jupyter.Cell{Kind: cell.Kind, Source: cell.Source}
		if c.Kind != jupyter.Code && c.Kind != jupyter.Markdown {
			continue
		}
		hidden, _ := cell.Metadata["id"].(string)
		for _, id := range []string{hidden, cell.ID} {
			if cellID.MatchString(id) {
				c.ID = id
			}
		}
		if cell.Tagged("raises-exception") {
			c.Metadata = map[string]any{"tags": []any{"raises-exception"}}
		}
		if outputs {
			c.Count, c.Outputs = cell.Count, cell.Outputs
		}
		clean.Cells = append(clean.Cells, c)
	}
	return clean
}

// knownLesson is a lesson in one of its languages.
type knownLesson struct{ nb, english *jupyter.Notebook }

// readLessons reads the lessons in all languages.
func readLessons(all lessons) (known []knownLesson, err error) {
	english := map[string]*jupyter.Notebook{}
	for _, language := range all.languages { // English first
		for _, path := range all.paths[language] {
			nb, err := jupyter.ReadNotebook(path)
			if err != nil {
				return nil, err
			}
			name := filepath.Base(path)
			if language == "" {
				english[name] = nb
			}
			if english[name] != nil {
				known = append(known, knownLesson{nb, english[name]})
			}
		}
	}
	return known, nil
}

// recognize finds the lesson that a notebook is: the one with which it shares most cells, at least half of them. The
// cells get the lesson's ids, which some programs leave away or replace.
func recognize(known []knownLesson, nb *jupyter.Notebook) (found *jupyter.Notebook) {
	var best map[*jupyter.Cell]string
	for _, lesson := range known {
		shared := sharedCells(nb, lesson.nb)
		if len(shared) > len(best) && 2*len(shared) >= len(lesson.nb.Cells) {
			best, found = shared, lesson.english
		}
	}
	for cell, id := range best {
		cell.ID = id
	}
	return found
}

// sharedCells are the ids that cells have in a lesson: their own, or else those of cells with the same text.
func sharedCells(nb, lesson *jupyter.Notebook) map[*jupyter.Cell]string {
	open, shared := map[string]bool{}, map[*jupyter.Cell]string{}
	for _, cell := range lesson.Cells {
		open[cell.ID] = true
	}
	for _, cell := range nb.Cells {
		if open[cell.ID] {
			delete(open, cell.ID)
			shared[cell] = cell.ID
		}
	}
	type text struct{ kind, source string }
	ids := map[text][]string{}
	for _, cell := range lesson.Cells {
		if key := (text{cell.Kind, cell.Source}); open[cell.ID] {
			ids[key] = append(ids[key], cell.ID)
		}
	}
	for _, cell := range nb.Cells {
		key := text{cell.Kind, cell.Source}
		if same := ids[key]; shared[cell] == "" && len(same) > 0 {
			shared[cell], ids[key] = same[0], same[1:]
		}
	}
	return shared
}
