// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
	"convscope/tools/translation"
)

// writeLesson writes a small English lesson into a clone.
func writeLesson(t *testing.T, root, name, title string) {
	t.Helper()
	nb := &jupyter.Notebook{Cells: []*jupyter.Cell{
		{Kind: jupyter.Markdown, ID: "title", Source: title},
		{Kind: jupyter.Code, ID: "look", Source: "f()", Outputs: []*jupyter.Output{
			{Kind: jupyter.Stream, Name: "stdout", Text: title + "\n"}}},
		{Kind: jupyter.Markdown, ID: "end", Source: "The end."},
	}}
	nb.Normalize(nil)
	require.NoError(t, nb.Write(filepath.Join(root, "notebooks", name)))
}

func TestTranslateCommand(t *testing.T) {
	root := makeClone(t)
	writeLesson(t, root, "1-one.ipynb", "# One")
	writeLesson(t, root, "2-two.ipynb", "# Two")
	t.Chdir(root)
	says := func(want string, args ...string) {
		t.Helper()
		status, stdout, stderr := runCommand(t, append([]string{"translate", "ko"}, args...)...)
		require.Equal(t, exitOK, status, stderr)
		require.Equal(t, want, stdout)
	}
	cell := func(i int) *jupyter.Cell {
		nb, err := jupyter.ReadNotebook("notebooks/ko/1-one.ipynb")
		require.NoError(t, err)
		return nb.Cells[i]
	}
	says("ko/1-one: cell title: not translated\nko/1-one: cell end: not translated\n" +
		"ko/2-two: cell title: not translated\nko/2-two: cell end: not translated\n")
	require.NoError(t, os.WriteFile("cells.json", []byte(`{"title": "# 하나", "end": "끝."}`), 0o600))
	says("ko/1-one: all is translated\n", "1-one", "--texts", "cells.json")
	require.Equal(t, "# 하나", cell(0).Source)

	writeLesson(t, root, "1-one.ipynb", "# One, again")
	says("ko/1-one: cell title: English has changed\n", "ko/1-one")
	require.Equal(t, "# 하나", cell(0).Source)
	require.Equal(t, "# One, again\n", cell(1).Outputs[0].Text, "outputs follow")
	says("ko/1-one: all is translated\n", "1-one", "--done", "all")
	require.Equal(t, translation.Hash("# One, again"), translation.Of(cell(0)))

	for words, args := range map[string]string{
		"name it":                  "ko --done all",
		"no language":              "Korean",
		"into: give its code":      "en",
		"there is 1-one":           "ko 3-three",
		"is no English lesson":     "ko cells.json",
		"requires at least 1 arg":  "",
		"about the cells of one":   "ko 1-one 2-two --texts cells.json",
		"needs an argument: --don": "ko 1-one --done",
	} {
		t.Run(words, func(t *testing.T) {
			status, stdout, stderr := runCommand(t, append([]string{"translate"}, strings.Fields(args)...)...)
			require.Equal(t, exitUsage, status, stderr)
			require.Contains(t, stderr, words)
			require.Empty(t, stdout)
		})
	}
	for name, text := range map[string]string{"twice.json": `{"title": "# 하나"} {}`, "latin.json": "{\"title\": \"\xfc\"}",
		"null.json": "null", "unknown.json": `{"title": "# x", "nobody": "y"}`} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
	for words, args := range map[string]string{
		`no cell "none"`:      "ko 1-one --done none",
		"is still in English": "ko 2-two --done title",
		"is code":             "ko 1-one --done look",
		"not a JSON object":   "ko 1-one --texts go.mod",
		"no such file":        "ko 1-one --texts none.json",
		"not a regular file":  "ko 1-one --texts notebooks",
		"more text after":     "ko 1-one --texts twice.json",
		"it is not UTF-8":     "ko 1-one --texts latin.json",
		"it has no texts":     "ko 1-one --texts null.json",
		`no cell "nobody"`:    "xx 1-one --texts unknown.json",
	} {
		t.Run(words, func(t *testing.T) {
			status, _, stderr := runCommand(t, append([]string{"translate"}, strings.Fields(args)...)...)
			require.Equal(t, exitFailure, status, stderr)
			require.Contains(t, stderr, words)
			require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
		})
	}

	require.NoDirExists(t, "notebooks/xx", "nothing is written of what is refused")

	nb, err := jupyter.ReadNotebook("notebooks/ko/1-one.ipynb")
	require.NoError(t, err)
	nb.Cells[0].ID = "gone"
	require.NoError(t, nb.Write("notebooks/ko/1-one.ipynb"))
	status, _, stderr := runCommand(t, "translate", "ko", "1-one")
	require.Equal(t, exitFailure, status)
	require.Contains(t, stderr, `"gone" (# 하나) is no more in the English lesson`)
	require.Equal(t, "# 하나", cell(0).Source, "nobody's work is lost")
}

// TestSaveLesson keeps a lesson and its translations together when the lesson is run again.
func TestSaveLesson(t *testing.T) {
	root := makeClone(t)
	writeLesson(t, root, "1-one.ipynb", "# One")
	t.Chdir(root)
	status, _, stderr := runCommand(t, "translate", "ko")
	require.Equal(t, exitOK, status, stderr)
	path := filepath.Join(root, "notebooks", "1-one.ipynb")
	done, err := jupyter.ReadNotebook(path)
	require.NoError(t, err)
	done.Cells[1].Outputs[0].Text = "new\n"
	require.NoError(t, saveLesson(root, path, done))
	for _, name := range []string{path, filepath.Join(root, "notebooks", "ko", "1-one.ipynb")} {
		nb, err := jupyter.ReadNotebook(name)
		require.NoError(t, err)
		require.Equal(t, "new\n", nb.Cells[1].Outputs[0].Text)
	}
	done.Cells[1].Outputs[0].Text = "of another processor\n"
	require.NoError(t, saveLesson(root, filepath.Join(root, "notebooks", "ko", "1-one.ipynb"), done))
	nb, err := jupyter.ReadNotebook(filepath.Join(root, "notebooks", "ko", "1-one.ipynb"))
	require.NoError(t, err)
	require.Equal(t, "new\n", nb.Cells[1].Outputs[0].Text, "the English outputs count")
}

// TestCompleteLessons offers what there is to the shell.
func TestCompleteLessons(t *testing.T) {
	t.Chdir(makeClone(t, "1-one.ipynb", "2-two.ipynb", "ko/1-one.ipynb"))
	for args, want := range map[string]string{
		"run ":          "1-one 2-two ko/1-one",
		"run 1-one ":    "2-two ko/1-one",
		"lab --lang ":   "en ko",
		"translate ":    "ko",
		"translate ko ": "1-one 2-two",
	} {
		t.Run(args, func(t *testing.T) {
			status, stdout, stderr := runCommand(t, append([]string{"__complete"}, strings.Split(args, " ")...)...)
			require.Equal(t, exitOK, status, stderr)
			words := strings.Fields(stdout)
			require.Equal(t, want, strings.Join(words[:len(words)-1], " "))
		})
	}
}
