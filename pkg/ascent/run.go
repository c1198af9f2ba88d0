// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
)

// ErrDiverged is returned, wrapped, when a loss or a gradient stops being a number.
var ErrDiverged = errors.New("the ascent diverged")

// Run climbs from noise, or from the given start, to one picture for each of the target's filters.
//
// When ctx ends, Run stops within one step and returns what there is, with Stopped set and no error. It returns an [*OptionError] or
// a [*MemoryError] before anything starts, and [ErrDiverged] when numbers overflow.
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

// MustRun is [Run] for notebook cells and small programs: an interrupt, such as the notebook's Stop button, ends it early
// with what there is, and errors panic.
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
	if err := o.check(len(t.Filters)); err != nil {
		return o, err
	}
	if t.CheckSize != nil {
		if err := t.CheckSize(o.Height, o.Width); err != nil {
			return o, &OptionError{Option: "size", Problem: err.Error()}
		}
	}
	return o, nil
}

// together runs settled options of one size as one job: their pictures share batches. Batch, Progress and Finished are the first's.
func together(ctx context.Context, target Target, all []Options) ([]*Result, error) {
	first := all[0]
	batch, err := target.batch(first, len(all)*len(target.Filters))
	if err != nil {
		return nil, err
	}
	r := &run{target: target, options: first, batch: batch, pixels: first.Height * first.Width * 3}
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
	total    int       // steps of all tasks
	pictures []float32 // [tasks, height, width, 3]
	finished chan int  // first tasks of the batches that are done
	time     Time
}

// task is one picture on its way.
type task struct {
	filter, steps int
	step          float32
	quiet         bool // loss and gradient were zero so far
	loss          []float32
}

// add appends a task for each filter and its start picture.
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
		picture := make([]float32, r.pixels)
		switch {
		case start == nil:
			Noise(picture, o.Seed, filter)
		case len(start) == r.pixels:
			copy(picture, start)
		default:
			copy(picture, start[i*r.pixels:])
		}
		r.pictures = append(r.pictures, picture...)
		r.tasks = append(r.tasks, task{filter: filter, steps: o.Steps, step: float32(o.Step), quiet: true})
		r.total += o.Steps
	}
	return nil
}

// climbAll runs batch after batch.
func (r *run) climbAll(ctx context.Context) error {
	defer r.announce()()
	climber := r.target.Climber
	climber.mu.Lock()
	defer climber.mu.Unlock()
	done := 0
	for first := 0; first < len(r.tasks) && ctx.Err() == nil; first += r.batch {
		tasks := r.tasks[first:min(first+r.batch, len(r.tasks))]
		if err := r.climb(ctx, first, done, tasks); err != nil {
			return err
		}
		for _, t := range tasks {
			done += t.steps
		}
	}
	return nil
}

// result collects what the tasks from first on made for one set of options.
func (r *run) result(o Options, first int) *Result {
	count := len(r.target.Filters)
	result := &Result{
		Layer: r.target.Layer, Filters: slices.Clone(r.target.Filters), Options: o, Backend: r.target.Backend,
		Loss: make([][]float32, count), Dead: make([]bool, count), Time: r.time,
	}
	result.Time.Load = r.target.Load
	for i, t := range r.tasks[first : first+count] {
		result.Loss[i] = t.loss
		result.Dead[i] = t.quiet && len(t.loss) > 0
		result.Stopped = result.Stopped || len(t.loss) < t.steps
	}
	values := r.pictures[first*r.pixels : (first+count)*r.pixels]
	result.Pictures = tensors.FromFlatDataAndDimensions(values, count, o.Height, o.Width, 3)
	return result
}

// announce starts the goroutine that calls Finished, and returns what waits for its last call.
func (r *run) announce() (wait func()) {
	if r.options.Finished == nil {
		return func() {}
	}
	r.finished = make(chan int, len(r.tasks)) // never full
	done := make(chan struct{})
	go func() {
		defer close(done)
		for first := range r.finished {
			count := min(r.batch, len(r.tasks)-first)
			values := slices.Clone(r.pictures[first*r.pixels : (first+count)*r.pixels])
			r.options.Finished(first, tensors.FromFlatDataAndDimensions(values, count, r.options.Height, r.options.Width, 3))
		}
	}()
	return func() {
		close(r.finished)
		<-done
	}
}

