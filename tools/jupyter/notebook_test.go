// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

// saved is a notebook as Python's nbformat writes it, with every kind of cell and output.
const saved = `{
 "cells": [
  {
   "attachments": {
    "a.png": {
     "image/png": "iVBORw0KGgo="
    }
   },
   "cell_type": "markdown",
   "id": "title",
   "metadata": {},
   "source": [
    "# Filters & <friends>\n",
    "\n",
    "text"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "first",
   "metadata": {
    "tags": [
     "raises-exception"
    ]
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "one\n",
      "two"
     ]
    },
    {
     "data": {
      "application/json": {
       "k": [
        1,
        2.50
       ]
      },
      "image/png": "iVBORw0KGgo=",
      "text/html": [
       "<b>x</b>\n",
       "<img src=\"data:image/png;base64,iVBORw0KGgo=\">"
      ]
     },
     "metadata": {
      "image/png": {
       "width": 300
      }
     },
     "output_type": "display_data"
    },
    {
     "data": {
      "text/plain": [
       "3"
      ]
     },
     "execution_count": 1,
     "metadata": {},
     "output_type": "execute_result"
    },
    {
     "ename": "ERROR",
     "evalue": "exit status 2",
     "output_type": "error",
     "traceback": [
      "exit status 2"
     ]
    }
   ],
   "source": [
    "%%\n",
    "fmt.Println(1)"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "empty",
   "metadata": {},
   "outputs": [],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Go (gonb)",
   "language": "go",
   "name": "gonb"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`

func TestNotebook(t *testing.T) {
	t.Run("reading and writing changes nothing", func(t *testing.T) {
		nb, err := jupyter.ParseNotebook([]byte(saved))
		require.NoError(t, err)
		text, err := nb.JSON()
		require.NoError(t, err)
		require.Equal(t, saved, string(text))
	})
	t.Run("text may be one string or a list of lines", func(t *testing.T) {
		nb, err := jupyter.ParseNotebook([]byte(`{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [
			{"cell_type": "code", "metadata": {}, "source": "a\nb", "execution_count": null, "outputs": [
				{"output_type": "stream", "name": "stdout", "text": "x\ny"},
				{"output_type": "display_data", "metadata": {}, "data": {"image/png": ["iVBO", "Rw=="], "text/html": "<i>"}}]}]}`))
		require.NoError(t, err)
		cell := nb.Cells[0]
		require.Equal(t, "a\nb", cell.Source)
		require.Equal(t, "x\ny", cell.Outputs[0].Text)
		require.Equal(t, "iVBORw==", cell.Outputs[1].Data["image/png"])
		text, err := nb.JSON()
		require.NoError(t, err)
		require.NotContains(t, string(text), `"id"`, "cell ids came with nbformat 4.5")
	})
	t.Run("code cells are those with something to run", func(t *testing.T) {
		nb, err := jupyter.ParseNotebook([]byte(saved))
		require.NoError(t, err)
		require.Len(t, nb.CodeCells(), 1)
		require.True(t, nb.CodeCells()[0].Tagged("raises-exception"))
		require.False(t, nb.CodeCells()[0].Tagged("other"))
	})
	t.Run("files", func(t *testing.T) {
		nb, err := jupyter.ParseNotebook([]byte(saved))
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "a.ipynb")
		require.NoError(t, nb.Write(path))
		again, err := jupyter.ReadNotebook(path)
		require.NoError(t, err)
		require.Equal(t, "a.ipynb", again.Name)
		_, err = jupyter.ReadNotebook(path + "x")
		require.ErrorIs(t, err, os.ErrNotExist)
	})
	for name, text := range map[string]string{
		"no JSON":       `# notebook`,
		"an old format": `{"nbformat": 3, "worksheets": []}`,
		"another JSON":  `[1, 2]`,
		"a null cell":   `{"nbformat": 4, "cells": [null]}`,
		"a null output": `{"nbformat": 4, "cells": [{"cell_type": "code", "outputs": [null]}]}`,
		"wrong types":   `{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}`,
		"truncated":     saved[:len(saved)/2],
		"twice":         saved + saved,
		"nothing":       ``,
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			_, err := jupyter.ParseNotebook([]byte(text))
			require.ErrorContains(t, err, "not a notebook of nbformat 4")
		})
	}
}

func TestReadNotebookRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("huge.ipynb", nil, 0o600))
	require.NoError(t, os.Truncate("huge.ipynb", 20<<30)) // a hole, which takes no room
	require.NoError(t, syscall.Mkfifo("pipe.ipynb", 0o600))
	require.NoError(t, os.WriteFile("array.ipynb", []byte("[1]"), 0o600))
	for name, want := range map[string]string{"huge": "too many for a notebook: clear its outputs",
		"pipe":  "it is a pipe",
		"array": "not a notebook of nbformat 4: its JSON is of another kind: array"} {
		_, err := jupyter.ReadNotebook(name + ".ipynb")
		require.ErrorContains(t, err, name+".ipynb: ")
		require.ErrorContains(t, err, want)
	}
}

func FuzzParseNotebook(f *testing.F) {
	f.Add([]byte(saved))
	f.Fuzz(func(t *testing.T, text []byte) {
		nb, err := jupyter.ParseNotebook(text)
		if err != nil {
			return
		}
		nb.Check(jupyter.LessonRules)
		nb.Normalize(nil)
		once, err := nb.JSON()
		require.NoError(t, err)
		again, err := jupyter.ParseNotebook(once)
		require.NoError(t, err)
		twice, err := again.JSON()
		require.NoError(t, err)
		require.Equal(t, string(once), string(twice))
	})
}

func ExampleParseNotebook() {
	nb, err := jupyter.ParseNotebook([]byte(`{
		"nbformat": 4, "nbformat_minor": 5, "metadata": {},
		"cells": [{"cell_type": "code", "id": "hello", "metadata": {}, "execution_count": null, "outputs": [],
			"source": ["%%\n", "fmt.Println(\"hello\")"]}]}`))
	if err != nil {
		panic(err)
	}
	for _, fault := range nb.Check(jupyter.Rules{MaxLines: 12}) {
		fmt.Println(fault)
	}
	nb.Normalize(nil)
	fmt.Println(len(nb.Check(jupyter.Rules{MaxLines: 12})), "faults left")
	// Output:
	// the kernel is <nil>, not gonb
	// 0 faults left
}

func TestPictures(t *testing.T) {
	nb, err := jupyter.ParseNotebook([]byte(saved))
	require.NoError(t, err)
	pictures, err := nb.Pictures()
	require.NoError(t, err)
	require.Len(t, pictures, 2, "one of image/png, one inside HTML")
	require.Equal(t, jupyter.Picture{Cell: 1, Index: 2, Ext: "png", Data: []byte("\x89PNG\r\n\x1a\n")}, pictures[1])

	nb.Cells[1].Outputs[2].Data["image/jpeg"] = "/9j/"
	dir := t.TempDir()
	stale, other := filepath.Join(dir, "a-cell09-1.png"), filepath.Join(dir, "a-mine.png")
	for _, path := range []string{stale, other} {
		require.NoError(t, os.WriteFile(path, nil, 0o644))
	}
	paths, err := nb.WritePictures(dir, "a")
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "a-cell01-1.png"), filepath.Join(dir, "a-cell01-2.png"),
		filepath.Join(dir, "a-cell01-3.jpg")}, paths)
	require.NoFileExists(t, stale, "left by an earlier run")
	require.FileExists(t, other)

	t.Run("no name is a pattern", func(t *testing.T) {
		dir := t.TempDir()
		theirs := filepath.Join(dir, "2-filters-cell01-1.png")
		ours := filepath.Join(dir, "[*]?-cell09-1.png")
		for _, path := range []string{theirs, ours} {
			require.NoError(t, os.WriteFile(path, nil, 0o644))
		}
		for _, name := range []string{"*", "?-filters", "[2]-filters", "[*]?", ""} {
			_, err := nb.WritePictures(dir, name)
			require.NoError(t, err)
		}
		require.FileExists(t, theirs)
		require.NoFileExists(t, ours, "its own of an earlier run goes")
	})

	damaged := strings.Replace(saved, "base64,iVBORw0KGgo=", "base64,iVBORw0KGg", 1)
	nb, err = jupyter.ParseNotebook([]byte(damaged))
	require.NoError(t, err)
	_, err = nb.Pictures()
	require.ErrorContains(t, err, "cell 1: picture 2 is damaged")
}
