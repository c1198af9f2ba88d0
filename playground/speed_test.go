// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/tools/browser"
	"convscope/vgg16"
)

// turnKnob moves the filter's slider in the page and says, by the page's clock, when the first new pixels and the finished picture were there, both in
// milliseconds after the knob. A picture counts once it is decoded and a frame with it was drawn.
const turnKnob = `(async () => {
	const image = document.querySelector('[data-name="this"]'), slider = document.querySelector('[data-name="filter"]');
	const status = document.querySelector('[data-name="status"]');
	const drawn = async () => { await image.decode(); await new Promise(requestAnimationFrame); return performance.now(); };
	const changed = () => new Promise((done) => {
		const watch = new MutationObserver(() => { watch.disconnect(); done(); });
		watch.observe(image, {attributes: true, attributeFilter: ["src"]});
	});
	const start = performance.now();
	slider.value = Number(slider.value) + 1;
	slider.dispatchEvent(new Event("input", {bubbles: true}));
	await changed();
	const first = await drawn() - start;
	while (!status.textContent.startsWith("Done")) await new Promise((done) => setTimeout(done, 5));
	return {First: first, Finished: await drawn() - start};
})()`

// TestSpeed measures the panel in the browser beside the bare ascent in this process, in turn. It reports and asserts no times.
func TestSpeed(t *testing.T) {
	const rounds = 7
	p := onStage(t).open(t, browser.Lab, "speed.ipynb", "")
	dev := device.MustNew(device.Options{})
	defer dev.Close()
	net := vgg16.MustLoad(dev, vgg16.Options{})
	defer net.Close()
	var first, finished, bare, ratio []float64
	for filter := range rounds + 1 {
		began := time.Now()
		result, err := ascent.Run(context.Background(), net.MustChannel("block3_conv1", filter+1), ascent.Options{})
		require.NoError(t, err)
		alone := float64(time.Since(began)) / float64(time.Millisecond)
		turned, err := browser.Eval[struct{ First, Finished float64 }](p.Page, turnKnob)
		p.must(err)
		require.NotContains(t, p.text("status"), "to compile")
		if filter == 0 || result.Time.Compile > 0 {
			continue // the first one warms both up
		}
		first, finished, bare = append(first, turned.First), append(finished, turned.Finished), append(bare, alone)
		ratio = append(ratio, turned.Finished/alone)
	}
	t.Logf("block3_conv1, 150 px, 40 steps, median of %d: first pixels %.0f ms after the knob, finished picture %.0f ms, bare ascent %.0f ms, ratio %.2f",
		len(first), median(first), median(finished), median(bare), median(ratio))
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
