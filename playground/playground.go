// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"time"

	"convscope/display"
	"convscope/display/page"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
)

// Options are what the panel shows first. The zero value is block3_conv1, filter 0, by the book's recipe.
type Options struct {
	// Layer and Filter are the first picture's.
	Layer  string
	Filter int
	// Method is the name of one of [ascent.Methods]; "" means book.
	Method string
	// Size, Steps, Step and Seed are as in [ascent.Options].
	Size, Steps int
	Step        float64
	Seed        uint64
	// Idle is how long the panel waits for a touch before it ends; 0 means 15 minutes.
	Idle time.Duration
}

// idle is the default of Options.Idle.
const idle = 15 * time.Minute

// setting fills the zero options in and checks them.
func (o Options) setting(layers []network.Layer) (setting, error) {
	s := setting{
		layer: o.Layer, filter: o.Filter, method: o.Method, size: o.Size, steps: o.Steps, step: o.Step, seed: o.Seed, start: fromNoise,
	}
	if s.layer == "" {
		s.layer = usual(layers)
	}
	if s.method == "" {
		s.method = bookMethod
	}
	if _, err := s.knobs(layers)[methodKnob].Check(s.method); err != nil {
		return s, err
	}
	if s.size == 0 {
		s.size = ascent.BookSize
	}
	steps, step := s.own()
	s.steps, s.step = cmp.Or(s.steps, steps), cmp.Or(s.step, step)
	if s.seed == 0 {
		s.seed = ascent.BookSeed
	}
	at := slices.IndexFunc(layers, func(l network.Layer) bool { return l.Name == s.layer })
	if at < 0 {
		_, err := s.knobs(layers)[layerKnob].Check(s.layer)
		return s, err
	}
	if err := layers[at].CheckFilters(s.filter); err != nil {
		return s, err
	}
	for name, c := range s.knobs(layers) {
		if name == photoKnob {
			continue
		}
		if _, err := c.Check(c.Value); err != nil {
			return s, err
		}
	}
	return s, nil
}

// usual is the layer for those who name none: VGG16's block3_conv1, or a convolution in the middle.
func usual(layers []network.Layer) string {
	var kernels []string
	for _, l := range layers {
		if l.Name == "block3_conv1" {
			return l.Name
		}
		if l.Kernels && l.Stride > 0 {
			kernels = append(kernels, l.Name)
		}
	}
	if len(kernels) > 0 {
		return kernels[len(kernels)/2]
	}
	return layers[0].Name
}

// Run shows the panel and serves it until it ends. It returns the last picture's result; the picture itself stays in
// the notebook. Where no browser answers, it says so in a line and runs the options once. The end of ctx ends the
// panel as Done does.
func Run(ctx context.Context, net *network.Model, options Options) (*ascent.Result, error) {
	layers := slices.DeleteFunc(net.Layers(), func(l network.Layer) bool { return l.Filters == 0 })
	if named, err := net.Find(options.Layer); err == nil {
		options.Layer = named.Name // of an alias
	} else if options.Layer != "" {
		return nil, err
	}
	s, err := options.setting(layers)
	if err != nil {
		return nil, err
	}
	s.file = net.File()
	p, err := page.Open(ctx, page.Options{Markup: markup(s, layers)})
	switch {
	case errors.Is(err, page.ErrNobody):
		return alone(ctx, net, s, p)
	case err != nil:
		return nil, err
	}
	if options.Idle <= 0 {
		options.Idle = idle
	}
	session := newSession(net, p, s, layers, options.Idle)
	return session.serve(ctx)
}

// MustRun is [Run] for notebook cells: the notebook's Stop button ends it, and errors panic.
func MustRun(net *network.Model, options Options) *ascent.Result {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	result, err := Run(ctx, net, options)
	if err != nil {
		panic(err)
	}
	return result
}

// alone makes the panel's first picture where nobody can turn a knob.
func alone(ctx context.Context, net *network.Model, s setting, p *page.Page) (*ascent.Result, error) {
	if page.Present() {
		p.Final("", nil, "")
	}
	display.Text("No browser answers here, so the panel's knobs stay where they are.")
	target, err := net.Channel(s.layer, s.filter)
	if err != nil {
		return nil, err
	}
	result, err := ascent.Run(ctx, target, s.options())
	if err != nil {
		return nil, err
	}
	display.Pattern(result)
	return result, nil
}
