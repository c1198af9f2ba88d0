// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package notebooks_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/browser"
	"convscope/tools/jupyter"
)

// everyLesson finds the lessons in all languages.
func everyLesson(t *testing.T) []string {
	t.Helper()
	translated, err := filepath.Glob("*/*.ipynb")
	require.NoError(t, err)
	return append(notebooks(t), translated...)
}

// TestPages exports the lessons as convscope run does, from the outputs that are saved, and looks for what would keep
// readers out.
func TestPages(t *testing.T) {
	level.OnlyFull(t, "opens every lesson in a browser")
	tab := browser.TestTab(t)
	env, err := jupyter.Install(t.Context(), jupyter.Options{})
	require.NoError(t, err)
	dir := t.TempDir()
	for _, path := range everyLesson(t) {
		t.Run(path, func(t *testing.T) {
			page := filepath.Join(dir, strings.ReplaceAll(path, "/", "-")+".html")
			require.NoError(t, env.HTMLOf(t.Context(), path, page, jupyter.Home{Folder: filepath.Dir(path), Root: ".."}))
			require.NoError(t, tab.Goto("file://"+filepath.ToSlash(page)))
			require.NoError(t, tab.Until("document.readyState === 'complete'", time.Minute))
			nothingMissing(t, tab)
			for _, width := range []int64{1400, 400} {
				require.NoError(t, tab.Resize(width, 900))
				wholeWords(t, tab)
				findings, err := tab.Axe(t.Context())
				if errors.Is(err, browser.ErrNoNPM) && os.Getenv("CI") == "" {
					t.Skip(err)
				}
				require.NoError(t, err)
				for _, finding := range findings {
					t.Errorf("%d pixels wide: %s: %s: %d times, such as %s\n%s", width, finding.ID, finding.Help,
						len(finding.Nodes), brief(finding.Nodes[0].HTML), finding.Nodes[0].FailureSummary)
				}
			}
		})
	}
}

// TestLabProse opens a lesson in Korean in JupyterLab, as convscope lab does.
func TestLabProse(t *testing.T) {
	level.OnlyFull(t, "drives a real browser on a real Jupyter")
	tab := browser.TestTab(t)
	env, err := jupyter.Install(t.Context(), jupyter.Options{})
	require.NoError(t, err)
	nb, err := jupyter.ReadNotebook("ko/5-playground.ipynb")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, nb.Write(filepath.Join(dir, "lesson.ipynb")))
	server, err := browser.Serve(t.Context(), env, dir, nil)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	require.NoError(t, tab.OpenNotebook(server, browser.Lab, "lesson.ipynb", len(nb.Cells)))
	require.NoError(t, tab.Until("document.querySelectorAll('.jp-MarkdownOutput p').length > 5", time.Minute))
	wholeWords(t, tab)
}

// nothingMissing holds that a page, wherever it lies, has its pictures, and that its links lead to files that are
// there.
func nothingMissing(t *testing.T, tab *browser.Page) {
	t.Helper()
	broken, err := browser.Eval[[]string](tab,
		"[...document.images].filter((image) => !image.naturalWidth).map((image) => image.alt || image.src)")
	require.NoError(t, err)
	require.Empty(t, broken)
	links, err := browser.Eval[[]string](tab, `[...document.querySelectorAll(".jp-RenderedMarkdown a")]
		.filter((link) => link.protocol === "file:").map((link) => decodeURIComponent(link.pathname))`)
	require.NoError(t, err)
	require.NotEmpty(t, links)
	for _, link := range links {
		require.FileExists(t, link)
	}
}

// wholeWords holds that no line of prose ends within a word, as browsers let it in Korean where nothing tells them.
func wholeWords(t *testing.T, tab *browser.Page) {
	t.Helper()
	type words struct {
		Count  int
		Broken []string
	}
	seen, err := browser.Eval[words](tab, `(() => {
		const found = {Count: 0, Broken: []};
		for (const prose of document.querySelectorAll(".jp-RenderedMarkdown")) {
			const texts = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
			while (texts.nextNode()) {
				for (const word of texts.currentNode.data.matchAll(/\p{L}{2,}/gu)) {
					const range = document.createRange();
					range.setStart(texts.currentNode, word.index);
					range.setEnd(texts.currentNode, word.index + word[0].length);
					const boxes = range.getClientRects();
					found.Count += boxes.length > 0;
					if (boxes.length > 1) found.Broken.push(word[0]);
				}
			}
		}
		return found;
	})()`)
	require.NoError(t, err)
	require.Greater(t, seen.Count, 100, "words are seen")
	require.Empty(t, seen.Broken)
}

// brief is the beginning of a text, which may hold whole pictures.
func brief(text string) string { return fmt.Sprintf("%.300s", text) }
