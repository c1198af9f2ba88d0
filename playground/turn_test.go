// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/tools/browser"
)

// turnKnob moves the filter's slider in the page, waits for the finished picture and says what it is, and how often
// the picture changed until then.
const turnKnob = `(async () => {
	const image = document.querySelector('[data-name="this"]'), slider = document.querySelector('[data-name="filter"]');
	const status = document.querySelector('[data-name="status"]');
	let changes = 0;
	const watch = new MutationObserver((changed) => { changes += changed.length; });
	watch.observe(image, {attributes: true, attributeFilter: ["src"]});
	slider.value = Number(slider.value) + 1;
	slider.dispatchEvent(new Event("input", {bubbles: true}));
	while (changes === 0 || !status.textContent.startsWith("Done")) await new Promise((done) => setTimeout(done, 5));
	await image.decode();
	watch.disconnect();
	return {Source: image.getAttribute("src"), Changes: changes};
})()`

// TestTurns turns a knob again and again: each turn ends with another finished picture, the last one goes beside it,
// and nothing is compiled.
func TestTurns(t *testing.T) {
	const turns, steps = 8, 40
	p := onStage(t).open(t, browser.Lab, "turns.ipynb", "")
	seen := map[string]bool{p.source("this"): true}
	for range turns {
		before := p.source("this")
		turned, err := browser.Eval[struct {
			Source  string
			Changes int
		}](p.Page, turnKnob)
		p.must(err)
		require.NotContains(t, p.text("status"), "to compile")
		require.Contains(t, turned.Source, "data:image/png", "finished, not on its way")
		require.Equal(t, before, p.source("previous"))
		require.LessOrEqual(t, turned.Changes, steps+1, "no more than one a step")
		seen[turned.Source] = true
	}
	require.Len(t, seen, turns+1)
}
