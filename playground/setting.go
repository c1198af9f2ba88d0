// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize/english"

	"convscope/display/control"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
)

// The names of the controls.
const (
	networkKnob = "network"
	inputKnob   = "input"
	layerKnob   = "layer"
	methodKnob  = "method"
	filterKnob  = "filter"
	exactKnob   = "filter-exact" // the same filter, typed
	sizeKnob    = "size"
	stepsKnob   = "steps"
	stepKnob    = "step"
	seedKnob    = "seed"
	startKnob   = "start"
	photoKnob   = "photo"
)

// bookMethod is the method that a panel begins with.
const bookMethod = "book"

// The two starts.
const (
	fromNoise = "gray noise"
	fromPhoto = "my photo"
)

// The bounds of what the panel takes. The packages below take more.
const (
	leastSize, mostSize = 16, 512
	mostSteps           = 2000
	leastStep, mostStep = 0.001, 10_000
	mostSeed            = 1_000_000_000
)

// setting is where the knobs stand.
type setting struct {
	of           *subject
	layer        string
	method       string // one of ascent.Methods
	filter, size int
	steps        int
	step         float64
	seed         uint64
	start        string
	photo        image.Image // nil until one was given
	photoName    string
}

// knobs are the panel's controls for a setting.
func (s setting) knobs() map[string]control.Control {
	names := make([]string, len(s.of.layers))
	for i, layer := range s.of.layers {
		names[i] = layer.Name
	}
	var methods []string
	for _, m := range ascent.Methods() {
		methods = append(methods, m.Name)
	}
	last := float64(max(s.of.layer(s.layer).Filters, 1) - 1)
	least, most := s.of.sizes()
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	list := []control.Control{
		{Kind: control.Text, Name: networkKnob, Label: "Network", Options: s.of.nearby, Value: s.of.title(),
			Hint: "a .keras, .h5 or .onnx file, or the name of one that comes along"},
		{Kind: control.Text, Name: inputKnob, Label: "Input", Options: network.ConventionNames(),
			Value: network.InputText(s.of.Network().Input), Hint: "what pictures the network takes: " + network.Conventions()},
		{Kind: control.Search, Name: layerKnob, Label: "Layer", Options: names, Value: s.layer,
			Hint: "type a part of its name; deeper layers answer to larger patterns"},
		{Kind: control.Select, Name: methodKnob, Label: "Method", Options: methods, Value: s.method,
			Hint: "how the picture is made; brings its own steps"},
		{Kind: control.Slider, Name: filterKnob, Label: "Filter", Max: last, Whole: true,
			Value: strconv.Itoa(s.filter), Hint: "which of the layer's filters"},
		{Name: exactKnob, Label: "Filter number", Max: last, Whole: true, Value: strconv.Itoa(s.filter),
			Hint: "the filter, typed"},
		{Name: sizeKnob, Label: "Size", Min: float64(least), Max: float64(most), Whole: true,
			Value: strconv.Itoa(s.size), Hint: "side of the picture in pixels"},
		{Name: stepsKnob, Label: "Steps", Min: 1, Max: mostSteps, Whole: true, Value: strconv.Itoa(s.steps),
			Hint: "how often the picture moves uphill"},
		{Name: stepKnob, Label: "Step", Min: leastStep, Max: mostStep, Value: number(s.step),
			Hint: "length of a step; in gray levels by the book's method"},
		{Name: seedKnob, Label: "Seed", Min: 1, Max: mostSeed, Whole: true, Value: strconv.FormatUint(s.seed, 10),
			Hint: "chooses the noise to start from"},
		{Kind: control.Select, Name: startKnob, Label: "Start", Options: []string{fromNoise, fromPhoto},
			Value: s.start, Hint: "what the first picture is"},
		{Kind: control.File, Name: photoKnob, Label: "Photo", Hint: "stays on this machine"},
	}
	byName := make(map[string]control.Control, len(list))
	for _, c := range list {
		byName[c.Name] = c
	}
	return byName
}

// turn returns the setting after one knob was turned, or an error that says what the knob takes.
func (s setting) turn(name, value string) (setting, error) {
	if name == layerKnob {
		return s.to(value)
	}
	value, err := s.knobs()[name].Check(value)
	if err != nil {
		return s, err
	}
	number, _ := strconv.ParseFloat(value, 64) // checked; not used for texts
	switch name {
	case methodKnob:
		if s.method != value {
			s.method = value
			s.steps, s.step = s.own()
		}
	case filterKnob, exactKnob:
		s.filter = int(number)
	case sizeKnob:
		s.size = int(number)
	case stepsKnob:
		s.steps = int(number)
	case stepKnob:
		s.step = number
	case seedKnob:
		s.seed = uint64(number)
	case startKnob:
		s.start = value
	}
	return s, nil
}

