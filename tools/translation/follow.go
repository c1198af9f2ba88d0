// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package translation

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"convscope/internal/verdict"
	"convscope/tools/jupyter"
)

// Follow returns the translation as the English lesson now asks for it: its cells in its order, its code and its
// outputs. Prose that was translated stays, also where the English text has changed since; new prose comes in English,
// to be translated. The verdicts of checks, which are in the notebook's language, stay where they say the same.
// Translated is nil for a lesson without a translation. Removed are prose cells with words of somebody that have no
// place in the English lesson.
func Follow(english, translated *jupyter.Notebook, language string) (nb *jupyter.Notebook, removed []*jupyter.Cell) {
	nb = &jupyter.Notebook{Name: english.Name, Format: english.Format, Minor: english.Minor,
		Metadata: maps.Clone(english.Metadata)}
	if nb.Metadata == nil {
		nb.Metadata = map[string]any{}
	}
	nb.Metadata[ours] = map[string]any{"language": language}
	old, kept := byID(translated), map[string]bool{} // texts
	for _, cell := range english.Cells {
		own := *cell
		before := old[cell.ID]
		if before != nil && before.Kind != cell.Kind {
			before = nil
		}
		switch {
		case cell.Kind == jupyter.Code && before != nil:
			own.Outputs = withVerdicts(cell.Outputs, before.Outputs)
		case cell.Kind == jupyter.Markdown && before != nil:
			own.Source = before.Source
			setOf(&own, Of(before))
		case cell.Kind == jupyter.Markdown:
			setOf(&own, "")
		}
		nb.Cells = append(nb.Cells, &own)
		kept[own.Source], kept[cell.Source] = true, true
	}
	if translated != nil {
		for _, cell := range translated.Cells {
			if cell.Kind == jupyter.Markdown && hasWords(cell.Source) && !kept[cell.Source] {
				removed = append(removed, cell)
			}
		}
	}
	return nb, removed
}

// byID finds cells by their ids.
func byID(nb *jupyter.Notebook) map[string]*jupyter.Cell {
	cells := map[string]*jupyter.Cell{}
	if nb != nil {
		for _, cell := range nb.Cells {
			cells[cell.ID] = cell
		}
	}
	return cells
}

// calls matches a call of a check, whose words are in the notebook's language.
var calls = regexp.MustCompile(`\bcheck\.(\p{Lu}\w*)\(`)

// Checks are the names of the checks that the code calls.
func Checks(source string) (names []string) {
	for _, call := range calls.FindAllStringSubmatch(source, -1) {
		names = append(names, call[1])
	}
	return names
}

// withVerdicts are the English outputs with the verdicts that a run of the translation gave, if those are as many and
// say the same.
func withVerdicts(english, translated []*jupyter.Output) []*jupyter.Output {
	theirs, ours := verdicts(english), verdicts(translated)
	if len(theirs) != len(ours) {
		return english
	}
	merged := slices.Clone(english)
	for i, at := range theirs {
		if !agree(english[at], translated[ours[i]]) {
			return english
		}
		merged[at] = translated[ours[i]]
	}
	return merged
}

// verdicts are the places of the verdicts among outputs.
func verdicts(outputs []*jupyter.Output) (at []int) {
	for i, output := range outputs {
		if _, found := verdict.Of(output.Data); found {
			at = append(at, i)
		}
	}
	return at
}

// agree says whether two outputs are verdicts of one check that differ at most in their words.
func agree(a, b *jupyter.Output) bool {
	one, found := verdict.Of(a.Data)
	other, also := verdict.Of(b.Data)
	return found && also && one.Check == other.Check && one.Right == other.Right
}

// Fill puts translated texts into prose cells, by their ids, each as the translation of the English text that is there
// now. What can't be a translation is an error, and then nothing is changed.
func Fill(english, translated *jupyter.Notebook, texts map[string]string) error {
	originals, cells := byID(english), byID(translated)
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		original, cell := originals[id], cells[id]
		switch text := texts[id]; {
		case original == nil || cell == nil:
			return fmt.Errorf("%s has no cell %q", english.Name, id)
		case original.Kind != jupyter.Markdown:
			return fmt.Errorf("%s: cell %q is code, which stays as it is", english.Name, id)
		case strings.TrimSpace(text) == "":
			return fmt.Errorf("%s: cell %q: no text", english.Name, id)
		case text == original.Source && hasWords(text):
			return fmt.Errorf("%s: cell %q is still in English", english.Name, id)
		}
	}
	for id, text := range texts {
		cells[id].Source = text
		setOf(cells[id], Hash(originals[id].Source))
	}
	return nil
}
