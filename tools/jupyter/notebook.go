// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"convscope/internal/fetch"
	"convscope/internal/file"
)

// Notebook is a Jupyter notebook, nbformat 4. Reading and writing one changes only its layout: the file comes out as
// Python's nbformat would write it (sorted keys, an indent of 1, text as lists of lines).
type Notebook struct {
	Name     string         // file name, for messages
	Cells    []*Cell        // in reading order
	Metadata map[string]any // kernelspec, language_info ...
	Format   int            // 4
	Minor    int            // 5 has cell ids
}

// The kinds of cell.
const (
	Code     = "code"
	Markdown = "markdown"
)

// Cell is one cell of a notebook.
type Cell struct {
	Kind     string // Code, Markdown or "raw"
	ID       string
	Source   string
	Metadata map[string]any
	Count    int       // execution count of a code cell, 0 when it was not run
	Outputs  []*Output // of a code cell
	attached any       // pictures pasted into a markdown cell
}

// The kinds of output.
const (
	Stream  = "stream"
	Display = "display_data"
	Result  = "execute_result"
	Failure = "error"
)

// Output is one output of a code cell. Which fields it has depends on its kind.
type Output struct {
	Kind      string
	Name      string         // Stream: "stdout" or "stderr"
	Text      string         // Stream
	Data      map[string]any // Display, Result: by MIME type; string for text and base64, else JSON
	Metadata  map[string]any // Display, Result
	Count     int            // Result
	Error     string         // Failure: its name
	Value     string         // Failure: its message
	Traceback []string       // Failure
}

// errNotNotebook is for files that are JSON perhaps, but no notebook of nbformat 4.
var errNotNotebook = errors.New("not a notebook of nbformat 4")

// mostBytes is how large a notebook may be that is read: larger ones open in no browser.
const mostBytes = 512 << 20

// ReadNotebook reads a notebook file.
func ReadNotebook(path string) (*Notebook, error) {
	f, size, err := file.OpenSized(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > mostBytes {
		return nil, fmt.Errorf("%s: it has more than %d MB, too many for a notebook: clear its outputs", path, mostBytes>>20)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	nb, err := ParseNotebook(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	nb.Name = filepath.Base(path)
	return nb, nil
}

// ParseNotebook reads a notebook from its JSON.
func ParseNotebook(text []byte) (*Notebook, error) {
	var raw rawNotebook
	if err := file.JSON(text, &raw); err != nil {
		return nil, fmt.Errorf("%w: %w", errNotNotebook, err)
	}
	switch {
	case raw.Format == 0:
		return nil, fmt.Errorf("%w: it says no nbformat", errNotNotebook)
	case raw.Format < 4:
		return nil, fmt.Errorf("%w: its nbformat is %d: open it in JupyterLab and save it, which makes it 4",
			errNotNotebook, raw.Format)
	case raw.Format > 4:
		return nil, fmt.Errorf("%w: its nbformat is %d", errNotNotebook, raw.Format)
	case raw.Cells == nil:
		return nil, fmt.Errorf("%w: it has no cells", errNotNotebook)
	}
	nb := &Notebook{Metadata: raw.Metadata, Format: raw.Format, Minor: raw.Minor}
	for i, c := range raw.Cells {
		if c == nil || c.Kind == "" {
			return nil, fmt.Errorf("%w: cell %d has no cell_type", errNotNotebook, i+1)
		}
		cell := &Cell{Kind: c.Kind, ID: c.ID, Source: string(c.Source), Metadata: c.Metadata, attached: c.Attachments}
		if c.Count != nil {
			cell.Count = *c.Count
		}
		for _, o := range c.Outputs {
			if o == nil {
				return nil, fmt.Errorf("%w: cell %d has an output of null", errNotNotebook, i+1)
			}
			cell.Outputs = append(cell.Outputs, o.output())
		}
		nb.Cells = append(nb.Cells, cell)
	}
	return nb, nil
}

// Write writes the notebook to a file, which appears complete or not at all.
func (nb *Notebook) Write(path string) error {
	text, err := nb.JSON()
	if err != nil {
		return err
	}
	return fetch.WriteAtomic(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// JSON returns the notebook as nbformat writes it.
func (nb *Notebook) JSON() ([]byte, error) {
	cells := make([]any, len(nb.Cells))
	for i, cell := range nb.Cells {
		cells[i] = cell.json(nb.Minor)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(map[string]any{
		"cells": cells, "metadata": orEmpty(nb.Metadata), "nbformat": nb.Format, "nbformat_minor": nb.Minor})
	return text.Bytes(), err
}

// CodeCells returns the code cells that have something to run, in order: what "cell 3 of 20" counts.
func (nb *Notebook) CodeCells() []*Cell {
	var code []*Cell
	for _, cell := range nb.Cells {
		if cell.Kind == Code && strings.TrimSpace(cell.Source) != "" {
			code = append(code, cell)
		}
	}
	return code
}

// Foreign returns an error for a notebook that says that its cells are for another kernel than Go's.
func (nb *Notebook) Foreign() error {
	spec, _ := nb.Metadata["kernelspec"].(map[string]any)
	info, _ := nb.Metadata["language_info"].(map[string]any)
	language, _ := spec["language"].(string)
	if language == "" {
		language, _ = info["name"].(string)
	}
	if language == "" || strings.EqualFold(language, "go") {
		return nil
	}
	return fmt.Errorf("%s: its cells are in %s: choose the kernel %s for it, if they are not, and save it", nb.Name,
		language, KernelTitle)
}

// Tagged says whether the cell's metadata has the tag, such as "raises-exception".
func (c *Cell) Tagged(tag string) bool {
	tags, _ := c.Metadata["tags"].([]any)
	for _, t := range tags {
		if t == tag {
			return true
		}
	}
	return false
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