// climb takes one batch, the tasks from first on, all its steps. A batch that the tasks don't fill is filled with its last picture,
// so that one compiled program serves all batches. done is how many steps all batches before took together.
func (r *run) climb(ctx context.Context, first, done int, tasks []task) error {
	o, climber := r.options, r.target.Climber
	values := make([]float32, r.batch*r.pixels)
	indices := make([]int32, r.batch)
	steps := 0
	for i := range r.batch {
		source := min(i, len(tasks)-1)
		copy(values[i*r.pixels:], r.pictures[(first+source)*r.pixels:(first+source+1)*r.pixels])
		indices[i] = int32(tasks[source].filter)
		steps = max(steps, tasks[source].steps)
	}
	compile, err := climber.compile(r.batch, o.Height, o.Width)
	if err != nil {
		return err
	}
	r.time.Compile += compile

	began := time.Now()
	pictures := tensors.FromFlatDataAndDimensions(values, r.batch, o.Height, o.Width, 3)
	filters := tensors.FromFlatDataAndDimensions(indices, r.batch)
	if err := pictures.ToDevice(climber.backend, 0); err != nil {
		return fmt.Errorf("moving the pictures to the device: %w", err)
	}
	var lengths *tensors.Tensor
	for step := 1; step <= steps && ctx.Err() == nil; step++ {
		if changed := lengthsAt(tasks, step, r.batch); step == 1 || !slices.Equal(changed, lengthsAt(tasks, step-1, r.batch)) {
			lengths = tensors.FromFlatDataAndDimensions(changed, r.batch)
		}
		next, losses, rms, err := climber.step(pictures, filters, lengths)
		if err != nil {
			return fmt.Errorf("step %d of %d for %s: %w", step, steps, r.target.Layer, err)
		}
		pictures = next
		taken, err := r.note(tasks, step, losses, rms)
		if err != nil {
			return err
		}
		done += taken
		if o.Progress != nil {
			p := Progress{
				Done: done, Total: r.total, First: first, Step: step, Steps: steps,
				Loss: losses[:len(tasks)], Dead: make([]bool, len(tasks)), Pictures: pictures,
			}
			for i, t := range tasks {
				p.Dead[i] = t.quiet
			}
			o.Progress(p)
		}
	}
	err = tensors.ConstFlatData(pictures, func(flat []float32) {
		copy(r.pictures[first*r.pixels:], flat[:len(tasks)*r.pixels])
	})
	if err != nil {
		return fmt.Errorf("fetching the pictures: %w", err)
	}
	r.time.Ascent += time.Since(began)
	if r.finished != nil {
		r.finished <- first
	}
	return nil
}

// lengthsAt is how far each picture of a batch moves in that step: not at all once it has taken its own steps.
func lengthsAt(tasks []task, step, batch int) []float32 {
	lengths := make([]float32, batch)
	for i := range lengths {
		if t := tasks[min(i, len(tasks)-1)]; step <= t.steps {
			lengths[i] = t.step
		}
	}
	return lengths
}

// note keeps the losses of a step, notices numbers that are none and filters that are not dead, and counts the tasks that took the step.
func (r *run) note(tasks []task, step int, losses, rms []float32) (taken int, err error) {
	for i := range tasks {
		t := &tasks[i]
		if step > t.steps {
			continue
		}
		loss, gradient := float64(losses[i]), float64(rms[i])
		if bad := loss + gradient; math.IsNaN(bad) || math.IsInf(bad, 0) {
			return 0, fmt.Errorf("%w: the loss of %s filter %d is %g and its gradient %g at step %d of %d; try a smaller step",
				ErrDiverged, r.target.Layer, t.filter, loss, gradient, step, t.steps)
		}
		t.loss = append(t.loss, losses[i])
		t.quiet = t.quiet && loss == 0 && gradient == 0
		taken++
	}
	return taken, nil
}
