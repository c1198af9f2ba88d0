// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter

import (
	"errors"
	"fmt"
	"time"
)

// The reasons for which a Jupyter cannot be set up here. Each error that wraps one says what to install.
var (
	// ErrNoPython means that there is no Python 3.9 or later on PATH.
	ErrNoPython = errors.New("no Python 3.9 or later on PATH")
	// ErrNoVenv means that the Python there can neither make a complete virtual environment nor run pip.
	ErrNoVenv = errors.New("python3 has neither ensurepip nor pip")
	// ErrNoGo means that there is no go command on PATH.
	ErrNoGo = errors.New("no go command on PATH")
)

// CellError says which cell stopped a notebook, and why.
type CellError struct {
	Notebook string        // file name, such as "2-filters.ipynb"
	Cell     int           // the code cell's number, from 1
	Of       int           // how many code cells the notebook has
	ID       string        // the cell's nbformat id
	Reason   string        // one line: what the compiler, the program or the kernel said
	Timeout  time.Duration // the limit, when the cell ran past it; else 0
}

// Error gives all of it in one line.
func (e *CellError) Error() string {
	where := fmt.Sprintf("%s: cell %d of %d (id %s)", e.Notebook, e.Cell, e.Of, e.ID)
	if e.Timeout > 0 {
		return fmt.Sprintf("%s ran past its limit of %s: make the limit longer with --timeout", where, e.Timeout)
	}
	return fmt.Sprintf("%s failed: %s", where, e.Reason)
}
