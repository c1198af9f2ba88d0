// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"encoding/base64"
	"fmt"
	stdhtml "html"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// LiveCurve returns a function that is given one value after another, such as a training's loss after each step, and
// draws them in the cell as a line that grows. After the last of so many values the line is as [Curve] shows it; if
// they end before that, what was drawn last stays. In a terminal it prints one line, after the last value.
func LiveCurve(title string, total int) func(value float32) {
	var values []float32 // total is a promise, which may be anything
	var id string
	var due time.Time
	if InNotebook() {
		id = gonbui.UniqueId()
	}
	return func(value float32) {
		values = append(values, value)
		now := time.Now()
		if len(values) < total && (!InNotebook() || now.Before(due) || len(values) < 2) {
			return
		}
		shown := fmt.Sprintf("%s, %d of %d", title, len(values), total)
		if len(values) >= total {
			shown = title
		}
		showCurve(shown, values, id)
		due = now.Add(max(2*frameTime, frameShare*time.Since(now)))
	}
}

// showCurve shows a line in the place of what is shown with that id, or as a new output for "".
func showCurve(title string, values []float32, id string) {
	text := fmt.Sprintf("[%s: %.5g to %.5g in %d values]", title, values[0], values[len(values)-1], len(values))
	svg, err := curve(title, values)
	if err != nil {
		Text("%s", text)
		return
	}
	// As an image rather than inline: Jupyter strips SVG elements from notebooks that it doesn't trust yet, and images
	// it shows.
	markup := fmt.Sprintf("<img alt=\"%s\" src=\"data:image/svg+xml;base64,%s\">",
		stdhtml.EscapeString(text), base64.StdEncoding.EncodeToString([]byte(svg)))
	if id == "" || !InNotebook() {
		html(markup, text)
		return
	}
	gonbui.UpdateHTML(id, markup)
	gonbui.Sync()
}
