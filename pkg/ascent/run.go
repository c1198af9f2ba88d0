// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// ErrDiverged is returned, wrapped, when a loss or a gradient stops being a number.
var ErrDiverged = errors.New("the ascent diverged")

// Run climbs from noise, or from the given start, to one picture for each of the target's filters.
//
// When ctx ends, Run stops within half a second or one step and returns what there is, with Stopped set and no error.
// It returns an [*OptionError] or a [*MemoryError] before anything starts, and [ErrDiverged] when numbers overflow.
func Run(ctx context.Context, target Target, options Options) (*Result, error) {
	o, err := target.settle(options)
	if err != nil {
		return nil, err
	}
	results, err := together(ctx, target, []Options{o})
	if err != nil {
		return nil, err
	}
	return results[0], nil
}

// MustRun is [Run] for notebook cells and small programs: an interrupt, such as the notebook's Stop button, ends it
// early with what there is, and errors panic.
func MustRun(target Target, options Options) *Result {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	result, err := Run(ctx, target, options)
	if err != nil {
		panic(err)
	}
	return result
}

// settle fills the zero options in and checks them.
func (t Target) settle(options Options) (Options, error) {
	o := options.withDefaults()
	if t.channels() != colours {
		o.Method.channels = t.channels()
	}
	if err := o.check(len(t.Filters), t.channels()); err != nil {
		return o, err
	}
	if t.CheckSize != nil {
		if err := o.Method.CheckSize(o.Height, o.Width, t.CheckSize); err != nil {
			return o, &OptionError{Option: "size", Problem: err.Error()}
		}
	}
	if t.CheckOptions != nil {
		return o, t.CheckOptions(o)
	}
	return o, nil
}

// together runs settled options of one size as one job: their pictures share batches. Batch, Progress and Finished are
// the first's.
func together(ctx context.Context, target Target, all []Options) ([]*Result, error) {
	first := all[0]
	batch, err := target.batch(first, len(all)*len(target.Filters))
	if err != nil {
		return nil, err
	}
	r := &run{target: target, options: first, batch: batch, pixels: first.Height * first.Width * target.channels()}
	if target.Together && batch < len(target.Filters) {
		return nil, &OptionError{Option: "batch", Problem: fmt.Sprintf("%d: the objective compares all %d pictures, "+
			"so they climb together", batch, len(target.Filters))}
	}
	for _, o := range all {
		if err := r.add(o); err != nil {
			return nil, err
		}
	}
	if err := r.climbAll(ctx); err != nil {
		return nil, err
	}
	results := make([]*Result, len(all))
	for i, o := range all {
		o.Batch = batch
		results[i] = r.result(o, i*len(target.Filters))
	}
	return results, nil
}

// run is one job: pictures of one size that climb in batches.
type run struct {
	target   Target
	options  Options
	batch    int // pictures at once
	pixels   int // float32 values in a picture
	tasks    []task
	total    int         // steps of all tasks
	done     int         // steps taken
	pictures []float32   // [tasks, height, width, 3]
	finished chan span   // of pictures that are done
	stopped  bool        // while filters were being rescued
	starts   *graph.Exec // decodes one start, once that was asked for
	time     Time
}

// span is a row of tasks.
type span struct{ first, count int }

// task is one picture on its way.
type task struct {
	filter, steps int
	step          float32
	seed          uint64
	start         []float32 // gray levels [height, width, 3]; nil for the method's own noise
	still         bool      // the gradient was zero at the last step: it answers 0, or one and the same to such pictures
	quiet         bool      // it was so far
	loss          []float32
	fate          Fate
}

// add appends a task for each filter and room for its picture.
func (r *run) add(o Options) error {
	var start []float32
	if o.Start != nil {
		values, err := tensors.CopyFlatData[float32](o.Start)
		if err != nil {
			return fmt.Errorf("reading the start picture: %w", err)
		}
		start = values
	}
	for i, filter := range r.target.Filters {
		t := task{filter: filter, steps: o.Steps, step: float32(o.Step), seed: o.Seed, quiet: true,
			fate: Fate{Life: Alive}}
		switch {
		case len(start) == r.pixels:
			t.start = start
		case start != nil:
			t.start = start[i*r.pixels : (i+1)*r.pixels]
		}
		r.pictures = append(r.pictures, make([]float32, r.pixels)...)
		r.tasks = append(r.tasks, t)
		r.total += o.Steps
	}
	return nil
}

