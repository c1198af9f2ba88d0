// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"image"
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

// ParseObjective reads an objective: terms with + or - between them, in spaces, each with an optional factor, such as
// "channel:block4_conv3:12 - 0.5*channel:block4_conv3:40". Errors show how the term is written.
func ParseObjective(text string, files Files) (Objective, error) {
	var o Objective
	sign, expected := 1.0, true
	for _, word := range strings.Fields(text) {
		if word == "+" || word == "-" {
			if expected && (word == "+" || len(o.terms) > 0) {
				return o, fmt.Errorf("objective %q: there is no term before %q", text, word)
			}
			if word == "-" {
				sign = -1
			}
			expected = true
			continue
		}
		if !expected {
			return o, fmt.Errorf("objective %q: write + or - before %q, with spaces around", text, word)
		}
		if rest, negative := strings.CutPrefix(word, "-"); negative {
			sign, word = -sign, rest
		}
		if factor, rest, scaled := strings.Cut(word, "*"); scaled {
			weight, err := number("factor", factor)
			if err != nil {
				return o, fmt.Errorf("objective %q: %w", text, err)
			}
			sign, word = sign*weight, rest
		}
		t, err := parseTerm(word, files)
		if err != nil {
			return o, err
		}
		t.weight = sign
		o.terms = append(o.terms, t)
		sign, expected = 1, false
	}
	if expected {
		return o, fmt.Errorf("objective %q: a term is missing: write such as %s", text, objectiveForms["channel"])
	}
	return o, nil
}

// parseTerm reads one term.
func parseTerm(text string, files Files) (term, error) {
	parts := strings.Split(text, ":")
	form, known := objectiveForms[parts[0]]
	if !known {
		return term{}, unknown("objective", parts[0], sortedKeys(objectiveForms))
	}
	bad := func() (term, error) { return term{}, fmt.Errorf("objective %q: write %s", text, form) }
	if len(parts) < 2 || parts[1] == "" {
		return bad()
	}
	t := term{kind: parts[0], layer: parts[1]}
	parts = parts[2:]
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
			v, err := number("weight", weight)
			if !ok || err != nil {
				return bad()
			}
			t.channels, t.weights = append(t.channels, n), append(t.weights, v)
		}
	case "interpolate":
		if len(parts) != 3 {
			return bad()
		}
		first, okFirst := whole(parts[0])
		second, okSecond := whole(parts[2])
		if !okFirst || !okSecond || parts[1] == "" {
			return bad()
		}
		t.other, t.channels = parts[1], []int{first, second}
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
	t.path = strings.Join(parts, ":")
	if t.path == "" {
		return bad()
	}
	var err error
	switch {
	case t.kind == "direction" && files.Vector != nil:
		t.vector, err = files.Vector(t.path)
	case t.kind == "caricature" && files.Photo != nil:
		t.photo, err = files.Photo(t.path)
	default:
		err = fmt.Errorf("objective %s: no files can be read here", t.kind)
	}
	return t, err
}
