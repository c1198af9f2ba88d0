// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/verdict"
	"convscope/tools/jupyter"
	"convscope/tools/translation"
)

// TestTranslations holds each folder of translated lessons to the English ones: all are there, with the same cells,
// code and outputs, and their prose renders the English of now. Each cell that does not is named.
func TestTranslations(t *testing.T) {
	languages, err := translation.Languages(".")
	require.NoError(t, err)
	require.NotEmpty(t, languages)
	for _, language := range languages {
		for _, name := range notebooks(t) {
			t.Run(filepath.Join(language, name), func(t *testing.T) {
				path := filepath.Join(language, name)
				if _, err := os.Stat(path); err != nil {
					t.Fatalf("%s is not translated: go run ./tools/convscope translate %s %s makes it", name, language, name)
				}
				original, err := jupyter.ReadNotebook(name)
				require.NoError(t, err)
				translated, err := jupyter.ReadNotebook(path)
				require.NoError(t, err)
				for _, fault := range append(translation.Compare(original, translated),
					translated.Check(jupyter.LessonRules)...) {
					t.Error(fault)
				}
				require.Equal(t, language, translation.Language(translated))
				checkLinks(t, translated, language)

				saved, err := os.ReadFile(path)
				require.NoError(t, err)
				translated.Normalize(nil)
				normal, err := translated.JSON()
				require.NoError(t, err)
				if !bytes.Equal(saved, normal) {
					t.Errorf("not in its normal form: run convscope translate %s %s", language, name)
				}
			})
		}
		lessons, err := translation.Lessons(language)
		require.NoError(t, err)
		for _, path := range lessons {
			if !slices.Contains(notebooks(t), filepath.Base(path)) {
				t.Errorf("%s is no translation of a lesson", path)
			}
		}
		for _, file := range []string{filepath.Join("check", "word", language+".json"),
			filepath.Join(language, "glossary.md")} {
			require.FileExists(t, file)
		}
	}
}

// TestLinks follows the links of the English lessons into this clone.
func TestLinks(t *testing.T) {
	for _, name := range notebooks(t) {
		t.Run(name, func(t *testing.T) {
			nb, err := jupyter.ReadNotebook(name)
			require.NoError(t, err)
			checkLinks(t, nb, "")
		})
	}
}

// TestReadmes finds a README in each language, from the first lines of the English one, and follows its links.
func TestReadmes(t *testing.T) {
	languages, err := translation.Languages(".")
	require.NoError(t, err)
	english, err := os.ReadFile(filepath.Join("..", "README.md"))
	require.NoError(t, err)
	for _, language := range languages {
		name := "README." + language + ".md"
		require.Contains(t, strings.Join(strings.SplitN(string(english), "\n", 6)[:5], "\n"), "]("+name+")")
		text, err := os.ReadFile(filepath.Join("..", name))
		require.NoError(t, err)
		readme := &jupyter.Notebook{Cells: []*jupyter.Cell{{Kind: jupyter.Markdown, ID: name, Source: string(text)}}}
		checkLinks(t, readme, "..")
	}
}

// link matches where a link of Markdown leads.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// checkLinks follows the relative links of a notebook in the folder.
func checkLinks(t *testing.T, nb *jupyter.Notebook, folder string) {
	t.Helper()
	for _, cell := range nb.Cells {
		if cell.Kind != jupyter.Markdown {
			continue
		}
		for _, found := range link.FindAllStringSubmatch(cell.Source, -1) {
			path, _, _ := strings.Cut(found[1], "#")
			if path == "" || strings.Contains(path, ":") { // in this notebook, or elsewhere
				continue
			}
			if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(path))); err != nil {
				t.Errorf("cell %s: nothing is where its link %s leads", cell.ID, found[1])
			}
		}
	}
}

// TestVerdicts finds the verdict of each check that a lesson calls among its saved outputs: what grade --saved reads.
func TestVerdicts(t *testing.T) {
	for _, name := range notebooks(t) {
		t.Run(name, func(t *testing.T) {
			nb, err := jupyter.ReadNotebook(name)
			require.NoError(t, err)
			for _, cell := range nb.CodeCells() {
				saved := slices.ContainsFunc(cell.Outputs, func(o *jupyter.Output) bool {
					_, found := verdict.Of(o.Data)
					return found
				})
				if len(translation.Checks(cell.Source)) > 0 && !saved {
					t.Errorf("cell %s keeps no verdict: run convscope notebooks --write", cell.ID)
				}
			}
		})
	}
}
