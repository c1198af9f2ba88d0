// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	stdhtml "html"
	"image/png"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/janpfeifer/gonb/gonbui"

	"convscope/internal/progress"
	"convscope/pkg/ascent"
)

// interval is the time between two redraws of a bar: four a second follow the eye and cost the run nothing.
const interval = 250 * time.Millisecond

// Downloads and other long tasks of the packages below draw their bars in the cell.
func init() {
	if InNotebook() {
		progress.New = func(what string, total int64, unit progress.Unit) progress.Bar {
			return newBar(what, total, unit)
		}
		progress.Line = func(text string) { Text("%s", text) }
	}
}

// Progress returns a callback for [ascent.Options]: a bar with the time left and a thumbnail that grows sharper while
// the ascent runs. It clears itself at the end, so that only finished pictures stay in the notebook. In a terminal it
// is a progress bar.
func Progress(title string) func(ascent.Progress) {
	var b progress.Bar
	return func(p ascent.Progress) {
		if b == nil {
			b = progress.New(title, int64(p.Total), progress.Steps)
		}
		if drawn, ok := b.(*bar); ok && drawn.due() {
			drawn.thumbnail = thumbnail(p)
		}
		b.Set(int64(p.Done))
		if p.Done == p.Total {
			b.Done()
		}
	}
}

// thumbnail is the first picture of the batch as an HTML image, or nothing when it can't be had.
func thumbnail(p ascent.Progress) string {
	images, err := p.Images()
	if err != nil {
		return ""
	}
	var buffer bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&buffer, images[0]); err != nil {
		return ""
	}
	return fmt.Sprintf("<br><img style=\"width:150px;image-rendering:pixelated\" src=\"data:image/png;base64,%s\">",
		base64.StdEncoding.EncodeToString(buffer.Bytes()))
}

// bar is a progress bar in a notebook cell.
type bar struct {
	id, what    string
	total       int64
	unit        progress.Unit
	began, last time.Time
	thumbnail   string
	ended       bool
}

func newBar(what string, total int64, unit progress.Unit) *bar {
	return &bar{id: gonbui.UniqueId(), what: what, total: total, unit: unit, began: time.Now()}
}

// due says whether it is time to redraw.
func (b *bar) due() bool { return time.Since(b.last) >= interval }

// Set redraws the bar when it is due.
func (b *bar) Set(done int64) {
	if b.ended || !b.due() {
		return
	}
	b.last = time.Now()
	gonbui.UpdateHTML(b.id, b.markup(done))
}

// Done takes the bar away.
func (b *bar) Done() {
	if b.ended {
		return
	}
	b.ended = true
	if !b.last.IsZero() {
		gonbui.UpdateHTML(b.id, "")
		gonbui.Sync()
	}
}

// markup is the bar as HTML: what, how much of how much, and the time left.
func (b *bar) markup(done int64) string {
	amount := fmt.Sprintf("%d of %d", done, b.total)
	elapsed := time.Since(b.began)
	if b.unit == progress.Bytes {
		speed := uint64(float64(done) / max(elapsed.Seconds(), 0.001))
		amount = fmt.Sprintf("%s of %s, %s/s", humanize.Bytes(uint64(done)), humanize.Bytes(uint64(max(b.total, 0))),
			humanize.Bytes(speed))
	}
	left := ""
	if done > 0 && b.total > done {
		rest := time.Duration(float64(elapsed) / float64(done) * float64(b.total-done))
		left = fmt.Sprintf(", %s left", rest.Round(time.Second))
	}
	return fmt.Sprintf("<div class=\"%s\"><progress max=\"%d\" value=\"%d\" style=\"width:16em\"></progress> "+
		"%s: %s%s%s</div>",
		asWritten, b.total, done, stdhtml.EscapeString(b.what), amount, left, b.thumbnail)
}
