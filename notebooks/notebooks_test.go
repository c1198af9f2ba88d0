// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// The lessons are documentation that must run: this test checks each notebook file, and runs each in a clean kernel.
package notebooks_test

import (
	"bytes"
	"image"
	_ "image/jpeg" // sheets of many pictures
	_ "image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	_ "convscope/explain" // what the lessons use: go test keeps no result of before it changed
	"convscope/internal/level"
	_ "convscope/notebooks/check"
	_ "convscope/notebooks/texture"
	_ "convscope/playground"
	"convscope/tools/jupyter"
)

// limit keeps a cell that hangs from holding up everything. The slowest takes under a minute on two idle cores.
const limit = 10 * time.Minute

// shorter is what the default level changes in lesson 2, to run it in under two minutes on two cores: sheets of eight
// filters, not 64. The names of lessons that only the full level runs are not in it.
var shorter = map[string]*strings.Replacer{
	"2-filters.ipynb": strings.NewReplacer("filters(64)", "filters(8)"),
}

// begin is the first line of each lesson's first cell: it finds the clone from any folder of it, also under a go.work.
const begin = `!*sh "$(GOWORK=off go -C "$GONB_DIR" list -m -f {{.Dir}} convscope)/notebooks/begin.sh"` + "\n"

func notebooks(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("*.ipynb")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

// TestFiles checks what can be seen without running anything.
func TestFiles(t *testing.T) {
	for _, path := range notebooks(t) {
		t.Run(path, func(t *testing.T) {
			nb, err := jupyter.ReadNotebook(path)
			require.NoError(t, err)
			for _, fault := range nb.Check(jupyter.LessonRules) {
				t.Error(fault)
			}
			checkPictures(t, nb)
			checkStyle(t, nb)

			// The file is as notebooks --write leaves it, so that the next refresh changes only what is new.
			saved, err := os.ReadFile(path)
			require.NoError(t, err)
			nb.Normalize(nil)
			normal, err := nb.JSON()
			require.NoError(t, err)
			if !bytes.Equal(saved, normal) {
				t.Error("not in the form that convscope notebooks --write gives it: run that")
			}
		})
	}
}

// TestRun runs notebooks in a clean kernel, top to bottom: lesson 2 with small sheets, or all of them as they are.
func TestRun(t *testing.T) {
	level.Real(t, "needs a real Jupyter and the real weights")
	env, err := jupyter.Install(t.Context(), jupyter.Options{})
	require.NoError(t, err)
	linker, err := jupyter.Linker(t.Context(), "..")
	require.NoError(t, err)
	for _, path := range notebooks(t) {
		t.Run(path, func(t *testing.T) {
			if shorter[path] == nil {
				level.OnlyFull(t, "takes minutes")
			}
			nb, err := jupyter.ReadNotebook(path)
			require.NoError(t, err)
			if !level.Full() {
				shorten(t, nb, shorter[path])
			}
			done, err := env.Run(t.Context(), nb, jupyter.RunOptions{Timeout: limit, Env: linker})
			require.NoError(t, err, "no cell fails")
			done.Normalize(jupyter.MachinePaths(root(t)))
			for _, fault := range done.Check(jupyter.LessonRules) {
				t.Error(fault)
			}
			checkPictures(t, done)
			checkOutputs(t, done, claims[path])
			saved, err := nb.Pictures()
			require.NoError(t, err)
			fresh, err := done.Pictures()
			require.NoError(t, err)
			require.Len(t, fresh, len(saved), "as many pictures as in the file: run convscope notebooks --write")
			for i, cell := range nb.CodeCells() {
				if len(cell.Outputs) > 0 {
					require.NotEmpty(t, done.CodeCells()[i].Outputs, "cell %s shows nothing any more", cell.ID)
				}
			}
		})
	}
}

// shorten changes the cells of a notebook, and makes sure that something was changed.
func shorten(t *testing.T, nb *jupyter.Notebook, by *strings.Replacer) {
	t.Helper()
	changed := 0
	for _, cell := range nb.CodeCells() {
		if source := by.Replace(cell.Source); source != cell.Source {
			cell.Source = source
			changed++
		}
	}
	require.Positive(t, changed, "the lesson has nothing of what makes it shorter")
}

// root is the clone that this test lies in.
func root(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	return root
}

// checkPictures looks into each picture: it can be decoded and is not of one colour.
func checkPictures(t *testing.T, nb *jupyter.Notebook) {
	t.Helper()
	pictures, err := nb.Pictures()
	require.NoError(t, err)
	require.NotEmpty(t, pictures)
	for _, picture := range pictures {
		img, _, err := image.Decode(bytes.NewReader(picture.Data))
		require.NoError(t, err, "cell %d, picture %d", picture.Cell, picture.Index)
		if plain(img) {
			t.Errorf("cell %d, picture %d is of one colour", picture.Cell, picture.Index)
		}
	}
}

// plain says whether a picture has only one colour.
func plain(img image.Image) bool {
	bounds := img.Bounds()
	first := img.At(bounds.Min.X, bounds.Min.Y)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if img.At(x, y) != first {
				return false
			}
		}
	}
	return true
}

// checkStyle holds a lesson to what makes it readable: it opens with a title, its first cell pins this clone, and the
// first picture comes within five code cells.
func checkStyle(t *testing.T, nb *jupyter.Notebook) {
	t.Helper()
	require.True(t, strings.HasPrefix(nb.Cells[0].Source, "# "), "the first cell is the title")
	code := nb.CodeCells()
	require.Contains(t, code[0].Source, begin, "the first code cell takes the packages of this clone")
	pictures, err := nb.Pictures()
	require.NoError(t, err)
	if len(pictures) > 0 && pictures[0].Cell > 5 {
		t.Errorf("the first picture comes in code cell %d, not within five", pictures[0].Cell)
	}
}
