// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package translation

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"unicode"

	"convscope/tools/jupyter"
)

// ours is the key of our metadata, of a cell and of a notebook.
const ours = "convscope"

// Hash names a text: the first twelve hexadecimal digits of its SHA-256.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:12]
}

// Of returns the hash of the English text that a cell renders, "" when it was not translated yet.
func Of(cell *jupyter.Cell) string {
	about, _ := cell.Metadata[ours].(map[string]any)
	of, _ := about["of"].(string)
	return of
}

// setOf says which English text a cell renders.
func setOf(cell *jupyter.Cell, hash string) {
	if cell.Metadata = maps.Clone(cell.Metadata); cell.Metadata == nil {
		cell.Metadata = map[string]any{}
	}
	cell.Metadata[ours] = map[string]any{"of": hash}
}

// Language returns the language of a notebook that Follow made, "" for English.
func Language(nb *jupyter.Notebook) string {
	about, _ := nb.Metadata[ours].(map[string]any)
	language, _ := about["language"].(string)
	return language
}

// speechless are the parts of Markdown that are the same in each language: code, formulas, pictures, tags, addresses.
var speechless = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`|\\$[^$]*\\$|" +
	"!\\[[^]]*\\]\\([^)]*\\)|<[^>]*>|https?://\\S+")

// hasWords says whether there is anything to translate in a text.
func hasWords(text string) bool {
	for _, r := range speechless.ReplaceAllString(text, "") {
		if unicode.IsLetter(r) {
			return true
		}
	}
	return false
}
