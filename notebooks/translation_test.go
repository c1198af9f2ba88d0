// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"bytes"
	"os"
	"path/filepath"
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
				checkProse(t, translated, language)

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
		checkProse(t, readme, "..")
	}
}

// checkProse follows the relative links of a notebook in the folder, and looks at what it folds.
func checkProse(t *testing.T, nb *jupyter.Notebook, folder string) {
	t.Helper()
	for _, cell := range nb.Cells {
		if cell.Kind != jupyter.Markdown {
			continue
		}
		if strings.Contains(fold.ReplaceAllString(cell.Source, ""), "details>") {
			t.Errorf("cell %s: what is folded lacks its summary or the blank lines around its text", cell.ID)
		}
		for _, found := range link.FindAllStringSubmatch(cell.Source, -1) {
			path := found[1] + found[2]
			if strings.Contains(path, ":") { // elsewhere
				continue
			}
			if _, err := os.Stat(filepath.Join(folder, filepath.FromSlash(path))); err != nil {
				t.Errorf("cell %s: nothing is where its link %s leads", cell.ID, path)
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
