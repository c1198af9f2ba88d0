// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	_ "embed" // the style
	"fmt"
	"html"
	"math"
	"strings"

	"convscope/display/control"
)

//go:embed panel.css
var style string

// markup is the panel as HTML, switched off until the page has answered.
func markup(s setting) string {
	knobs := s.knobs()
	var b strings.Builder
	fmt.Fprintf(&b, `<style>%s%s</style><div class="cs-panel" role="group" aria-label="Playground">`,
		style, control.Style)
	b.WriteString(`<fieldset data-name="form" disabled><div class="cs-body"><div class="cs-knobs">`)
	b.WriteString(knobs[networkKnob].HTML())
	fmt.Fprintf(&b, `<p class="cs-about" data-name="about">%s</p>`, html.EscapeString(s.of.about()))
	fmt.Fprintf(&b, `<div data-name="input-row"%s>%s</div>`, shownIf(s.of.isFile()), knobs[inputKnob].HTML())
	for _, name := range []string{layerKnob, methodKnob, filterKnob, exactKnob, sizeKnob, stepsKnob,
		stepKnob, seedKnob, startKnob} {
		b.WriteString(knobs[name].HTML())
	}
	fmt.Fprintf(&b, `<div data-name="photo-row" hidden>%s</div>`, knobs[photoKnob].HTML())
	b.WriteString(`<div class="cs-buttons"><button type="button" data-name="run">Run</button>` +
		`<button type="button" data-name="stop" disabled>Stop</button>` +
		`<button type="button" data-name="copy" data-copy="code">Copy as Go</button>` +
		`<button type="button" data-name="save" disabled>Save PNG</button>` +
		`<button type="button" data-name="done">Done</button></div>`)
	b.WriteString(`<p class="cs-error" role="alert" data-name="error"></p></div><div class="cs-pictures">`)
	for _, place := range []string{"this", "previous"} {
		fmt.Fprintf(&b, `<figure><img data-name="%s" alt="%s picture"><figcaption><b data-name="%s-caption">%s</b>`+
			`<span data-name="%s-details"></span></figcaption></figure>`,
			place, place, place, map[string]string{"this": "This", "previous": "Previous"}[place], place)
	}
	b.WriteString(`<div class="cs-curve">` +
		`<svg viewBox="0 0 400 88" preserveAspectRatio="none" role="img" aria-label="activation by step">` +
		`<path data-name="previous-curve" d="" stroke="var(--jp-border-color1,#bbb)"/>` +
		`<path data-name="curve" d="" stroke="var(--jp-brand-color1,#1976d2)"/></svg>` +
		`<span data-name="range"></span></div></div></div></fieldset>`)
	b.WriteString(`<p class="cs-status" role="status" data-name="status">Connecting…</p>` +
		`<p class="cs-error" data-note hidden></p>` +
		`<pre class="cs-code" data-name="code" tabindex="0" aria-label="The cell that makes this picture" hidden></pre>` +
		`<p class="cs-foot" data-name="foot"></p></div>`)
	return b.String()
}

// shownIf is the attribute of an element that may be hidden.
func shownIf(shown bool) string {
	if shown {
		return ""
	}
	return " hidden"
}

// curvePoints bounds the corners of a drawn curve.
const curvePoints = 200

// path draws values as the d of an SVG path in a field of 400 x 88, between low and high.
func path(values []float32, steps int, low, high float32) string {
	if len(values) == 0 {
		return ""
	}
	var b strings.Builder
	stride := (len(values) + curvePoints - 1) / curvePoints
	span := float64(high - low)
	for i := 0; i < len(values); i += stride {
		x := 400 * float64(i) / math.Max(float64(steps-1), 1)
		y := 44.0
		if span > 0 {
			y = 84 - 80*float64(values[i]-low)/span
		}
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", command, x, y)
	}
	return b.String()
}

// bounds are the lowest and the highest of several curves.
func bounds(curves ...[]float32) (low, high float32) {
	low, high = math.MaxFloat32, -math.MaxFloat32
	for _, curve := range curves {
		for _, v := range curve {
			low, high = min(low, v), max(high, v)
		}
	}
	if low > high {
		return 0, 0
	}
	return low, high
}
