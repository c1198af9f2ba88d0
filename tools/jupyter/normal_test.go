// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package jupyter_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/jupyter"
)

func TestNormalize(t *testing.T) {
	code := func(id string, outputs ...*jupyter.Output) *jupyter.Cell {
		return &jupyter.Cell{Kind: jupyter.Code, ID: id, Source: "%%", Count: 7, Outputs: outputs}
	}
	stream := func(text string) *jupyter.Output {
		return &jupyter.Output{Kind: jupyter.Stream, Name: "stderr", Text: text}
	}
	paths := []jupyter.PathName{{"/home/ada", "~"}, {"/home/ada/src/convscope", "convscope"}}

	t.Run("ids, counts and metadata", func(t *testing.T) {
		nb := &jupyter.Notebook{Format: 4, Minor: 4, Metadata: map[string]any{"title": "kept", "widgets": 1},
			Cells: []*jupyter.Cell{
				{Kind: jupyter.Markdown}, code("mine"), code("mine"),
				{Kind: jupyter.Code}, // empty: not run
				code("", &jupyter.Output{Kind: jupyter.Result, Count: 9}),
			}}
		nb.Cells[1].Metadata = map[string]any{"execution": 1, "tags": 2}
		nb.Normalize(nil)
		var ids []string
		var counts []int
		for _, cell := range nb.Cells {
			ids, counts = append(ids, cell.ID), append(counts, cell.Count)
		}
		require.Equal(t, []string{"markdown-1", "mine", "code-3", "code-4", "code-5"}, ids)
		require.Equal(t, []int{0, 1, 2, 0, 3}, counts)
		require.Equal(t, 3, nb.Cells[4].Outputs[0].Count)
		delete(nb.Cells[1].Metadata, "slideshow")
		require.Equal(t, map[string]any{"tags": 2}, nb.Cells[1].Metadata)
		require.Equal(t, 5, nb.Minor)
		require.Equal(t, map[string]any{
			"title":         "kept",
			"kernelspec":    map[string]any{"display_name": "Go (gonb)", "language": "go", "name": "gonb"},
			"language_info": map[string]any{"file_extension": ".go", "mimetype": "text/x-go", "name": "go"},
		}, nb.Metadata)
	})
	t.Run("slides", func(t *testing.T) {
		nb := &jupyter.Notebook{Cells: []*jupyter.Cell{
			{Kind: jupyter.Markdown, Source: "# A title"}, {Kind: jupyter.Markdown, Source: "where it stands"},
			{Kind: jupyter.Markdown, Source: "## Get ready"}, code("setup"),
			{Kind: jupyter.Markdown, Source: "\n## 1 · A heading"}, {Kind: jupyter.Markdown, Source: "**Before** you run"},
			{Kind: jupyter.Code, Source: "# no heading", Metadata: map[string]any{"slideshow": "by hand"}},
		}}
		nb.Normalize(nil)
		var kinds []any
		for _, cell := range nb.Cells {
			kinds = append(kinds, cell.Metadata["slideshow"].(map[string]any)["slide_type"])
		}
		require.Equal(t, []any{"slide", "subslide", "skip", "skip", "slide", "subslide", "subslide"}, kinds)
	})
	t.Run("only code", func(t *testing.T) {
		nb := &jupyter.Notebook{Cells: []*jupyter.Cell{code("setup"), code("more")}}
		nb.Normalize(nil)
		require.Equal(t, map[string]any{"slide_type": "skip"}, nb.Cells[0].Metadata["slideshow"])
		require.Equal(t, map[string]any{"slide_type": "slide"}, nb.Cells[1].Metadata["slideshow"])
	})
	t.Run("what shows nothing goes", func(t *testing.T) {
		nb := &jupyter.Notebook{Cells: []*jupyter.Cell{code("a",
			stream("go: downloading example.com/x v1.2.3\ngo: added example.com/x v1.2.3\n"),
			stream("go: downloading example.com/x v1.2.3\nwarning: kept\n"),
			&jupyter.Output{Kind: jupyter.Display, Data: map[string]any{"text/html": " "}},
			&jupyter.Output{Kind: jupyter.Display, Data: map[string]any{"text/html": "", "image/png": "iVBORw0KGgo="}},
		)}}
		nb.Normalize(nil)
		outputs := nb.Cells[0].Outputs
		require.Len(t, outputs, 2)
		require.Equal(t, "warning: kept\n", outputs[0].Text)
	})
	t.Run("paths in every kind of output", func(t *testing.T) {
		nb := &jupyter.Notebook{Cells: []*jupyter.Cell{code("a",
			stream("in /home/ada/src/convscope/notebooks\n"),
			&jupyter.Output{Kind: jupyter.Display, Data: map[string]any{"text/html": "<p>/home/ada/x</p>",
				"image/png": "/home/ada"}}, &jupyter.Output{Kind: jupyter.Failure, Value: "open /home/ada/y",
				Traceback: []string{"at /tmp/convscope-1/tmp/gonb_0123abcd/main.go:3"}},
		)}}
		nb.Normalize(paths)
		outputs := nb.Cells[0].Outputs
		require.Equal(t, "in convscope/notebooks\n", outputs[0].Text)
		require.Equal(t, "<p>~/x</p>", outputs[1].Data["text/html"])
		require.Equal(t, "/home/ada", outputs[1].Data["image/png"], "base64 is left alone")
		require.Equal(t, "open ~/y", outputs[2].Value)
		require.Equal(t, []string{"at gonb/main.go:3"}, outputs[2].Traceback)
	})
	for text, want := range map[string]string{
		"/home/ada":                      "~",
		"/home/ada.":                     "~.",
		"see /home/ada. Then":            "see ~. Then",
		"/home/adam/x":                   "/home/adam/x",
		"/home/ada.old/x":                "/home/ada.old/x",
		"a,/home/ada/b:/home/ada/c":      "a,~/b:~/c",
		"/home/ada/src/convscope2":       "~/src/convscope2",
		"/home/ada/src/convscope/go.mod": "convscope/go.mod",
	} {
		t.Run(text, func(t *testing.T) { require.Equal(t, want, jupyter.ReplacePaths(text, paths)) })
	}
	t.Run("the directories of this machine", func(t *testing.T) {
		home := t.TempDir()
		t.Setenv("HOME", home)
		t.Setenv("CONVSCOPE_CACHE", filepath.Join(home, "elsewhere"))
		root := filepath.Join(home, "clone")
		text := filepath.Join(root, "a") + " " + filepath.Join(home, "elsewhere", "b") + " " + filepath.Join(home, "c") +
			" " + filepath.Join(os.TempDir(), "d")
		require.Equal(t, "convscope/a ~/.cache/convscope/b ~/c $TMPDIR/d",
			jupyter.ReplacePaths(text, jupyter.MachinePaths(root)))
	})
}

func TestJoinStreams(t *testing.T) {
	nb := &jupyter.Notebook{Cells: []*jupyter.Cell{{Outputs: []*jupyter.Output{
		{Kind: jupyter.Stream, Name: "stdout", Text: "a"}, {Kind: jupyter.Stream, Name: "stdout", Text: "b"},
		{Kind: jupyter.Stream, Name: "stderr", Text: "c"}, {Kind: jupyter.Display},
		{Kind: jupyter.Stream, Name: "stdout", Text: "d"},
	}}}}
	nb.JoinStreams()
	outputs := nb.Cells[0].Outputs
	require.Len(t, outputs, 4, "text stays on its side of a picture")
	require.Equal(t, "ab", outputs[0].Text)
}