// to is the setting with another layer, and a filter and a size that it has.
func (s setting) to(layer string) (setting, error) {
	found, err := s.of.Find(strings.TrimSpace(layer))
	if err != nil {
		return s, err
	}
	if found.Filters == 0 {
		return s, fmt.Errorf("%s has no filters to show", found.Name)
	}
	s.layer, s.filter = found.Name, min(s.filter, found.Filters-1)
	s.size = s.of.fitting(s.layer, ascent.MustMethod(s.method), s.size)
	return s, nil
}

// about is the setting for another network: its own layer, unless it has one of that name.
func (s setting) about(other *subject) (setting, error) {
	s.of = other
	if found, err := other.Find(s.layer); err != nil || found.Filters == 0 {
		s.layer = other.usual()
	}
	return s.to(s.layer)
}

// own are the steps that the method itself takes.
func (s setting) own() (steps int, step float64) {
	m := ascent.MustMethod(s.method)
	return cmp.Or(m.Steps, ascent.BookSteps), cmp.Or(m.Step, ascent.BookStep)
}

// options are the ascent's.
func (s setting) options() ascent.Options {
	o := ascent.Options{Method: ascent.MustMethod(s.method), Size: s.size, Steps: s.steps, Step: s.step, Seed: s.seed}
	if s.start == fromPhoto && s.photo != nil {
		o.Start = s.of.PhotoTensor(s.photo, s.size, s.size)
	}
	return o
}

// caption says what a picture of this setting is.
func (s setting) caption() string {
	text := fmt.Sprintf("%s, filter %d", s.layer, s.filter)
	if name := s.of.name(); name != "" {
		text = name + ": " + text
	}
	if s.start == fromPhoto {
		return text + ", from " + s.photoName
	}
	return text
}

// details are the numbers of the setting.
func (s setting) details() string {
	text := fmt.Sprintf("%dx%d px, %s of %g", s.size, s.size, english.Plural(s.steps, "step", ""), s.step)
	if s.method != bookMethod {
		text = s.method + ", " + text
	}
	if s.start == fromNoise {
		text += fmt.Sprintf(", seed %d", s.seed)
	}
	return text
}

// code is the cell that makes the setting's picture.
func (s setting) code() string {
	imports, lines := s.of.code()
	imports = append(imports, "convscope/display", "convscope/pkg/ascent")
	var options []string
	if s.method != bookMethod {
		options = append(options, fmt.Sprintf("Method: ascent.MustMethod(%q)", s.method))
	}
	if s.start == fromPhoto {
		imports = append(imports, "convscope/pkg/picture")
		start := fmt.Sprintf("Start: net.PhotoTensor(picture.MustOpen(%q), %d, %d)", s.photoName, s.size, s.size)
		options = append(options, start)
	} else if s.size != ascent.BookSize {
		options = append(options, fmt.Sprintf("Size: %d", s.size))
	}
	steps, step := s.own()
	if s.steps != steps {
		options = append(options, fmt.Sprintf("Steps: %d", s.steps))
	}
	if s.step != step {
		options = append(options, fmt.Sprintf("Step: %g", s.step))
	}
	if s.start == fromNoise && s.seed != ascent.BookSeed {
		options = append(options, fmt.Sprintf("Seed: %d", s.seed))
	}
	var b strings.Builder
	b.WriteString("import (\n")
	slices.SortFunc(imports, func(a, b string) int {
		return cmp.Compare(strings.TrimPrefix(a, "_ "), strings.TrimPrefix(b, "_ "))
	})
	for _, path := range imports {
		alone := ""
		if strings.HasPrefix(path, "_ ") {
			alone, path = "_ ", path[2:]
		}
		fmt.Fprintf(&b, "\t%s%q\n", alone, path)
	}
	fmt.Fprintf(&b, ")\n\n%%%%\n%s", lines)
	fmt.Fprintf(&b, "display.Pattern(ascent.MustRun(net.MustChannel(%q, %d), ascent.Options{%s}))\n",
		s.layer, s.filter, strings.Join(options, ", "))
	return b.String()
}
