// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"convscope/tools/browser"
	"convscope/tools/jupyter"
)

// TestLesson runs cells of lesson 2 in JupyterLab: pictures and grids grow in their cells, the Stop button keeps what
// there is, and the file holds finished pictures alone.
func TestLesson(t *testing.T) {
	s := onStage(t)
	p := s.visit(t, browser.Lab, "lesson.ipynb", s.lesson(t, "2-filters.ipynb", "lesson.ipynb", nil))
	p.run("setup")
	p.run("model")
	p.watch("library", 3)
	p.must(p.Done(cell(t, p.nb, "library"), time.Minute))
	p.keep("live-done", output(t, p, "library"))

	p.watch("film", 2)
	p.must(p.Done(cell(t, p.nb, "film"), time.Minute))
	p.plays("film")

	p.watch("grid1", 1)
	p.must(p.Done(cell(t, p.nb, "grid1"), time.Minute))
	p.watch("grid4", 20)
	p.keep("live-grid", output(t, p, "grid4"))
	p.must(s.server.Interrupt("lesson.ipynb"))
	p.must(p.Done(cell(t, p.nb, "grid4"), time.Minute))
	p.must(s.server.Idle("lesson.ipynb", time.Minute))
	p.keep("live-stopped", output(t, p, "grid4"))

	p.must(p.Save())
	text, err := os.ReadFile(filepath.Join(s.dir, "lesson.ipynb"))
	p.must(err)
	for _, transient := range []string{"<progress", "signal: killed"} {
		require.NotContains(t, string(text), transient)
	}
	require.Contains(t, string(text), "stopped early: ")
	saved, err := jupyter.ReadNotebook(filepath.Join(s.dir, "lesson.ipynb"))
	p.must(err)
	pictures, err := saved.Pictures()
	p.must(err)
	require.Equal(t, 4+1, len(pictures), "four finished ones, and the film's last frame where scripts don't run")

	// The exported page plays the film without a kernel.
	export := filepath.Join(s.dir, "lesson.html")
	p.must(s.env.HTML(t.Context(), filepath.Join(s.dir, "lesson.ipynb"), export))
	p.must(p.Goto("file://" + export))
	p.plays("exported")
}

// plays uses the player of a film as a reader does.
func (p *panel) plays(name string) {
	p.t.Helper()
	line := `document.querySelector("[data-line]").textContent`
	p.must(p.Until(`!document.querySelector("[data-bar]").hidden && `+line+`.includes("step 40 of 40")`, time.Minute))
	p.must(p.Click("[data-play]"))
	p.must(p.Until(`!`+line+`.includes("step 40 of 40")`, time.Minute))
	p.must(p.Until(line+`.includes("step 40 of 40")`, time.Minute))
	p.must(p.Drag("[data-at]", 0.95, 0.3, 5))
	p.must(p.Until(`Number(document.querySelector("[data-at]").value) < 10`, time.Minute))
	p.must(p.Focus("[data-at]"))
	before, err := browser.Eval[string](p.Page, line)
	p.must(err)
	p.must(p.Key(kb.ArrowRight))
	p.must(p.Until(line+" !== "+quote(before), time.Minute))
	p.keep("film-"+name, "[id^=convscope-film]")
}

// output selects what a cell shows.
func output(t *testing.T, p *panel, id string) string {
	return ".jp-Notebook .jp-Cell[data-windowed-list-index='" + itoa(cell(t, p.nb, id)) + "'] .jp-Cell-outputWrapper"
}

// watch starts a cell and sees that many different frames in it.
func (p *panel) watch(id string, frames int) {
	p.t.Helper()
	at := cell(p.t, p.nb, id)
	p.must(p.Run(at))
	seen := "undefined"
	for range frames {
		script := `(document.querySelectorAll(".jp-Notebook .jp-Cell")[` + itoa(at) +
			`].querySelector(".jp-OutputArea img[src^='data:image/jpeg']")?.getAttribute("src") ?? "undefined")`
		p.must(p.Until(script+" !== "+quote(seen), time.Minute))
		var err error
		seen, err = browser.Eval[string](p.Page, script)
		p.must(err)
		if seen == "undefined" {
			return // the run is over
		}
	}
}
