// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/tools/browser"
	"convscope/tools/jupyter"
)

// small makes a panel whose pictures take a moment.
const small = `Layer: "block2_conv1", Size: 64`

func TestAbsurdValues(t *testing.T) {
	p := onStage(t).open(t, browser.Lab, "absurd.ipynb", small)
	for _, absurd := range []struct{ field, typed, says string }{
		{"size", "-3", "Size: -3 is too small: give 16 to 512"},
		{"size", "1000000", "Size: 1000000 is too large"},
		{"steps", "1000000000", "Steps: 1000000000 is too large: give 1 to 2000"},
		{"steps", "2.5", "Steps: 2.5 is no whole number"},
		{"step", "abc", "Step: it is empty"}, // a number field keeps letters to itself
		{"step", "0", "Step: 0 is too small"},
		{"seed", "-1", "Seed: -1 is too small"},
		{"filter-exact", "128", "Filter number: 128 is too large: give 0 to 127"},
	} {
		p.must(p.Type(at(absurd.field), absurd.typed))
		p.says("error", absurd.says)
	}
	p.keep("playground-error", ".cs-panel")

	// A page can send anything.
	for _, value := range []string{"block9_conv9", "", "<script>alert(1)</script>"} {
		p.must(p.Exec(`(() => {const layer = document.querySelector('[data-name="layer"]');
			layer.value = ` + quote(value) + `; layer.dispatchEvent(new Event("change", {bubbles: true}))})()`))
		p.says("error", fmt.Sprintf("has no layer %q: did you mean block", value))
	}
	wrong := filepath.Join(t.TempDir(), "wrong.png")
	p.must(os.WriteFile(wrong, []byte("no picture"), 0o644))
	p.must(p.Exec(`(() => {const start = document.querySelector('[data-name="start"]');
		start.value = "my photo"; start.dispatchEvent(new Event("change", {bubbles: true}))})()`))
	p.status("Choose a photo")
	p.must(p.File(at("photo"), wrong))
	p.says("error", `"wrong.png" is no picture`)
	p.must(p.File(at("photo"), filepath.Join(p.s.clone, "docs", "block3_conv1.png")))
	p.says("this-caption", "from block3_conv1.png")
	p.status("Done in")

	// And it still works.
	p.must(p.Type(at("filter-exact"), "7"))
	p.says("this-caption", "filter 7")
	p.status("Done in")
	p.must(p.Click(at("done")))
	p.must(p.Done(p.cell, time.Minute))
}

func TestRunDuringRun(t *testing.T) {
	p := onStage(t).open(t, browser.Lab, "again.ipynb", small)
	p.must(p.Type(at("steps"), "2000"))
	p.status("Step ")
	p.must(p.DoubleClick(at("run")))
	p.says("error", "running already")
	p.status("Step ") // it goes on
	p.must(p.Click(at("stop")))
	p.status("Stopped at step")
	p.must(p.Type(at("steps"), "3"))
	p.status("Done in")
	p.must(p.DoubleClick(at("run")))
	p.status("Done in")
	p.must(p.Click(at("done")))
	p.must(p.Done(p.cell, time.Minute))
}

// TestKernelStop presses the notebook's own Stop button: the cell ends at once, keeps the picture so far, and the
// kernel lives on.
func TestKernelStop(t *testing.T) {
	s := onStage(t)
	p := s.open(t, browser.Lab, "stop.ipynb", small)
	p.must(p.Type(at("steps"), "2000"))
	p.status("Step ")
	p.must(s.server.Interrupt("stop.ipynb"))
	p.must(p.Done(p.cell, time.Minute))
	p.must(s.server.Idle("stop.ipynb", time.Minute))
	p.must(p.Save())
	saved, err := jupyter.ReadNotebook(filepath.Join(s.dir, "stop.ipynb"))
	p.must(err)
	text, err := saved.JSON()
	p.must(err)
	require.Contains(t, string(text), "(stopped at step")
	require.NotContains(t, string(text), "signal: killed")
	p.must(p.Run(p.cell)) // the kernel serves the next panel
	p.status("Done in")
	p.must(p.Click(at("done")))
	p.must(p.Done(p.cell, time.Minute))
}

// TestReload loads the page anew while a panel works in it: the cell ends by itself and the notebook can be used
// again.
func TestReload(t *testing.T) {
	s := onStage(t)
	p := s.open(t, browser.Lab, "reload.ipynb", small)
	p.must(p.Save()) // with the panel in the file, as an automatic save would
	p.must(p.Type(at("steps"), "2000"))
	p.status("Step ")
	p.must(p.Reload())
	// The cells appear one by one.
	p.must(p.Until(`document.querySelectorAll(".jp-Notebook .jp-Cell").length > `+itoa(p.cell), time.Minute))
	p.must(s.server.Idle("reload.ipynb", 2*time.Minute))
	p.must(p.Until(`!document.querySelector(".cs-panel") ||
		document.querySelector("[data-note]").textContent.includes("run the cell again")`, time.Minute))
	p.save("playground-reloaded")
	p.must(p.Run(p.cell))
	p.status("Done in")
	p.must(p.Click(at("done")))
	p.must(p.Done(p.cell, time.Minute))
}

// TestClosed closes the page: nobody is left, so the kernel is free again soon.
func TestClosed(t *testing.T) {
	s := onStage(t)
	p := s.open(t, browser.Lab, "closed.ipynb", small)
	p.must(p.Close())
	require.NoError(t, s.server.Idle("closed.ipynb", time.Minute))
}

// TestTwoPages opens one notebook in two pages: both show the one kernel, and each can have the panel.
func TestTwoPages(t *testing.T) {
	s := onStage(t)
	first := s.open(t, browser.Lab, "two.ipynb", small)
	second := s.visit(t, browser.Lab, "two.ipynb", first.nb)

	first.must(first.Type(at("filter-exact"), "3")) // the first one still works
	first.says("this-caption", "filter 3")
	first.status("Done in")

	second.must(second.Run(second.cell)) // waits for the first
	first.must(first.Click(at("done")))
	first.must(first.Done(first.cell, time.Minute))
	second.status("Done in") // though GoNB still has its connection to the first page
	second.must(second.Type(at("filter-exact"), "5"))
	second.says("this-caption", "filter 5")
	second.status("Done in")
	second.must(second.Click(at("done")))
	second.must(second.Done(second.cell, time.Minute))
}

// TestRunAll runs all cells at once: an untouched panel lets those behind it come to their turn.
func TestRunAll(t *testing.T) {
	s := onStage(t)
	sources := playgroundCell(small)
	sources["after"] = "%%\nfmt.Println(\"behind the panel\")"
	p := s.visit(t, browser.Lab, "all.ipynb", s.lesson(t, "5-playground.ipynb", "all.ipynb", sources))
	p.must(p.Exec(`void jupyterapp.commands.execute("notebook:run-all-cells", {})`)) // which ends when all cells have
	p.must(p.Done(cell(t, p.nb, "after"), 4*time.Minute))                            // three are compiled, one compares
	p.must(p.Until(`document.body.textContent.includes("behind the panel")`, time.Minute))
}

func TestIdle(t *testing.T) {
	p := onStage(t).open(t, browser.Lab, "idle.ipynb", small+`, Idle: 4e9`)
	p.says("foot", "by itself after 4 s without a touch")
	p.must(p.Done(p.cell, time.Minute))
}
