// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// redirectedSteps is for how many steps gradients pass through silent ReLUs, Lucid's number.
const redirectedSteps = 16

// rung is one try to wake silent filters.
type rung struct {
	how      string
	redirect bool
	// colour says that it takes red, green and blue.
	colour bool
	// paint fills a picture in gray levels with another start; nil keeps the start.
	paint func(levels []float32, size frame, random *rand.Rand)
}

// frame is what a start is painted in: its size, and the level that a network takes for black.
type frame struct {
	height, width, channels int
	black                   float32
}

// ladder is what is tried, the cheapest first.
var ladder = []rung{
	{how: "climbing its pre-activation"},
	{how: "gradients redirected through silent ReLUs", redirect: true},
	{how: "other noise", paint: noise(118, 20)},
	{how: "strong noise", paint: noise(0, 255)},
	{how: "soft large shapes", paint: soft},
	{how: "a dark start", paint: tinted()},
	{how: "a bright start", paint: tinted(0, 1, 2)},
	{how: "a red start", colour: true, paint: tinted(0)},
	{how: "a green start", colour: true, paint: tinted(1)},
	{how: "a blue start", colour: true, paint: tinted(2)},
	{how: "a yellow start", colour: true, paint: tinted(0, 1)},
	{how: "a magenta start", colour: true, paint: tinted(0, 2)},
	{how: "a cyan start", colour: true, paint: tinted(1, 2)},
}

// noise paints noise in an interval of gray levels.
func noise(low, span float32) func([]float32, frame, *rand.Rand) {
	return func(levels []float32, _ frame, random *rand.Rand) { uniform(levels, low, span, random) }
}

// tinted paints noise on black with some channels lit.
func tinted(channels ...int) func([]float32, frame, *rand.Rand) {
	return func(levels []float32, size frame, random *rand.Rand) {
		uniform(levels, size.black, 20, random)
		for _, channel := range channels {
			for i := channel; i < len(levels) && channel < size.channels; i += size.channels {
				levels[i] += 235 - size.black
			}
		}
	}
}

// soft paints a sum of a few slow waves in each colour.
func soft(levels []float32, size frame, random *rand.Rand) {
	for c := range size.channels {
		var waves [6][4]float64
		for i := range waves {
			waves[i] = [4]float64{random.Float64()*6 - 3, random.Float64()*6 - 3, random.Float64() * 2 * math.Pi,
				40 * random.Float64()}
		}
		for y := range size.height {
			for x := range size.width {
				v := 127.5
				for _, w := range waves {
					turns := w[0]*float64(y)/float64(size.height) + w[1]*float64(x)/float64(size.width)
					v += w[3] * math.Cos(2*math.Pi*turns+w[2])
				}
				levels[(y*size.width+x)*size.channels+c] = float32(min(max(v, 0), 255))
			}
		}
	}
}

// rescue tries to wake the filters that stayed silent. When ctx ends in between, all of it is undone, so that a
// stopped run is either rescued or not.
func (r *run) rescue(ctx context.Context) error {
	var silent []int
	for i := range r.tasks {
		t := &r.tasks[i]
		switch {
		case len(t.loss) < t.steps:
			return nil // stopped
		case t.step < 0: // going downhill, silence is the aim
		case t.quiet || !t.fired() && (r.wakes() || r.rescues()): // some fall silent on their way
			silent = append(silent, i)
		case r.wakes() && t.loss[0] <= 0:
			t.fate = Fate{Life: Rescued, How: ladder[0].how}
		}
	}
	if !r.wakes() && !r.rescues() {
		for _, i := range silent {
			r.tasks[i].fate = Fate{Life: Dead}
		}
		return nil
	}
	before := slices.Clone(r.tasks)
	pictures := slices.Clone(r.pictures)
	silent = slices.DeleteFunc(silent, r.provenInert)
	for _, try := range ladder {
		if len(silent) == 0 || ctx.Err() != nil {
			break
		}
		if try.colour && r.target.channels() != colours || try.how == ladder[0].how && r.wakes() ||
			try.paint != nil && !r.options.Method.takesStart() {
			continue
		}
		if err := r.tryRung(ctx, try, silent); err != nil {
			return err
		}
		silent = slices.DeleteFunc(silent, func(i int) bool {
			t := &r.tasks[i]
			if !t.fired() {
				return false
			}
			t.fate = Fate{Life: Rescued, How: try.how}
			if r.finished != nil {
				r.finished <- span{i, 1}
			}
			return true
		})
	}
	if ctx.Err() != nil {
		copy(r.tasks, before)
		copy(r.pictures, pictures)
		r.stopped = true
		for i := range r.tasks {
			if r.tasks[i].quiet {
				r.tasks[i].fate = Fate{Life: Dead}
			}
		}
		return nil
	}
	for _, i := range silent {
		r.restore(i, before[i], pictures)
		if before[i].everFired() {
			continue
		}
		r.tasks[i].fate = Fate{Life: Inert,
			How: fmt.Sprintf("silent after all that was tried: %d kinds of start and gradient", len(ladder))}
	}
	return nil
}

// wakes says whether the method helps silent filters by itself.
func (r *run) wakes() bool { return r.options.Method.Wake && r.target.Climber.source.Fires }

// rescues says whether silent filters are to be woken.
func (r *run) rescues() bool { return !r.options.NoRescue && r.target.Climber.source.Fires }

// everFired says whether the filter answered to its picture at any step.
func (t *task) everFired() bool {
	return !t.quiet && slices.ContainsFunc(t.loss, func(loss float32) bool { return loss > 0 })
}

// fired says whether the filter answered to its picture at the run's end.
func (t *task) fired() bool { return !t.still && t.last() > 0 }

// last is the loss of the last step, 0 before the first.
func (t *task) last() float32 {
	if len(t.loss) == 0 {
		return 0
	}
	return t.loss[len(t.loss)-1]
}

// provenInert marks a filter that no picture can wake.
func (r *run) provenInert(i int) bool {
	if r.target.Bound == nil {
		return false
	}
	bound, known := r.target.Bound(r.tasks[i].filter, r.options.Method.Photographic)
	if !known || bound > 0 {
		return false
	}
	r.tasks[i].fate = Fate{Life: Inert, How: fmt.Sprintf("no picture of gray levels 0 to 255 lifts it above %.3g",
		bound), Proven: true}
	return true
}

// tryRung lets the silent ones climb from the rung's start.
func (r *run) tryRung(ctx context.Context, try rung, silent []int) error {
	size := frame{r.options.Height, r.options.Width, r.target.channels(), 0}
	if !r.options.Method.Photographic {
		size.black = r.target.Climber.source.Black
	}
	for _, i := range silent {
		t := &r.tasks[i]
		t.loss, t.quiet = nil, true
		if try.paint != nil {
			t.start = make([]float32, r.pixels)
			try.paint(t.start, size, startOf(t.seed+1, t.filter))
		}
		r.total += t.steps
	}
	for batch := range slices.Chunk(silent, r.batch) {
		if ctx.Err() != nil {
			return nil
		}
		if err := r.climb(ctx, batch, try.redirect, PreActivation); err != nil {
			return err
		}
	}
	return nil
}

// restore gives a filter that nothing woke its own picture back.
func (r *run) restore(i int, before task, pictures []float32) {
	r.tasks[i] = before
	copy(r.pictures[i*r.pixels:(i+1)*r.pixels], pictures[i*r.pixels:])
}
