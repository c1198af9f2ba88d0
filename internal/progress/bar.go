// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package progress

import (
	"os"

	"github.com/mattn/go-isatty"
)

// Bar shows how far a long task has come. It is safe for one goroutine.
type Bar interface {
	// Set reports how much is done, in the bar's unit, from 0 to the total.
	Set(done int64)
	// Done ends the bar's line, whether the task came to its end or not. Calling it again does nothing.
	Done()
}

// Unit is what a bar counts.
type Unit int

const (
	// Bytes makes a bar that prints sizes and the speed ("12/59 MB, 4.1 MB/s").
	Bytes Unit = iota
	// Steps makes a bar that prints counts ("12/40").
	Steps
	// Things makes a bar that prints counts of what it is named for ("photographs: 12 of 40").
	Things
	// Share makes a bar that counts in thousandths of the whole, and prints percent.
	Share
)

// New starts a bar. what names the task in a few words, total is its size in the given unit; total <= 0 means
// that nobody knows. All units print the time left when the total is known.
//
// By default it draws on stderr when that is a terminal, and else prints one plain line at the start and one
// at the end. A package that knows better, such as display inside a notebook, replaces it before the first use.
var New = func(what string, total int64, unit Unit) Bar {
	if isTerminal(os.Stderr) {
		return Terminal(os.Stderr, what, total, unit)
	}
	return Plain(os.Stderr, what, total, unit)
}

func isTerminal(f *os.File) bool {
	return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd())
}
