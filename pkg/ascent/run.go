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
	o := options.withDefaults()
	if err := o.check(len(target.Filters)); err != nil {
		return nil, err
	}
	if target.CheckSize != nil {
		if err := target.CheckSize(o.Height, o.Width); err != nil {
			return nil, &OptionError{Option: "size", Problem: err.Error()}
		}
	}
	batch, err := target.batch(o)
	if err != nil {
		return nil, err
	}
	r := &run{target: target, options: o, batch: batch, pixels: o.Height * o.Width * 3}
	return r.all(ctx)
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

// run is one call of Run.
type run struct {
	target   Target
	options  Options
	batch    int // pictures at once
	pixels   int // float32 values in a picture
	start    []float32
	pictures []float32 // [filters, height, width, 3]
	quiet    []bool    // loss and gradient were zero so far
	finished chan int  // first filters of the batches that are done
	result   *Result
}

// all runs batch after batch.
func (r *run) all(ctx context.Context) (*Result, error) {
	filters := r.target.Filters
	r.result = &Result{
		Layer: r.target.Layer, Filters: slices.Clone(filters), Options: r.options, Backend: r.target.Backend,
		Loss: make([][]float32, len(filters)), Dead: make([]bool, len(filters)),
		Time: Time{Load: r.target.Load},
	}
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.announce()()
	climber := r.target.Climber
	climber.mu.Lock()
	defer climber.mu.Unlock()
	for first := 0; first < len(filters) && ctx.Err() == nil; first += r.batch {
		if err := r.climb(ctx, first); err != nil {
			return nil, err
		}
	}
	r.result.Stopped = slices.ContainsFunc(r.result.Loss, func(l []float32) bool { return len(l) < r.options.Steps })
	for i, quiet := range r.quiet {
		r.result.Dead[i] = quiet && len(r.result.Loss[i]) > 0
	}
	r.result.Pictures = tensors.FromFlatDataAndDimensions(r.pictures,
		len(filters), r.options.Height, r.options.Width, 3)
	return r.result, nil
}

// announce starts the goroutine that calls Finished, and returns what waits for its last call.
func (r *run) announce() (wait func()) {
	if r.options.Finished == nil {
		return func() {}
	}
	r.finished = make(chan int, len(r.target.Filters)) // never full
	done := make(chan struct{})
	go func() {
		defer close(done)
		for first := range r.finished {
			count := min(r.batch, len(r.target.Filters)-first)
			values := slices.Clone(r.pictures[first*r.pixels : (first+count)*r.pixels])
			r.options.Finished(first, tensors.FromFlatDataAndDimensions(values, count, r.options.Height, r.options.Width, 3))
		}
	}()
	return func() {
		close(r.finished)
		<-done
	}
}

// begin fills the pictures with their start.
func (r *run) begin() error {
	filters := r.target.Filters
	r.pictures = make([]float32, len(filters)*r.pixels)
	r.quiet = make([]bool, len(filters))
	if r.options.Start != nil {
		values, err := tensors.CopyFlatData[float32](r.options.Start)
		if err != nil {
			return fmt.Errorf("reading the start picture: %w", err)
		}
		r.start = values
	}
	for i, filter := range filters {
		r.quiet[i] = true
		picture := r.picture(i)
		switch {
		case r.start == nil:
			Noise(picture, r.options.Seed, filter)
		case len(r.start) == r.pixels:
			copy(picture, r.start)
		default:
			copy(picture, r.start[i*r.pixels:])
		}
	}
	return nil
}

// picture is the i-th picture's values.
func (r *run) picture(i int) []float32 { return r.pictures[i*r.pixels : (i+1)*r.pixels] }

// climb takes one batch, the pictures from first on, all its steps. A batch that the filters don't fill is filled
// with its last picture, so that one compiled program serves all batches.
func (r *run) climb(ctx context.Context, first int) error {
	o, climber := r.options, r.target.Climber
	count := min(r.batch, len(r.target.Filters)-first)
	values := make([]float32, r.batch*r.pixels)
	indices := make([]int32, r.batch)
	for i := range r.batch {
		source := first + min(i, count-1)
		copy(values[i*r.pixels:], r.picture(source))
		indices[i] = int32(r.target.Filters[source])
	}
	compile, err := climber.compile(r.batch, o.Height, o.Width)
	if err != nil {
		return err
	}
	r.result.Time.Compile += compile

	began := time.Now()
	pictures := tensors.FromFlatDataAndDimensions(values, r.batch, o.Height, o.Width, 3)
	filters := tensors.FromFlatDataAndDimensions(indices, r.batch)
	length := tensors.FromScalar(float32(o.Step))
	if err := pictures.ToDevice(climber.backend, 0); err != nil {
		return fmt.Errorf("moving the pictures to the device: %w", err)
	}
	for step := 1; step <= o.Steps && ctx.Err() == nil; step++ {
		next, losses, rms, err := climber.step(pictures, filters, length)
		if err != nil {
			return fmt.Errorf("step %d of %d for %s: %w", step, o.Steps, r.target.Layer, err)
		}
		pictures = next
		if err := r.note(first, count, step, losses, rms); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(Progress{
				Done: first*o.Steps + step*count, Total: len(r.target.Filters) * o.Steps,
				First: first, Step: step, Steps: o.Steps, Loss: losses[:count], Pictures: pictures,
			})
		}
	}
	err = tensors.ConstFlatData(pictures, func(flat []float32) {
		copy(r.pictures[first*r.pixels:], flat[:count*r.pixels])
	})
	if err != nil {
		return fmt.Errorf("fetching the pictures: %w", err)
	}
	r.result.Time.Ascent += time.Since(began)
	if r.finished != nil {
		r.finished <- first
	}
	return nil
}

// note keeps the losses of a step and notices numbers that are none and filters that are not dead.
func (r *run) note(first, count, step int, losses, rms []float32) error {
	for i := range count {
		loss, gradient := float64(losses[i]), float64(rms[i])
		if bad := loss + gradient; math.IsNaN(bad) || math.IsInf(bad, 0) {
			return fmt.Errorf("%w: the loss of %s filter %d is %g and its gradient %g at step %d of %d; try a smaller step",
				ErrDiverged, r.target.Layer, r.target.Filters[first+i], loss, gradient, step, r.options.Steps)
		}
		r.result.Loss[first+i] = append(r.result.Loss[first+i], losses[i])
		r.quiet[first+i] = r.quiet[first+i] && loss == 0 && gradient == 0
	}
	return nil
}
