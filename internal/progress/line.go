// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package progress

import (
	"fmt"
	"os"
	"strings"
	"unicode"
)

// Line reports one line of news, without its line end: "weights: cache: not there". By default it goes to
// stderr, above the bar that is being drawn there, if any. display may replace it before the first use.
var Line = func(text string) {
	screen.Lock()
	defer screen.Unlock()
	if screen.bar != nil {
		_ = screen.bar.Clear()
	}
	fmt.Fprintln(os.Stderr, Printable(text))
	if screen.bar != nil {
		_ = screen.bar.RenderBlank()
	}
}

// Printable replaces what a text, such as a file's name in it, could do to a terminal: line breaks, escape sequences.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
