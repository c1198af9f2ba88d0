// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// ascending is a batch of a run on its way up.
type ascending struct {
	*run
	batch   []int // positions of the tasks
	members []int // the same, filled up to the batch's size
	filters *tensors.Tensor
	steps   int // of the task that takes most
	step    int // taken so far
	state   *state
	started [][]float32 // the parameters that this octave began with
	program *program
	pace    time.Duration // of the last steps, each
	kept    [][]float32   // each member's picture at the end of the last octave, [height, width, 3]
	size    [2]int        // of those
}

// begin puts the pictures' parameters on the device: from their start, or from the octave before.
func (b *ascending) begin(f form) error {
	shapes := f.shapes()
	parameters := make([][]float32, len(shapes))
	for i, member := range b.members {
		var own [][]float32
		if b.kept != nil {
			levels := resized(b.kept[i], b.size[0], b.size[1], f.height, f.width)
			if f.method.Color == Gray { // which has one value for all channels
				levels = Gray.invert(levels, f.method.width())
			}
			own = [][]float32{levels}
		} else {
			own = f.method.begin(b.tasks[member], b.options, f.height, f.width)
		}
		for k := range own {
			parameters[k] = append(parameters[k], own[k]...)
		}
	}
	b.started = parameters
	b.state = &state{parameters: len(shapes)}
	put := func(values []float32, shape []int) error {
		t := tensors.FromFlatDataAndDimensions(values, append([]int{len(b.members)}, shape...)...)
		if err := t.ToDevice(b.target.Climber.backend, 0); err != nil {
			return fmt.Errorf("moving the pictures to the device: %w", err)
		}
		b.state.tensors = append(b.state.tensors, t)
		return nil
	}
	for k, shape := range shapes {
		if err := put(parameters[k], shape); err != nil {
			return err
		}
	}
	for _, shape := range shapes {
		for range f.method.optimizer().slots() {
			if err := put(make([]float32, len(b.members)*volume(shape)), shape); err != nil {
				return err
			}
		}
	}
	if f.decoded() {
		b.state.shown = zeros(len(b.members), f.shown[0], f.shown[1], f.method.width())
	}
	return nil
}

// climb takes steps up to the last one.
func (b *ascending) climb(ctx context.Context, f form, last int) error {
	program, compile, err := b.target.Climber.program(f, len(b.members))
	if err != nil {
		return err
	}
	b.time.Compile += compile
	b.program = program
	began := time.Now()
	defer func() { b.time.Ascent += time.Since(began) }()
	for first := b.step; b.step < last && ctx.Err() == nil; {
		if b.step > first && b.settled(f) {
			return b.idle(last)
		}
		if err := b.stride(f, min(b.ahead(), last-b.step)); err != nil {
			return err
		}
	}
	return nil
}

// patience is about how long one call of the program may take, so that a run can be stopped.
const patience = 400 * time.Millisecond

// ahead is how many steps the next call takes: one where each is watched, and at first, since silent filters and steps
// that are too short show there; then as many as patience allows.
func (b *ascending) ahead() int {
	if b.step == 0 || !b.target.Climber.source.Loops {
		return 1
	}
	allowed := patience
	if b.options.Progress != nil {
		allowed = min(allowed, b.options.Every)
	}
	return int(min(max(allowed/max(b.pace, 1), 1), stepsAtOnce))
}

// stride takes so many steps in one call.
func (b *ascending) stride(f form, steps int) error {
	began := time.Now()
	next, losses, rms, err := b.target.Climber.climb(b.program, b.state, b.filters, steps, b.varying(f, steps))
	if err != nil {
		return fmt.Errorf("step %d of %d for %s: %w", b.step+1, b.steps, b.target.Layer, err)
	}
	b.pace = time.Since(began) / time.Duration(steps)
	b.state = next
	for i := range steps {
		b.step++
		if err := b.note(losses[i], rms[i]); err != nil {
			return err
		}
		if b.step == 1 {
			if err := b.moved(f, rms[i]); err != nil {
				return err
			}
			b.started = nil
		}
	}
	return b.report(losses[steps-1])
}

// settled says that no further step moves any of the batch's pictures: all gradients are zero, and the next step
// computes the same again.
func (b *ascending) settled(f form) bool {
	for _, member := range b.batch {
		if !b.tasks[member].quiet {
			return false
		}
	}
	return f.waking == Unaided && f.drawn() == 0 && f.method.optimizer().slots() == 0
}

// idle notes the steps up to the last as taken, without computing them.
func (b *ascending) idle(last int) error {
	losses := make([]float32, len(b.members))
	for i, member := range b.members {
		losses[i] = b.tasks[member].last()
	}
	for b.step < last {
		b.step++
		for _, member := range b.batch {
			if t := &b.tasks[member]; b.step <= t.steps {
				t.loss = append(t.loss, t.last())
				b.done++
			}
		}
		if err := b.report(losses); err != nil {
			return err
		}
	}
	return nil
}

// varying is what the next steps take that differs from one to the other.
func (b *ascending) varying(f form, steps int) []*tensors.Tensor {
	count, n := len(b.members), f.drawn()
	lengths := make([]float32, 0, stepsAtOnce*count)
	clock := make([]float32, 0, stepsAtOnce*count*2)
	draws := make([]float32, stepsAtOnce*count*n)
	for i := range steps {
		step := b.step + 1 + i
		lengths = append(lengths, b.lengthsAt(step)...)
		for k, member := range b.members {
			t := &b.tasks[member]
			clock = append(clock, float32(step), float32(step-1)/float32(max(t.steps-1, 1)))
			if n > 0 {
				drawsOf(draws[(i*count+k)*n:][:n], t.seed, t.filter, step)
			}
		}
	}
	varying := []*tensors.Tensor{tensors.FromFlatDataAndDimensions(lengths[:cap(lengths)], stepsAtOnce, count)}
	if f.timed() {
		varying = append(varying, tensors.FromFlatDataAndDimensions(clock[:cap(clock)], stepsAtOnce, count, 2))
	}
	if n > 0 {
		varying = append(varying, tensors.FromFlatDataAndDimensions(draws, stepsAtOnce, count, n))
	}
	return varying
}

