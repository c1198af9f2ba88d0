// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize/english"

	"convscope/pkg/picture"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// The book's values, which the zero [Options] stand for.
const (
	BookSize  = 150 // pixels, height and width
	BookSteps = 40
	BookStep  = 1.0
	BookSeed  = 1 // ours: the book draws unseeded noise
)

// Options are the knobs. The zero value is the book's recipe: 150x150 pixels, 40 steps of 1.0 from gray noise.
type Options struct {
	// Method is how the pictures are made; the zero value is the book's way. Size, Steps and Step have the method's
	// defaults.
	Method Method
	// NoRescue leaves silent filters dead, as the book does. Without it they are woken, one way after the other, until
	// they answer; the fates in the result say how.
	NoRescue bool
	// Size is the side of a square picture in pixels; 0 means 150, or the size of Start.
	Size int
	// Height and Width make a picture that is not square; when they are 0, Size holds.
	Height, Width int
	// Steps is how many times the picture moves uphill; 0 means 40.
	Steps int
	// Step is the length of one step: in gray levels (root mean square over the picture) with the book's method,
	// otherwise in what the method's optimizer makes of it; 0 means 1.0. A negative step goes downhill.
	Step float64
	// Seed chooses the noise that the pictures start from; 0 means 1. The same seed gives filter 7 the same start
	// alone or in a grid.
	Seed uint64
	// Start replaces the noise: float32 [1, height, width, channels], or one for each filter, [filters, height, width,
	// channels].
	// Gray levels from 0 to 255 are usual; every value must be finite.
	Start *tensors.Tensor
	// Batch is how many pictures climb at once; 0 chooses from the memory that is free.
	Batch int
	// Fixed makes each batch one of exactly Batch pictures, filled up with copies: what a picture is, to the last digit,
	// then depends neither on how many others there are nor on the memory. What does not fit is a [*MemoryError].
	Fixed bool
	// Progress, when not nil, is called after every step.
	Progress func(Progress)
	// Every is how much time may pass between two calls of Progress; 0 is for a call after every step. With time to
	// spare, several steps are one call of the device, which is faster.
	Every time.Duration
	// Stops are steps after which Progress is called whatever Every says, in order.
	Stops []int
	// Finished, when not nil, gets the final pictures of each batch, float32 [n, height, width, 3] in host memory,
	// while the next batch climbs: a place to deprocess and show them at no cost. first is the position of the first
	// in the target's filters. The calls come in order, one at a time, from another goroutine, and [Run] returns after
	// the last. Rescued pictures come once more, one by one.
	Finished func(first int, pictures *tensors.Tensor)
}

// String shows the knobs on one line.
func (o Options) String() string {
	o = o.withDefaults()
	parts := []string{fmt.Sprintf("%dx%d px", o.Height, o.Width),
		fmt.Sprintf("%s of %g", english.Plural(o.Steps, "step", ""), o.Step)}
	if name := o.Method.String(); name != "book" {
		parts = append([]string{name}, parts...)
	}
	if o.Start != nil {
		parts = append(parts, "from a given start")
	} else {
		parts = append(parts, fmt.Sprintf("seed %d", o.Seed))
	}
	return strings.Join(parts, ", ")
}

// withDefaults fills the zero fields in.
func (o Options) withDefaults() Options {
	if o.Start != nil && o.Size == 0 && o.Height == 0 && o.Width == 0 && o.Start.Rank() == 4 {
		o.Height, o.Width = o.Start.Shape().Dim(1), o.Start.Shape().Dim(2)
	}
	if o.Size == 0 {
		o.Size = cmp.Or(o.Method.Size, BookSize)
	}
	if o.Height == 0 {
		o.Height = o.Size
	}
	if o.Width == 0 {
		o.Width = o.Size
	}
	if o.Steps == 0 {
		o.Steps = cmp.Or(o.Method.Steps, BookSteps)
	}
	if o.Step == 0 {
		o.Step = cmp.Or(o.Method.Step, BookStep)
	}
	if o.Seed == 0 {
		o.Seed = BookSeed
	}
	return o
}

// Both returns a callback for [Options.Progress] that calls two, in order; either may be nil.
func Both(first, second func(Progress)) func(Progress) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(p Progress) {
		first(p)
		second(p)
	}
}

// OptionError says which option can't be used, what it was and what is needed.
type OptionError struct {
	// Option is the field's name in lower case, such as "size".
	Option string
	// Problem is what was given and what is needed.
	Problem string
}

// Error joins the option and the problem.
func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