// climbAll runs batch after batch, then rescues those that stayed silent.
func (r *run) climbAll(ctx context.Context) error {
	defer r.announce()()
	climber := r.target.Climber
	climber.mu.Lock()
	defer climber.mu.Unlock()
	waking := Unaided
	if r.options.Method.Wake {
		waking = PreActivation
	}
	for first := 0; first < len(r.tasks); first += r.batch {
		batch := make([]int, min(r.batch, len(r.tasks)-first))
		for i := range batch {
			batch[i] = first + i
		}
		begun := ctx.Err() == nil
		if begun {
			if err := r.climb(ctx, batch, false, waking); err != nil {
				return err
			}
		}
		if err := r.showStarts(batch); err != nil {
			return err
		}
		if begun && r.finished != nil {
			r.finished <- span{first, len(batch)}
		}
	}
	return r.rescue(ctx)
}

// result collects what the tasks from first on made for one set of options.
func (r *run) result(o Options, first int) *Result {
	count := len(r.target.Filters)
	result := &Result{
		Layer: r.target.Layer, Filters: slices.Clone(r.target.Filters), Objective: r.target.Objective, Options: o,
		Backend: r.target.Backend, Loss: make([][]float32, count), Dead: make([]bool, count),
		Fates: make([]Fate, count), Stopped: r.stopped, Time: r.time,
		Origin: r.target.Origin,
	}
	result.Time.Load = r.target.Load
	for i, t := range r.tasks[first : first+count] {
		result.Loss[i] = t.loss
		if t.quiet && t.fate.Life == Alive {
			t.fate.Life = Dead
		}
		result.Fates[i] = t.fate
		result.Dead[i] = !t.fate.Shown() && len(t.loss) > 0
		result.Stopped = result.Stopped || len(t.loss) < t.steps
	}
	values := r.pictures[first*r.pixels : (first+count)*r.pixels]
	result.Pictures = tensors.FromFlatDataAndDimensions(values, count, o.Height, o.Width, r.target.channels())
	return result
}

// announce starts the goroutine that calls Finished, and returns what waits for its last call.
func (r *run) announce() (wait func()) {
	if r.options.Finished == nil {
		return func() {}
	}
	r.finished = make(chan span, 2*len(r.tasks)) // never full: each picture is done once, and rescued once
	done := make(chan struct{})
	go func() {
		defer close(done)
		for s := range r.finished {
			values := slices.Clone(r.pictures[s.first*r.pixels : (s.first+s.count)*r.pixels])
			r.options.Finished(s.first, tensors.FromFlatDataAndDimensions(values, s.count, r.options.Height,
				r.options.Width, r.target.channels()))
		}
	}()
	return func() {
		close(r.finished)
		<-done
	}
}

// climb takes one batch, the tasks at those positions, all its steps, octave by octave. A batch that the tasks don't
// fill is filled with its last picture, so that one compiled program serves all batches.
func (r *run) climb(ctx context.Context, batch []int, redirect bool, waking Waking) error {
	m, height, width := r.options.Method, r.options.Height, r.options.Width
	members := make([]int, r.batch)
	filters := make([]int32, r.batch)
	steps := 0
	for i := range members {
		members[i] = batch[min(i, len(batch)-1)]
		filters[i] = int32(r.tasks[members[i]].filter)
		steps = max(steps, r.tasks[members[i]].steps)
	}
	b := &ascending{
		run: r, batch: batch, members: members, steps: steps,
		filters: tensors.FromFlatDataAndDimensions(filters, r.batch),
	}
	sizes := m.octaveSizes(height, width)
	for octave, size := range sizes {
		f := form{method: m, waking: waking, height: size[0], width: size[1], shown: [2]int{height, width}}
		if err := b.begin(f); err != nil {
			return err
		}
		last := steps * (octave + 1) / len(sizes)
		if redirect && octave == 0 {
			f.waking = Redirected
			if err := b.climb(ctx, f, min(redirectedSteps, last)); err != nil {
				return err
			}
			f.waking = waking
		}
		if err := b.climb(ctx, f, last); err != nil {
			return err
		}
		if b.step == 0 && ctx.Err() != nil {
			return nil // the start is shown, so no further octave is compiled
		}
		if err := b.keep(); err != nil {
			return err
		}
	}
	return nil
}
