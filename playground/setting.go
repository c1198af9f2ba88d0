// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"convscope/display/control"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

// The names of the controls.
const (
	layerKnob  = "layer"
	methodKnob = "method"
	filterKnob = "filter"
	exactKnob  = "filter-exact" // the same filter, typed
	sizeKnob   = "size"
	stepsKnob  = "steps"
	stepKnob   = "step"
	seedKnob   = "seed"
	startKnob  = "start"
	photoKnob  = "photo"
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
	layer        string
	method       string // one of ascent.Methods
	filter, size int
	steps        int
	step         float64
	seed         uint64
	start        string
	photo        image.Image // nil until one was given
	photoName    string
	file         string // of the network, "" for VGG16
}

// knobs are the panel's controls for a setting.
func (s setting) knobs(layers []network.Layer) map[string]control.Control {
	names := make([]string, len(layers))
	filters := 1
	for i, layer := range layers {
		names[i] = layer.Name
		if layer.Name == s.layer {
			filters = layer.Filters
		}
	}
	var methods []string
	for _, m := range ascent.Methods() {
		methods = append(methods, m.Name)
	}
	last := float64(filters - 1)
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	list := []control.Control{
		{Kind: control.Select, Name: layerKnob, Label: "Layer", Options: names, Value: s.layer, Hint: "deeper layers answer to larger patterns"},
		{Kind: control.Select, Name: methodKnob, Label: "Method", Options: methods, Value: s.method, Hint: "how the picture is made; brings its own steps"},
		{Kind: control.Slider, Name: filterKnob, Label: "Filter", Max: last, Whole: true, Value: strconv.Itoa(s.filter), Hint: "which of the layer's filters"},
		{Name: exactKnob, Label: "Filter number", Max: last, Whole: true, Value: strconv.Itoa(s.filter), Hint: "the filter, typed"},
		{Name: sizeKnob, Label: "Size", Min: leastSize, Max: mostSize, Whole: true, Value: strconv.Itoa(s.size), Hint: "side of the picture in pixels"},
		{Name: stepsKnob, Label: "Steps", Min: 1, Max: mostSteps, Whole: true, Value: strconv.Itoa(s.steps), Hint: "how often the picture moves uphill"},
		{Name: stepKnob, Label: "Step", Min: leastStep, Max: mostStep, Value: number(s.step), Hint: "length of a step; in gray levels by the book's method"},
		{Name: seedKnob, Label: "Seed", Min: 1, Max: mostSeed, Whole: true, Value: strconv.FormatUint(s.seed, 10), Hint: "chooses the noise to start from"},
		{Kind: control.Select, Name: startKnob, Label: "Start", Options: []string{fromNoise, fromPhoto}, Value: s.start, Hint: "what the first picture is"},
		{Kind: control.File, Name: photoKnob, Label: "Photo", Hint: "stays on this machine"},
	}
	byName := make(map[string]control.Control, len(list))
	for _, c := range list {
		byName[c.Name] = c
	}
	return byName
}

// turn returns the setting after one knob was turned, or an error that says what the knob takes.
func (s setting) turn(name, value string, layers []network.Layer) (setting, error) {
	value, err := s.knobs(layers)[name].Check(value)
	if err != nil {
		return s, err
	}
	number, _ := strconv.ParseFloat(value, 64) // checked; not used for texts
	switch name {
	case layerKnob:
		s.layer = value
		for _, layer := range layers {
			if layer.Name == value {
				s.filter = min(s.filter, layer.Filters-1)
			}
		}
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

// own are the steps that the method itself takes.
func (s setting) own() (steps int, step float64) {
	m := ascent.MustMethod(s.method)
	return cmp.Or(m.Steps, ascent.BookSteps), cmp.Or(m.Step, ascent.BookStep)
}

// options are the ascent's.
func (s setting) options() ascent.Options {
	o := ascent.Options{Method: ascent.MustMethod(s.method), Size: s.size, Steps: s.steps, Step: s.step, Seed: s.seed}
	if s.start == fromPhoto && s.photo != nil {
		o.Start = picture.Tensor(s.photo, s.size, s.size)
	}
	return o
}

// caption says what a picture of this setting is.
func (s setting) caption() string {
	text := fmt.Sprintf("%s, filter %d", s.layer, s.filter)
	if s.start == fromPhoto {
		return text + ", from " + s.photoName
	}
	return text
}

// details are the numbers of the setting.
func (s setting) details() string {
	text := fmt.Sprintf("%dx%d px, %d steps of %g", s.size, s.size, s.steps, s.step)
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
	imports, open := []string{"convscope/display", "convscope/pkg/ascent"}, "vgg16.MustLoad(device.MustNew(device.Options{}), vgg16.Options{})"
	if s.file == "" {
		imports = append(imports, "convscope/pkg/device", "convscope/vgg16")
	} else {
		imports, open = append(imports, "convscope/pkg/network"), fmt.Sprintf("network.MustOpen(%q)", s.file)
	}
	var options []string
	if s.method != bookMethod {
		options = append(options, fmt.Sprintf("Method: ascent.MustMethod(%q)", s.method))
	}
	if s.start == fromPhoto {
		imports = append(imports, "convscope/pkg/picture")
		slices.Sort(imports)
		options = append(options, fmt.Sprintf("Start: picture.Tensor(picture.MustOpen(%q), %d, %d)", s.photoName, s.size, s.size))
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
	for _, path := range imports {
		fmt.Fprintf(&b, "\t%q\n", path)
	}
	fmt.Fprintf(&b, ")\n\n%%%%\nnet := %s\n", open)
	fmt.Fprintf(&b, "display.Pattern(ascent.MustRun(net.MustChannel(%q, %d), ascent.Options{%s}))\n", s.layer, s.filter, strings.Join(options, ", "))
	return b.String()
}
