// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"convscope/pkg/layer"
)

// convention is a way in use of feeding pictures of three colours.
type convention struct {
	name            string
	mean, deviation []float64
	bgr             bool
}

// conventions are those with names: torchvision's, those of Keras' preprocess_input, and gray levels as they are.
var conventions = []convention{
	{name: "imagenet", mean: []float64{0.485 * 255, 0.456 * 255, 0.406 * 255},
		deviation: []float64{0.229 * 255, 0.224 * 255, 0.225 * 255}},
	{name: "caffe", mean: []float64{103.939, 116.779, 123.68}, bgr: true},
	{name: "tf", mean: []float64{127.5}, deviation: []float64{127.5}},
	{name: "unit", deviation: []float64{255}},
	{name: "raw"},
}

// ConventionNames are the names that [ParseInput] knows.
func ConventionNames() []string {
	var names []string
	for _, c := range conventions {
		names = append(names, c.name)
	}
	return names
}

// Conventions lists what [ParseInput] knows, for messages.
func Conventions() string { return strings.Join(ConventionNames(), ", ") + ", or mean=..,std=.." }

// ParseInput says how a network takes pictures, in the words of the option --input: "imagenet" (0 to 1, minus means,
// over deviations, as torchvision does), "caffe" (blue, green, red minus means), "tf" (-1 to 1), "unit" (0 to 1),
// "raw" (0 to 255), or numbers of its own, one for each channel or one for all: "mean=0.5,std=0.5", and "bgr" after a
// comma. Numbers up to 1 are of pictures from 0 to 1, others of gray levels.
func ParseInput(in layer.Input, text string) (layer.Input, error) {
	bad := func(problem string) (layer.Input, error) {
		return in, fmt.Errorf("the network's input %.80q: %s: choose from %s", text, problem, Conventions())
	}
	in.Source = "given"
	if i := slices.IndexFunc(conventions, func(c convention) bool { return c.name == text }); i >= 0 {
		c := conventions[i]
		if len(c.mean) == 3 && in.Channels != 3 {
			return bad(fmt.Sprintf("it is for 3 channels, and this network takes %d", in.Channels))
		}
		in.Mean, in.Deviation, in.BGR = c.mean, c.deviation, c.bgr
		return in, nil
	}
	numbers := map[string][]float64{}
	in.BGR = false
	key := ""
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "bgr" && in.Channels == 3 {
			in.BGR = true
			continue
		}
		if name, first, named := strings.Cut(part, "="); named {
			key, part = strings.TrimSpace(name), strings.TrimSpace(first)
		}
		v, err := strconv.ParseFloat(part, 64)
		switch {
		case key != "mean" && key != "std":
			return bad("there is no such way")
		case err != nil || math.IsNaN(v) || math.Abs(v) > 1e6:
			return bad(fmt.Sprintf("%q is no number for a picture", part))
		case key == "std" && v <= 0:
			return bad("a deviation is above 0")
		}
		numbers[key] = append(numbers[key], v)
	}
	for _, key := range []string{"mean", "std"} {
		if n := len(numbers[key]); n > 1 && n != in.Channels {
			return bad(fmt.Sprintf("%d numbers for %s: give one, or one for each of %d channels", n, key, in.Channels))
		}
	}
	if len(numbers) == 0 {
		return bad("there is no such way")
	}
	all := slices.Concat(numbers["mean"], numbers["std"])
	if !slices.ContainsFunc(all, func(v float64) bool { return math.Abs(v) > 1 }) {
		if len(numbers["std"]) == 0 {
			numbers["std"] = []float64{1}
		}
		for _, own := range numbers {
			for i := range own {
				own[i] *= 255
			}
		}
	}
	in.Mean, in.Deviation = numbers["mean"], numbers["std"]
	return in, nil
}

// InputText says how a network takes pictures as [ParseInput] reads it.
func InputText(in layer.Input) string {
	filled := func(numbers []float64, none float64) []float64 {
		all := make([]float64, max(in.Channels, 1))
		for c := range all {
			all[c] = at(numbers, c, none)
		}
		return all
	}
	mean, deviation := filled(in.Mean, 0), filled(in.Deviation, 1)
	for _, c := range conventions {
		if in.BGR == c.bgr && slices.Equal(mean, filled(c.mean, 0)) &&
			slices.Equal(deviation, filled(c.deviation, 1)) {
			return c.name
		}
	}
	text := ""
	for _, scale := range []float64{1, 255} { // in gray levels, or from 0 to 1: the shorter one that reads as the same
		candidate := "mean=" + list(mean, scale) + ",std=" + list(deviation, scale)
		if in.BGR {
			candidate += ",bgr"
		}
		again, err := ParseInput(in, candidate)
		same := err == nil && slices.Equal(filled(again.Mean, 0), mean) &&
			slices.Equal(filled(again.Deviation, 1), deviation)
		if text == "" || same && len(candidate) < len(text) {
			text = candidate
		}
	}
	return text
}

// list writes numbers over a scale, one for all if they are the same.
func list(numbers []float64, scale float64) string {
	if !slices.ContainsFunc(numbers, func(v float64) bool { return v != numbers[0] }) {
		numbers = numbers[:1]
	}
	texts := make([]string, len(numbers))
	for i, v := range numbers {
		texts[i] = strconv.FormatFloat(v/scale, 'g', -1, 64)
	}
	return strings.Join(texts, ",")
}

// at is the channel's number of those of all channels, which may be one for all, or none.
func at(numbers []float64, channel int, none float64) float64 {
	switch {
	case len(numbers) == 0:
		return none
	case channel < len(numbers):
		return numbers[channel]
	}
	return numbers[0]
}
