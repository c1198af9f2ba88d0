// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// String gives the objective as [ParseObjective] reads it, but for files, which it names without their folders.
func (o Objective) String() string { return o.text(term.fileName) }

// text writes the objective; named tells what a term's vector or photo is called.
func (o Objective) text(named func(term) string) string {
	var b strings.Builder
	for i, t := range o.terms {
		weight := t.weight
		switch {
		case i > 0 && weight < 0:
			b.WriteString(" - ")
			weight = -weight
		case i > 0:
			b.WriteString(" + ")
		case weight < 0:
			b.WriteString("-")
			weight = -weight
		}
		if weight != 1 {
			b.WriteString(decimal(weight) + "*")
		}
		b.WriteString(t.text(named))
	}
	return b.String()
}

// text writes the term without its weight.
func (t term) text(named func(term) string) string {
	text := t.kind + ":" + quoteLayer(t.layer)
	switch t.kind {
	case "channels":
		parts := make([]string, len(t.channels))
		for i, c := range t.channels {
			weight := "?" // missing, which the check says
			if i < len(t.weights) {
				weight = decimal(t.weights[i])
			}
			parts[i] = fmt.Sprintf("%d=%s", c, weight)
		}
		return text + ":" + strings.Join(parts, ",")
	case "interpolate":
		return fmt.Sprintf("%s:%d:%s:%d", text, t.channels[0], quoteLayer(t.other), t.channels[1])
	case "direction", "caricature":
		text += ":" + named(t)
		if t.power != 0 {
			text += ":" + decimal(t.power)
		}
		return text
	}
	for _, n := range slices.Concat(t.channels, t.place) {
		text += fmt.Sprintf(":%d", n)
	}
	return text
}

// fileName is what the file was called that a vector or photo came from; one that a program made is called by what it
// is.
func (t term) fileName() string {
	switch {
	case t.name != "":
		return t.name
	case t.kind == "direction":
		return "vector"
	}
	return "photo"
}

// named notes the file that a term's vector or photo came from, as it can be shown: without its folder, which is
// nobody else's business, and without what would do something to a terminal.
func (t term) named(path string) term {
	t.name = strings.Map(func(c rune) rune {
		if unicode.IsGraphic(c) && c != unicode.ReplacementChar {
			return c
		}
		return '?'
	}, filepath.Base(path))
	return t
}
