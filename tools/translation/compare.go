// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package translation

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"convscope/internal/verdict"
	"convscope/tools/jupyter"
)

// Task is a prose cell that a translator has to look at.
type Task struct {
	ID  string
	Why string // "not translated" or "English has changed"
}

// Open returns the prose cells that were not translated, or fell behind, in their order.
func Open(english, translated *jupyter.Notebook) []Task {
	var open []Task
	cells := byID(translated)
	for _, original := range english.Cells {
		cell := cells[original.ID]
		if original.Kind != jupyter.Markdown || cell == nil {
			continue
		}
		switch same := cell.Source == original.Source; {
		case same && !hasWords(original.Source):
		case Of(cell) == "" || same:
			open = append(open, Task{original.ID, "not translated"})
		case Of(cell) != Hash(original.Source):
			open = append(open, Task{original.ID, "English has changed"})
		}
	}
	return open
}

// Compare returns all in which a translation is not what the English lesson asks for, one line for each thing.
func Compare(english, translated *jupyter.Notebook) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if theirs, ours := ids(english), ids(translated); !slices.Equal(theirs, ours) {
		fault("its cells are not those of the English lesson, in their order: run convscope translate (%s)",
			firstDifference(theirs, ours))
	}
	for _, task := range Open(english, translated) {
		fault("cell %s: %s", task.ID, task.Why)
	}
	cells := byID(translated)
	for _, original := range english.Cells {
		cell := cells[original.ID]
		switch {
		case cell == nil:
		case cell.Kind != original.Kind:
			fault("cell %s is %s, not %s", cell.ID, cell.Kind, original.Kind)
		case cell.Kind == jupyter.Code:
			if cell.Source != original.Source {
				fault("cell %s: its code is not that of the English lesson", cell.ID)
			}
			if why := compareOutputs(original, cell); why != "" {
				fault("cell %s: %s", cell.ID, why)
			}
		case Of(cell) == Hash(original.Source):
			for _, part := range missing(original.Source, cell.Source) {
				fault("cell %s: the English one has %s", cell.ID, part)
			}
		}
	}
	return faults
}

func ids(nb *jupyter.Notebook) (all []string) {
	for _, cell := range nb.Cells {
		all = append(all, cell.ID)
	}
	return all
}

// firstDifference says where two lists part.
func firstDifference(theirs, ours []string) string {
	for i, id := range theirs {
		if i >= len(ours) {
			return "no " + id
		} else if ours[i] != id {
			return ours[i] + " instead of " + id
		}
	}
	return ours[len(theirs)] + " is one too many"
}

// compareOutputs says what is wrong with the outputs of a translation: they are the English ones, but for the words of
// verdicts. Those may have numbers of another processor, so only that they are there, say the same and are not English
// is asked for.
func compareOutputs(english, translated *jupyter.Cell) string {
	if len(english.Outputs) != len(translated.Outputs) {
		return "its outputs are not those of the English lesson: run convscope translate"
	}
	for i, output := range english.Outputs {
		other := translated.Outputs[i]
		if said, found := verdict.Of(output.Data); found && agree(output, other) {
			if own, _ := verdict.Of(other.Data); own.Message == said.Message && hasWords(said.Message) {
				return "its verdict is in English: run convscope notebooks --write for it"
			}
		} else if !reflect.DeepEqual(output, other) {
			return fmt.Sprintf("output %d is not that of the English lesson: run convscope translate", i+1)
		}
	}
	return ""
}

var (
	fences = regexp.MustCompile("(?s)```.*?```")
	spans  = regexp.MustCompile("`[^`\n]+`")
	number = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
	target = regexp.MustCompile(`(\]\(|src=")([^)"\s]+)`) // of links and pictures
	folds  = regexp.MustCompile(`<details>`)
)

// missing names what a text has that is the same in each language, and that its translation lacks: code, numbers,
// links, folded answers.
func missing(english, translated string) (parts []string) {
	for _, block := range fences.FindAllString(english, -1) {
		if !strings.Contains(translated, block) {
			parts = append(parts, "another block of code")
		}
	}
	if a, b := len(folds.FindAllString(english, -1)), len(folds.FindAllString(translated, -1)); a != b {
		parts = append(parts, fmt.Sprintf("%d folded parts, not %d", a, b))
	}
	english, translated = fences.ReplaceAllString(english, ""), fences.ReplaceAllString(translated, "")
	for _, kind := range []*regexp.Regexp{spans, number} {
		there := kind.FindAllString(translated, -1)
		for _, part := range kind.FindAllString(english, -1) {
			if !slices.Contains(there, part) && !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	for _, link := range target.FindAllStringSubmatch(english, -1) {
		path := link[2]
		if strings.HasPrefix(path, "../") {
			path = "../" + path // a folder deeper
		}
		if !strings.Contains(translated, link[1]+path) {
			parts = append(parts, "a link to "+path)
		}
	}
	return parts
}