// Check returns an [*OptionError] for the first option that makes no sense for that many pictures, as [Run] does. Only
// a target can tell whether its layer takes the size.
func (o Options) Check(pictures int) error { return o.withDefaults().check(pictures, 0) }

// maxSide keeps height times width times channels far from overflow; no machine reaches it.
const maxSide = 1 << 16

// check returns an [*OptionError] for the first option that makes no sense for that many filters, and pictures of so
// many channels; 0 if that isn't known.
func (o Options) check(filters, channels int) error {
	bad := func(option, format string, args ...any) error {
		return &OptionError{Option: option, Problem: fmt.Sprintf(format, args...)}
	}
	switch {
	case o.Height < 1 || o.Width < 1:
		return bad("size", "%dx%d is no picture: height and width must be at least 1 pixel", o.Height, o.Width)
	case o.Height > maxSide || o.Width > maxSide:
		return bad("size", "%dx%d is too large: at most %d pixels a side", o.Height, o.Width, maxSide)
	case o.Steps < 0:
		return bad("steps", "%d is negative: give the number of steps, such as %d", o.Steps, BookSteps)
	case math.IsNaN(o.Step) || math.IsInf(o.Step, 0):
		return bad("step", "%g is no length: give a finite number, such as %g", o.Step, BookStep)
	case math.Abs(o.Step) > math.MaxFloat32/256:
		return bad("step", "%g is too long for float32: give a number such as %g", o.Step, BookStep)
	case o.Fixed && o.Batch < 1:
		return bad("batch", "a fixed one takes a number, such as %d", preferredBatch)
	case o.Batch < 0:
		return bad("batch", "%d is negative: give how many pictures climb at once, or 0 to choose by memory", o.Batch)
	case filters < 1:
		return bad("filters", "none given: name at least one")
	}
	m := o.Method
	if err := m.check(o.Height, o.Width); err != nil {
		return bad("method", "%v", err)
	}
	switch {
	case float32(o.Step) == 0:
		return bad("step", "%g is too short for float32: give a number such as %g", o.Step, BookStep)
	case !(m.Stretch >= 0) || m.Stretch > math.MaxFloat32/256:
		return bad("stretch", "a contrast of %g: give a number above 0, or 0 for the book's", m.Stretch)
	case m.Octaves > 1 && !isPixels(m.Image):
		return bad("octaves", "%d: only pixels grow in octaves; %s has all sizes at once", m.Octaves, m.image())
	case o.Start != nil && !m.takesStart():
		return bad("start", "%s can't start from a given picture: choose pixels, fourier or pyramid", m.image())
	case m.Octaves > o.Steps:
		return bad("octaves", "%d with %d steps: each octave takes at least one", m.Octaves, o.Steps)
	}
	if channels != 0 {
		if err := picture.CheckChannels(channels, m.Show); err != nil {
			return bad("show", "%v", err)
		}
	}
	if o.Start != nil {
		return o.checkStart(filters, channels)
	}
	return nil
}

// checkStart returns an [*OptionError] when the start picture has the wrong type, shape or values.
func (o Options) checkStart(filters, channels int) error {
	if channels == 0 {
		channels = colours
		if o.Start.Rank() == 4 {
			channels = max(o.Start.Shape().Dim(3), 1)
		}
	}
	need := fmt.Sprintf("float32 [1, %d, %d, %d]", o.Height, o.Width, channels)
	if filters > 1 {
		need += fmt.Sprintf(" or [%d, %d, %d, %d]", filters, o.Height, o.Width, channels)
	}
	bad := func(format string, args ...any) error {
		return &OptionError{Option: "start", Problem: fmt.Sprintf(format, args...) + "; needed is " + need}
	}
	shape := o.Start.Shape()
	if shape.Rank() != 4 || shape.DType != dtypes.Float32 ||
		shape.Dim(1) != o.Height || shape.Dim(2) != o.Width || shape.Dim(3) != channels ||
		(shape.Dim(0) != 1 && shape.Dim(0) != filters) {
		return bad("it is %s %v", strings.ToLower(shape.DType.String()), shape.Dimensions)
	}
	values, err := tensors.CopyFlatData[float32](o.Start)
	if err != nil {
		return fmt.Errorf("reading the start picture: %w", err)
	}
	for i, value := range values {
		if v := float64(value); math.IsNaN(v) || math.IsInf(v, 0) {
			place := i / channels % (o.Height * o.Width)
			return bad("picture %d is %g at row %d, column %d, channel %d, counted from 0",
				i/channels/(o.Height*o.Width), value, place/o.Width, place%o.Width, i%channels)
		}
	}
	return nil
}
