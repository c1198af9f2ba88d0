// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"convscope/display"
	"convscope/display/page"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
)

// Options are what the panel shows first. The zero value is block3_conv1, or a convolution in the middle of another
// network, filter 0, by the book's recipe.
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
func (o Options) setting(of *subject) (setting, error) {
	s := setting{
		of: of, layer: o.Layer, filter: o.Filter, method: o.Method, size: o.Size, steps: o.Steps, step: o.Step, seed: o.Seed,
		start: fromNoise,
	}
	if s.layer == "" {
		s.layer = of.usual()
	}
	found, err := of.Find(s.layer)
	if err != nil {
		return s, err
	}
	s.layer = found.Name // of an alias
	if err := found.CheckFilters(s.filter); err != nil {
		return s, err
	}
	if s.method == "" {
		s.method = bookMethod
	}
	if _, err := s.knobs()[methodKnob].Check(s.method); err != nil {
		return s, err
	}
	if s.size == 0 {
		s.size = of.fitting(s.layer, ascent.MustMethod(s.method), ascent.BookSize)
	}
	steps, step := s.own()
	s.steps, s.step = cmp.Or(s.steps, steps), cmp.Or(s.step, step)
	if s.seed == 0 {
		s.seed = ascent.BookSeed
	}
	for name, c := range s.knobs() {
		if name == photoKnob {
			continue
		}
		if _, err := c.Check(c.Value); err != nil {
			return s, err
		}
	}
	return s, nil
}

// Run shows the panel and serves it until it ends. It returns the last picture's result; the picture itself stays in
// the notebook. Where no browser answers, it says so in a line and runs the options once. The end of ctx ends the
// panel as Done does.
func Run(ctx context.Context, net *network.Model, options Options) (*ascent.Result, error) {
	of := newSubject(net)
	if len(of.layers) == 0 {
		return nil, fmt.Errorf("%s has no layer whose filters could be shown", of.title())
	}
	s, err := options.setting(of)
	if err != nil {
		return nil, err
	}
	p, err := page.Open(ctx, page.Options{Markup: markup(s)})
	switch {
	case errors.Is(err, page.ErrNobody):
		return alone(ctx, net, s, p)
	case err != nil:
		return nil, err
	}
	if options.Idle <= 0 {
		options.Idle = idle
	}
	return newSession(p, s, options.Idle).serve(ctx)
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