// lengthsAt is how far each picture moves in that step: not at all once it has taken its own steps.
func (b *ascending) lengthsAt(step int) []float32 {
	lengths := make([]float32, len(b.members))
	for i, member := range b.members {
		if t := b.tasks[member]; step <= t.steps {
			lengths[i] = t.step
		}
	}
	return lengths
}

// note keeps the losses of a step, notices numbers that are none and filters that are not dead.
func (b *ascending) note(losses, rms []float32) error {
	for i, member := range b.batch {
		t := &b.tasks[member]
		if b.step > t.steps {
			continue
		}
		loss, gradient := float64(losses[i]), float64(rms[i])
		if bad := loss + gradient; math.IsNaN(bad) || math.IsInf(bad, 0) {
			advice := "try a smaller step"
			if b.step == 1 {
				advice = b.notNumbers()
			}
			return fmt.Errorf("%w: the loss of %s filter %d is %g and its gradient %g at step %d of %d; %s",
				ErrDiverged, b.target.Layer, t.filter, loss, gradient, b.step, t.steps, advice)
		}
		t.loss = append(t.loss, losses[i])
		t.still = gradient == 0
		t.quiet = t.quiet && t.still
		b.done++
	}
	return nil
}

// tinyPart is which part of a method's usual step is so short that one asks whether it moves anything.
const tinyPart = 1e-3

// moved returns an error when the first step was so short that it left every picture as it was, to the last digit.
func (b *ascending) moved(f form, rms []float32) error {
	usual := cmp.Or(f.method.Step, BookStep)
	climbs := false
	for i, member := range b.batch {
		step := math.Abs(float64(b.tasks[member].step))
		if step >= tinyPart*math.Abs(usual) {
			return nil
		}
		climbs = climbs || rms[i] > 0
	}
	if !climbs {
		return nil // silence has other reasons
	}
	for k, start := range b.started {
		now, err := tensors.CopyFlatData[float32](b.state.tensors[k])
		if err != nil {
			return fmt.Errorf("fetching the pictures: %w", err)
		}
		if !slices.Equal(start, now) {
			return nil
		}
	}
	return &OptionError{Option: "step",
		Problem: fmt.Sprintf("%g is so short that nothing moves: float32 keeps seven digits; give a number such as %g",
			b.tasks[b.batch[0]].step, usual)}
}

// notNumbers says what made the first step's numbers none, before anything moved.
func (b *ascending) notNumbers() string {
	for variable := range b.target.Climber.store.IterVariables() {
		value, err := variable.Value()
		if err != nil || value.DType() != dtypes.Float32 {
			continue
		}
		flat, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			continue
		}
		if at := slices.IndexFunc(flat, func(v float32) bool { return v-v != 0 }); at >= 0 {
			return fmt.Sprintf("the weights hold %g in %s, value %d",
				flat[at], strings.TrimPrefix(variable.Path(), "/"), at)
		}
	}
	if b.options.Start != nil {
		largest := float32(0)
		for _, member := range b.batch {
			for _, v := range b.tasks[member].start {
				largest = max(largest, v, -v)
			}
		}
		if largest > 1e4 {
			return fmt.Sprintf("the start picture goes up to %g, where gray levels end at 255", largest)
		}
	}
	return "nothing has moved yet, so look at the model and at the factors of the objective and the method"
}

// report calls Progress.
func (b *ascending) report(losses []float32) error {
	if b.options.Progress == nil {
		return nil
	}
	shown := b.state.shown
	if b.step == b.steps { // the step shows what it began with
		var err error
		if shown, err = b.program.pictures(b.state); err != nil {
			return fmt.Errorf("decoding the pictures: %w", err)
		}
	}
	p := Progress{
		Done: b.done, Total: b.total, First: b.batch[0], Positions: b.batch, Step: b.step, Steps: b.steps,
		Loss: losses[:len(b.batch)], Dead: make([]bool, len(b.batch)), Pictures: shown, Method: b.options.Method,
	}
	for i, member := range b.batch {
		p.Dead[i] = b.tasks[member].quiet
	}
	b.options.Progress(p)
	return nil
}

// keep fetches the pictures, for the run's result or the next octave.
func (b *ascending) keep() error {
	if b.program == nil {
		return nil // stopped before it began
	}
	began := time.Now()
	defer func() { b.time.Ascent += time.Since(began) }()
	pictures, err := b.program.pictures(b.state)
	if err != nil {
		return fmt.Errorf("decoding the pictures: %w", err)
	}
	f := b.program.form
	err = tensors.ConstFlatData(pictures, func(flat []float32) {
		size := f.height * f.width * f.method.width()
		b.kept, b.size = nil, [2]int{f.height, f.width}
		for i := range b.members {
			b.kept = append(b.kept, slices.Clone(flat[i*size:(i+1)*size]))
		}
	})
	if err != nil {
		return fmt.Errorf("fetching the pictures: %w", err)
	}
	for i, member := range b.batch {
		whole := resized(b.kept[i], f.height, f.width, b.options.Height, b.options.Width)
		copy(b.pictures[member*b.pixels:(member+1)*b.pixels], whole)
	}
	return nil
}
