// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package control

import (
	_ "embed" // the style
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
)

// Style is the CSS of the controls' HTML, for pages in light and dark colours.
//
//go:embed knob.css
var Style string

// Kind is what a control looks like.
type Kind int

const (
	// Number is a field for a number, typed.
	Number Kind = iota
	// Slider is a number, dragged or moved by the arrow keys.
	Slider
	// Select is one of several texts.
	Select
	// File is a picture from the reader's disk.
	File
	// Search is one of many texts: typing a part of it lists those that hold it, or the nearest.
	Search
	// Text is any text, with Options to choose from.
	Text
	// Upload is a file of any kind from the reader's disk, which is kept on this machine while the kernel runs: the
	// value is its path there. Options are the endings that the browser's dialogue shows, such as ".onnx".
	Upload
)

// Control is one knob of a form.
type Control struct {
	Kind Kind
	// Name is how events and values call it, Label what the reader sees, Hint a few words more.
	Name, Label, Hint string
	// Value is the default: a number's text, one of Options, or a text.
	Value string
	// Min and Max bound a number, and Whole allows no fraction.
	Min, Max float64
	Whole    bool
	// Options are a Select's or a Search's choices, what a Text proposes, and an Upload's endings.
	Options []string
}

// ValueError says what is wrong with a value that the reader gave.
type ValueError struct {
	// Label is the control's, Problem what was given and what is needed.
	Label, Problem string
}

// Error joins both.
func (e *ValueError) Error() string { return e.Label + ": " + e.Problem }

// Check returns the value in its normal form, or a [*ValueError].
func (c Control) Check(value string) (string, error) {
	value = strings.TrimSpace(value)
	bad := func(format string, args ...any) (string, error) {
		return "", &ValueError{c.Label, fmt.Sprintf(format, args...)}
	}
	switch c.Kind {
	case Select, Search:
		if !slices.Contains(c.Options, value) {
			return bad("%q is none of the choices", short(value))
		}
		return value, nil
	case File, Text, Upload:
		return value, nil
	}
	number, err := strconv.ParseFloat(value, 64)
	switch {
	case value == "":
		return bad("it is empty: give %s", c.span())
	case err != nil || number != number:
		return bad("%q is no number: give %s", short(value), c.span())
	case c.Whole && number != float64(int64(number)):
		return bad("%s is no whole number: give %s", short(value), c.span())
	case number < c.Min:
		return bad("%s is too small: give %s", short(value), c.span())
	case number > c.Max:
		return bad("%s is too large: give %s", short(value), c.span())
	}
	return strconv.FormatFloat(number, 'f', -1, 64), nil
}

// span is the range in words.
func (c Control) span() string {
	return strconv.FormatFloat(c.Min, 'f', -1, 64) + " to " + strconv.FormatFloat(c.Max, 'f', -1, 64)
}

// short cuts what the reader typed to what fits a message.
func short(value string) string {
	if letters := []rune(value); len(letters) > 24 {
		return string(letters[:24]) + "…"
	}
	return value
}

// HTML is the control with its label, for a [page.Options] markup.
func (c Control) HTML() string {
	var b strings.Builder
	name, value := html.EscapeString(c.Name), html.EscapeString(c.Value)
	if c.Kind == Search || c.Kind == Text {
		b.WriteString(`<div class="cs-search">`)
	}
	fmt.Fprintf(&b, `<label class="cs-knob" title="%s"><span>%s</span>`,
		html.EscapeString(c.Hint), html.EscapeString(c.Label))
	switch c.Kind {
	case Slider:
		fmt.Fprintf(&b, `<input type="range" data-name="%s" min="%g" max="%g" step="%s" value="%s">`+
			`<output data-name="%s-echo" data-echo="%s">%s</output>`,
			name, c.Min, c.Max, c.grain(), value, name, name, value)
	case Select:
		fmt.Fprintf(&b, `<select data-name="%s">%s</select>`, name, Choices(c.Options, c.Value))
	case Search, Text:
		free := ""
		if c.Kind == Text {
			free = " data-free"
		}
		b.WriteString(`<input type="text" role="combobox" aria-autocomplete="list" aria-expanded="false" ` +
			`autocomplete="off" spellcheck="false" `)
		fmt.Fprintf(&b, `data-name="%s" data-search="%s-options"%s value="%s">`, name, name, free, value)
	case File:
		fmt.Fprintf(&b, `<input type="file" accept="image/*" data-name="%s">`, name)
	case Upload:
		fmt.Fprintf(&b, `<input type="file" accept="%s" data-name="%s" data-most="%d">`,
			html.EscapeString(strings.Join(c.Options, ",")), name, mostBytes)
	default:
		fmt.Fprintf(&b, `<input type="number" data-name="%s" min="%g" max="%g" step="%s" value="%s">`,
			name, c.Min, c.Max, c.grain(), value)
	}
	b.WriteString(`</label>`)
	if c.Kind == Search || c.Kind == Text {
		fmt.Fprintf(&b, `<ul role="listbox" aria-label="%s" data-name="%s-options" hidden>%s</ul></div>`,
			html.EscapeString(c.Label), name, Proposals(c.Options))
	}
	return b.String()
}

// Proposals are the inside of the list of a [Search] or a [Text] control, which is named as the control with -options.
func Proposals(options []string) string {
	var b strings.Builder
	for _, option := range options {
		fmt.Fprintf(&b, `<li role="option">%s</li>`, html.EscapeString(option))
	}
	return b.String()
}

// grain is the step between values that the browser's own arrows take.
func (c Control) grain() string {
	if c.Whole {
		return "1"
	}
	return "any"
}

// Choices are the inside of a select element.
func Choices(options []string, chosen string) string {
	var b strings.Builder
	for _, option := range options {
		selected := ""
		if option == chosen {
			selected = " selected"
		}
		fmt.Fprintf(&b, `<option%s>%s</option>`, selected, html.EscapeString(option))
	}
	return b.String()
}
