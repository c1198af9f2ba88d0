// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package control

import (
	"bytes"
	"context"
	_ "embed" // the style
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"convscope/display"
	"convscope/display/page"
)

//go:embed control.css
var style string

// Idle is how long a form waits for a touch before it ends.
const Idle = 15 * time.Minute

// Values are where the controls stand, checked, by their names.
type Values map[string]string

// Int is a number's value; 0 for a text.
func (v Values) Int(name string) int {
	number, _ := strconv.Atoi(v[name])
	return number
}

// Float is a number's value; 0 for a text.
func (v Values) Float(name string) float64 {
	number, _ := strconv.ParseFloat(v[name], 64)
	return number
}

// Draw makes a picture and its caption for some values. Its ctx ends when a knob is turned meanwhile: then what it
// returns is not shown.
type Draw func(ctx context.Context, v Values) (picture image.Image, caption string, err error)

// Serve shows the controls in the cell, draws with their values, and again after each change, until the reader presses
// Done, closes the page or touches nothing for 15 minutes. The last picture stays, as [display.Image] shows it. It
// returns the last values. Where no browser answers it says so in a line and draws once, with the defaults. An error
// of draw is shown, and the panel goes on; a default that fails its own check is returned as a [*ValueError].
func Serve(ctx context.Context, controls []Control, draw Draw) (Values, error) {
	values := make(Values, len(controls))
	var b strings.Builder
	fmt.Fprintf(&b, `<style>%s%s</style><div class="cs-form" role="group"><fieldset data-name="form" disabled>`,
		style, Style)
	for _, c := range controls {
		value, err := c.Check(c.Value)
		if err != nil {
			return nil, err
		}
		values[c.Name] = value
		b.WriteString(c.HTML())
	}
	b.WriteString(`<button type="button" data-name="` + doneButton +
		`">Done</button></fieldset><p role="alert" class="cs-error" data-name="error"></p>` +
		`<figure><img data-name="picture" alt="picture"><figcaption data-name="caption"></figcaption></figure>` +
		`<p data-note hidden></p></div>`)
	p, err := page.Open(ctx, page.Options{Markup: b.String()})
	if errors.Is(err, page.ErrNobody) {
		if page.Present() {
			p.Final("", nil, "")
		}
		display.Text("No browser answers here, so the knobs stay where they are.")
		img, caption, err := draw(ctx, values)
		if err == nil && img != nil {
			display.Image(img, caption)
		}
		return values, err
	}
	if err != nil {
		return nil, err
	}
	f := &form{page: p, controls: controls, values: values, draw: draw, drawn: make(chan drawing, 1)}
	return f.serve(ctx)
}

// MustServe is [Serve] for notebook cells: the notebook's Stop button ends it, and errors panic.
func MustServe(controls []Control, draw Draw) Values {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	values, err := Serve(ctx, controls, draw)
	if err != nil {
		panic(err)
	}
	return values
}

// doneButton is the name of a form's own button.
const doneButton = "convscope-done"

// form is a panel being served.
type form struct {
	page     *page.Page
	controls []Control
	values   Values
	draw     Draw
	drawn    chan drawing
	cancel   context.CancelFunc // of the drawing that is on
	last     drawing            // what is shown
	refused  bool               // the last turn, while the drawing of an earlier one may still be on
}

// drawing is what one call of draw made.
type drawing struct {
	img     image.Image
	caption string
	err     error
	values  Values
}

func (f *form) serve(ctx context.Context) (Values, error) {
	f.page.Set("form", "disabled", "")
	f.begin(ctx)
	idle := time.NewTimer(Idle)
	defer idle.Stop()
	for running := true; running; {
		select {
		case <-ctx.Done():
			running = false
		case <-idle.C:
			running = false
		case d := <-f.drawn:
			f.show(d)
		case event, open := <-f.page.Events():
			idle.Reset(Idle)
			if running = open && event.Name != doneButton; running {
				f.turn(ctx, event)
			}
		}
	}
	f.cancel()
	f.page.Close()
	if f.last.img == nil {
		f.page.Final("", nil, "The panel ended before its first picture.")
		return f.values, nil
	}
	var buffer bytes.Buffer
	captioned := display.Captioned([]image.Image{f.last.img}, f.last.caption)
	if err := png.Encode(&buffer, captioned); err != nil {
		return f.values, err
	}
	f.page.Final("image/png", buffer.Bytes(), f.last.caption)
	return f.values, nil
}

// turn takes a new value, or says what is wrong with it.
func (f *form) turn(ctx context.Context, event page.Event) {
	for _, c := range f.controls {
		if c.Name != event.Name || (c.Kind == Slider) != (event.Kind == "input") {
			continue
		}
		value, err := c.Check(event.Value)
		switch c.Kind {
		case File:
			_, err = DecodePhoto(event.Value, event.Title)
		case Upload:
			value, err = c.keep(event)
		}
		if f.refused = err != nil; f.refused {
			f.page.Set("error", "text", err.Error())
			return
		}
		f.values = maps.Clone(f.values)
		f.values[c.Name] = value
		f.begin(ctx)
	}
}

// begin draws the values in another goroutine; the drawing that was on is forgotten.
func (f *form) begin(ctx context.Context) {
	if f.cancel != nil {
		f.cancel()
	}
	ctx, f.cancel = context.WithCancel(ctx)
	f.page.Set("error", "text", "")
	values := maps.Clone(f.values)
	go func() {
		img, caption, err := f.draw(ctx, values)
		if ctx.Err() == nil {
			select {
			case f.drawn <- drawing{img, caption, err, values}:
			case <-ctx.Done():
			}
		}
	}()
}

// show shows what was drawn.
func (f *form) show(d drawing) {
	if d.err != nil && f.refused {
		return // the line that says so is of what was tried since
	}
	if d.err != nil {
		text := d.err.Error()
		for _, c := range f.controls { // the reader knows a file by its name
			if path := d.values[c.Name]; c.Kind == Upload && path != "" {
				text = strings.ReplaceAll(text, path, filepath.Base(path))
			}
		}
		f.page.Set("error", "text", strings.Join(strings.Fields(text), " "))
		return
	}
	for _, c := range f.controls {
		if err := c.accept(d.values[c.Name]); err != nil {
			f.page.Set("error", "text", err.Error())
			return
		}
	}
	var buffer bytes.Buffer
	if d.img == nil || png.Encode(&buffer, d.img) != nil {
		return
	}
	f.last = d
	f.page.Set("picture", "src", "data:image/png;base64,"+base64.StdEncoding.EncodeToString(buffer.Bytes()))
	f.page.Set("picture", "alt", d.caption)
	f.page.Set("caption", "text", d.caption)
}
