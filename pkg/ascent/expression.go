// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"image"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Files reads what objectives name: vectors and photos. The caller decides which formats there are.
type Files struct {
	Vector func(path string) ([]float32, error)
	Photo  func(path string) (image.Image, error)
}

// objectiveForms are the terms, as they are written.
var objectiveForms = map[string]string{
	"channel":     "channel:LAYER:FILTER",
	"neuron":      "neuron:LAYER:FILTER or neuron:LAYER:FILTER:ROW:COLUMN",
	"layer":       "layer:LAYER",
	"channels":    "channels:LAYER:FILTER=WEIGHT,FILTER=WEIGHT",
	"direction":   "direction:LAYER:FILE.npy or direction:LAYER:FILE.npy:POWER",
	"interpolate": "interpolate:LAYER:FILTER:LAYER:FILTER",
	"diversity":   "diversity:LAYER",
	"caricature":  "caricature:LAYER:PHOTO or caricature:LAYER:PHOTO:POWER",
}

// maxObjective is how long an objective's text may be, in bytes, and maxTerms how many terms it may have.
const (
	maxObjective = 1 << 16
	maxTerms     = 1 << 8
)

// ParseObjective reads an objective: terms with + or - between them, in spaces, each with an optional factor, such as
// "channel:block4_conv3:12 - 0.5*channel:block4_conv3:40". The name of a file may hold spaces. A layer's name that
// holds colons or spaces stands in quotes: channel:"block:4 conv":12. Errors show how the term is written.
func ParseObjective(text string, files Files) (Objective, error) {
	if len(text) > maxObjective {
		return Objective{}, fmt.Errorf("the objective has %d bytes: at most %d", len(text), maxObjective)
	}
	var o Objective
	pieces, err := split(text)
	if err != nil {
		return o, fmt.Errorf("objective %s: %w", quoted(text), err)
	}
	for _, p := range pieces {
		weight, word := p.sign, p.text
		if rest, negative := strings.CutPrefix(word, "-"); negative {
			weight, word = -weight, rest
		}
		if factor, rest, scaled := strings.Cut(word, "*"); scaled && !strings.Contains(factor, ":") {
			scale, err := number("factor", factor)
			if err != nil {
				return o, fmt.Errorf("objective %s: %w", quoted(text), err)
			}
			weight, word = weight*scale, rest
		}
		t, err := parseTerm(word, files)
		if err != nil {
			return o, err
		}
		t.weight = weight
		o.terms = append(o.terms, t)
	}
	return o, nil
}

// piece is a term as it is written, and the sign before it.
type piece struct {
	sign float64
	text string
}

// words are what stands between spaces of any kind; spaces in quotes, as of a layer's name, don't count.
var words = regexp.MustCompile(`(?:"(?:[^"\\]|\\.)*"|[^\s\p{Z}])+`)

// split cuts an objective at the signs that stand alone.
func split(text string) (pieces []piece, err error) {
	sign, signed, expected, first := 1.0, false, true, 0
	for _, at := range words.FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		switch {
		case word == "+" || word == "-":
			if expected && (word == "+" || signed) {
				return nil, fmt.Errorf("there is no term before %q", word)
			}
			if word == "-" {
				sign = -1
			}
			signed, expected = true, true
		case expected:
			pieces, first = append(pieces, piece{sign, word}), at[0]
			sign, signed, expected = 1, false, false
		case begins(word) || !takesFile(pieces[len(pieces)-1].text):
			return nil, fmt.Errorf("write + or - before %s, with spaces around", quoted(word))
		default: // the name of a file goes on
			pieces[len(pieces)-1].text = text[first:at[1]]
		}
		if len(pieces) > maxTerms {
			return nil, fmt.Errorf("it has more than %d terms", maxTerms)
		}
	}
	if expected {
		return nil, fmt.Errorf("a term is missing: write such as %s", objectiveForms["channel"])
	}
	return pieces, nil
}

// kindOf is the word that tells what a term is.
func kindOf(text string) string {
	kind, _, _ := strings.Cut(text, ":")
	return kind[strings.LastIndexAny(kind, "*-")+1:]
}

// begins says whether a term begins with that word; takesFile, whether it names a file.
func begins(word string) bool {
	return strings.Contains(word, ":") && objectiveForms[kindOf(word)] != ""
}

func takesFile(text string) bool {
	kind := kindOf(text)
	return kind == "direction" || kind == "caricature"
}

// parseTerm reads one term.
func parseTerm(text string, files Files) (term, error) {
	kind, rest, _ := strings.Cut(text, ":")
	form, known := objectiveForms[kind]
	if !known {
		return term{}, unknown("objective", kind, sortedKeys(objectiveForms))
	}
	bad := func() (term, error) { return term{}, fmt.Errorf("objective %s: write %s", quoted(text), form) }
	name, rest, more, ok := cutLayer(rest)
	if !ok {
		return bad()
	}
	t := term{kind: kind, layer: name}
	var parts []string
	if more {
		parts = strings.Split(rest, ":")
	}
	whole := func(part string) (int, bool) {
		n, err := strconv.Atoi(part)
		return n, err == nil && n >= 0
	}
	switch t.kind {
	case "layer", "diversity":
		if len(parts) != 0 {
			return bad()
		}
	case "channel", "neuron":
		if len(parts) != 1 && (t.kind == "channel" || len(parts) != 3) {
			return bad()
		}
		for i, part := range parts {
			n, ok := whole(part)
			if !ok {
				return bad()
			}
			if i == 0 {
				t.channels = []int{n}
			} else {
				t.place = append(t.place, n)
			}
		}
	case "channels":
		if len(parts) != 1 {
			return bad()
		}
		for pair := range strings.SplitSeq(parts[0], ",") {
			name, weight, _ := strings.Cut(pair, "=")
			n, ok := whole(name)
			if !ok {
				return bad()
			}
			v, err := number("weight", weight)
			if err != nil {
				return term{}, fmt.Errorf("objective %s: filter %d: %w: write %s", quoted(text), n, err, form)
			}
			if slices.Contains(t.channels, n) {
				return term{}, fmt.Errorf("objective %s: filter %d is named twice", quoted(text), n)
			}
			t.channels, t.weights = append(t.channels, n), append(t.weights, v)
		}
	case "interpolate":
		from, rest, _ := strings.Cut(rest, ":")
		other, to, _, ok := cutLayer(rest)
		first, okFirst := whole(from)
		second, okSecond := whole(to)
		if !ok || !okFirst || !okSecond {
			return bad()
		}
		t.other, t.channels = other, []int{first, second}
	case "direction", "caricature":
		return t.withFile(parts, files, bad)
	}
	return t, nil
}

// withFile reads a term's vector or photo, and its power.
func (t term) withFile(parts []string, files Files, bad func() (term, error)) (term, error) {
	if len(parts) > 1 {
		if power, err := number("power", parts[len(parts)-1]); err == nil {
			t.power, parts = power, parts[:len(parts)-1]
		}
	}
	path := strings.Join(parts, ":")
	if path == "" {
		return bad()
	}
	switch {
	case t.kind == "direction" && files.Vector != nil:
		vector, err := files.Vector(path)
		return t.named(path).along(vector), err
	case t.kind == "caricature" && files.Photo != nil:
		photo, err := files.Photo(path)
		return t.named(path).of(photo), err
	}
	return t, fmt.Errorf("objective %s: no files can be read here", t.kind)
}
