// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// makeClone makes a directory that looks like a clone.
func makeClone(t *testing.T, notebooks ...string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(root, "notebooks"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "go.mod"),
		[]byte("// a comment\nmodule convscope\n\ngo 1.26\n"), 0o644))
	for _, name := range notebooks {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, "notebooks", name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, "notebooks", name), []byte(bareNotebook), 0o644))
	}
	return root
}

// bareNotebook has no cells.
const bareNotebook = `{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}`

func TestCloneRoot(t *testing.T) {
	root := makeClone(t)
	inner := filepath.Join(root, "pkg", "ascent")
	require.NoError(t, os.MkdirAll(inner, 0o755))
	t.Run("from any directory inside", func(t *testing.T) {
		for _, dir := range []string{root, inner, filepath.Join(root, "notebooks")} {
			found, err := cloneRoot(dir)
			require.NoError(t, err)
			require.Equal(t, root, found)
		}
	})
	t.Run("past a module inside the clone", func(t *testing.T) {
		require.NoError(t, os.WriteFile(filepath.Join(inner, "go.mod"), []byte("module example.com/other\n"), 0o644))
		found, err := cloneRoot(inner)
		require.NoError(t, err)
		require.Equal(t, root, found)
	})
	t.Run("outside", func(t *testing.T) {
		_, err := cloneRoot(t.TempDir())
		require.ErrorIs(t, err, errNoClone)
		require.ErrorContains(t, err, "change to the clone")
	})
}

func TestFindNotebooks(t *testing.T) {
	root := makeClone(t, "1-activations.ipynb", "2-filters.ipynb", "check/none.ipynb", "fr/.x-y.ipynb",
		"ko/1-activations.ipynb", "ko/2-filters.ipynb", "pt-BR/2-filters.ipynb")
	in := func(name string) string { return filepath.Join(root, "notebooks", name) }
	other := filepath.Join(t.TempDir(), "mine.ipynb")
	require.NoError(t, os.WriteFile(other, []byte("{}"), 0o644))
	for name, test := range map[string]struct{ names, want []string }{
		"all":     {nil, []string{in("1-activations.ipynb"), in("2-filters.ipynb")}},
		"by name": {[]string{"2-filters"}, []string{in("2-filters.ipynb")}},
		"by file": {[]string{"2-filters.ipynb", "1-activations"},
			[]string{in("2-filters.ipynb"), in("1-activations.ipynb")}},
		"by path": {[]string{other}, []string{other}},
		"translated": {[]string{"ko/2-filters", "pt-BR/2-filters.ipynb"},
			[]string{in("ko/2-filters.ipynb"), in("pt-BR/2-filters.ipynb")}},
		"a language":  {[]string{"ko"}, []string{in("ko/1-activations.ipynb"), in("ko/2-filters.ipynb")}},
		"and a slash": {[]string{"ko/"}, []string{in("ko/1-activations.ipynb"), in("ko/2-filters.ipynb")}},
		"the default": {[]string{lesson}, []string{in("2-filters.ipynb")}},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := findNotebooks(root, test.names...)
			require.NoError(t, err)
			require.Equal(t, test.want, found)
		})
	}
	t.Run("no path and no name is a pattern", func(t *testing.T) {
		odd := filepath.Join(root, "it's [a] *clone?")
		require.NoError(t, os.MkdirAll(filepath.Join(odd, "notebooks"), 0o755))
		for _, name := range []string{"*.ipynb", "[1].ipynb"} {
			require.NoError(t, os.WriteFile(filepath.Join(odd, "notebooks", name), []byte("{}"), 0o644))
		}
		found, err := findNotebooks(odd)
		require.NoError(t, err)
		require.Len(t, found, 2)
		found, err = findNotebooks(odd, "*")
		require.NoError(t, err)
		require.Equal(t, []string{filepath.Join(odd, "notebooks", "*.ipynb")}, found)
	})
	t.Run("a file of a lesson's name", func(t *testing.T) {
		t.Chdir(filepath.Dir(other))
		require.NoError(t, os.WriteFile("2-filters.ipynb", []byte("{}"), 0o644))
		found, err := findNotebooks(root, "./2-filters.ipynb")
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.NotEqual(t, in("2-filters.ipynb"), found[0])
	})
	for name, words := range map[string]string{
		"3-heatmaps": "there is 1-activations, 2-filters, ko/..., pt-BR/...", "check/none": "there is 1-",
		"ko/3-heatmaps": "there is ko/1-activations, ko/2-filters", "KO": "there is 1-", "": "there is 1-",
		"fr/2-filters": `there are no lessons in "fr", only in English and in ko, pt-BR`,
		"fr":           "there is 1-", "ko/../2-filters": "there is ko/1-",
	} {
		t.Run("unknown "+name, func(t *testing.T) {
			_, err := findNotebooks(root, name)
			require.ErrorAs(t, err, new(usageError))
			require.ErrorContains(t, err, words)
		})
	}
	t.Run("an empty clone", func(t *testing.T) {
		empty := makeClone(t)
		_, err := findNotebooks(empty)
		require.ErrorContains(t, err, "there are no notebooks")
		_, err = findNotebooks(empty, lesson)
		require.ErrorContains(t, err, "is the clone complete?")
	})
}

func TestFormat(t *testing.T) {
	root := makeClone(t, "a.ipynb")
	t.Chdir(root)
	path := filepath.Join("notebooks", "a.ipynb")
	require.NoError(t, os.WriteFile(path, []byte(`{"cells": [{"cell_type": "markdown", "metadata": {}, "source": "# A"}],
		"metadata": {}, "nbformat": 4, "nbformat_minor": 4}`), 0o644))
	status, _, stderr := runCommand(t, "notebooks", "--format")
	require.Equal(t, exitOK, status, stderr)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), `"slide_type": "slide"`)
	require.NoError(t, os.WriteFile(path, []byte("no"), 0o644))
	status, _, stderr = runCommand(t, "notebooks", "--format")
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "a.ipynb: not a notebook of nbformat 4")
}
