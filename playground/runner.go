// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package playground

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"slices"
	"sync"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/ascent"
)

const (
	// frameTime is the least time between two live pictures: five a second.
	frameTime = 200 * time.Millisecond
	// frameShare bounds what pictures may take of the run: after one that took t to make, 25 t pass before the next.
	frameShare = 25
)

// frame is a look at a running ascent.
type frame struct {
	run         int
	step, steps int
	loss        []float32 // so far
	dead        bool
	perStep     time.Duration
	img         image.Image // nil when only the numbers are new
	jpeg        []byte
}

// outcome is the end of a run.
type outcome struct {
	run     int
	setting setting
	result  *ascent.Result // nil with an error
	err     error
}

// runner runs one ascent at a time, always the one that was asked for last.
type runner struct {
	frames   chan frame
	outcomes chan outcome

	mu     sync.Mutex
	next   *order
	cancel context.CancelFunc
	wake   chan struct{}
}

// order is a run that is asked for.
type order struct {
	run     int
	setting setting
	stopped bool // before it began
}

func newRunner() *runner {
	return &runner{frames: make(chan frame, 1), outcomes: make(chan outcome, 16), wake: make(chan struct{}, 1)}
}

// start ends the run that is on, and runs the setting.
func (r *runner) start(run int, s setting) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next = &order{run: run, setting: s}
	if r.cancel != nil {
		r.cancel()
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// stop ends the run that is on within a step, and the one that waits for its turn at its first; their outcomes come as
// those of any run.
func (r *runner) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next != nil {
		r.next.stopped = true
	}
	if r.cancel != nil {
		r.cancel()
	}
}

// serve runs what is asked for until ctx ends. It closes outcomes.
func (r *runner) serve(ctx context.Context) {
	defer close(r.outcomes)
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		}
		r.mu.Lock()
		next := r.next
		r.next = nil
		runCtx, cancel := context.WithCancel(ctx)
		r.cancel = cancel
		r.mu.Unlock()
		if next == nil {
			cancel()
			continue
		}
		if next.stopped {
			cancel()
		}
		result, err := r.ascend(runCtx, *next)
		cancel()
		r.outcomes <- outcome{next.run, next.setting, result, err}
	}
}

// ascend runs one setting.
func (r *runner) ascend(ctx context.Context, o order) (*ascent.Result, error) {
	target, err := o.setting.of.net.Channel(o.setting.layer, o.setting.filter)
	if err != nil {
		return nil, err
	}
	options := o.setting.options()
	look := &looker{runner: r, run: o.run, method: options.Method}
	options.Progress = look.step
	result, err := ascent.Run(ctx, target, options)
	look.wait()
	return result, err
}

// looker makes frames of a run beside it.
type looker struct {
	runner *runner
	run    int
	method ascent.Method
	began  time.Time
	due    time.Time
	loss   []float32
	busy   sync.WaitGroup
	mu     sync.Mutex
	cost   time.Duration // of the last frame
	making bool
}

// step is called after each step of the ascent; it copies the picture when a frame is due, and no more.
func (l *looker) step(p ascent.Progress) {
	now := time.Now()
	if l.began.IsZero() {
		l.began = now
	}
	if p.Step == 1 {
		l.loss = nil // again, to wake a silent filter
	}
	l.loss = append(l.loss, p.Loss[0])
	l.mu.Lock()
	making, cost := l.making, l.cost
	l.mu.Unlock()
	if making || now.Before(l.due) || p.Step == p.Steps {
		return
	}
	l.due = now.Add(max(frameTime, frameShare*cost))
	values, err := tensors.CopyFlatData[float32](p.Pictures)
	if err != nil {
		return // the run itself will say so
	}
	dims := slices.Clone(p.Pictures.Shape().Dimensions)
	f := frame{run: l.run, step: p.Step, steps: p.Steps, loss: slices.Clone(l.loss), dead: p.Dead[0]}
	if p.Step > 1 {
		f.perStep = now.Sub(l.began) / time.Duration(p.Step-1)
	}
	l.mu.Lock()
	l.making = true
	l.mu.Unlock()
	l.busy.Go(func() {
		start := time.Now()
		f.img, f.jpeg = draw(l.method, tensors.FromFlatDataAndDimensions(values, dims...))
		l.mu.Lock()
		l.cost, l.making = time.Since(start), false
		l.mu.Unlock()
		select {
		case l.runner.frames <- f:
		default: // the panel still shows the last one
		}
	})
}

// wait waits for the frame that is being made.
func (l *looker) wait() { l.busy.Wait() }

// draw shows the first picture as its method does and encodes it for the page.
func draw(method ascent.Method, x *tensors.Tensor) (image.Image, []byte) {
	images, err := method.Images(x)
	if err != nil {
		return nil, nil
	}
	var buffer bytes.Buffer
	if jpeg.Encode(&buffer, images[0], &jpeg.Options{Quality: 88}) != nil {
		return nil, nil
	}
	return images[0], buffer.Bytes()
}
