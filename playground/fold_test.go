// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/tools/browser"
)

// TestFolds reads the lesson's hints and answers in JupyterLab: folded at first, unfolded by a click.
func TestFolds(t *testing.T) {
	s := onStage(t)
	p := s.visit(t, browser.Lab, "folds.ipynb", s.lesson(t, "5-playground.ipynb", "folds.ipynb", nil))
	p.must(p.Select(cell(t, p.nb, "questions")))
	p.must(p.Until(`document.querySelectorAll(".jp-MarkdownOutput details").length >= 8`, time.Minute))
	open := `document.querySelectorAll(".jp-MarkdownOutput details[open]").length`
	p.must(p.Until(open+` === 0`, time.Minute))
	p.keep("folds", "")
	found, err := browser.Eval[bool](p.Page, `(() => {
		const folds = [...document.querySelectorAll(".jp-MarkdownOutput details")];
		const hint = folds.find(d => d.textContent.includes("can be counted"));
		if (!hint || hint.querySelector("code").textContent !== "block4_conv1") return false;
		hint.querySelector("summary").id = "the-hint";
		return true;
	})()`)
	p.must(err)
	require.True(t, found, "what is folded is Markdown too")
	p.must(p.Click("#the-hint"))
	p.must(p.Until(open+` === 1`, time.Minute))
	p.keep("folds-open", "")
	p.must(p.Click("#the-hint"))
	p.must(p.Until(open+` === 0`, time.Minute))
}

// TestKernelIsReady tells the reader that the kernel is there before the first cell has run.
func TestKernelIsReady(t *testing.T) {
	s := onStage(t)
	for name, app := range map[string]browser.App{"lab": browser.Lab, "notebook": browser.Notebook} {
		t.Run(name, func(t *testing.T) {
			file := "ready-" + name + ".ipynb"
			p := s.visit(t, app, file, s.lesson(t, "5-playground.ipynb", file, nil))
			p.must(p.Until(`jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === "idle"`, time.Minute))
			p.save("ready-" + name)
		})
	}
}
