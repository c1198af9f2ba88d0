// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"image"
	"slices"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
)

// Result is what an ascent made: one picture for each filter, and how it went.
type Result struct {
	// Layer and Filters say what the pictures show; with Objective set, Layer is an objective's text, and Filters
	// count its pictures.
	Layer     string
	Filters   []int
	Objective bool
	// Options are the knobs with the defaults filled in.
	Options Options
	// Pictures are the final pictures as floats, float32 [filters, height, width, 3], in host memory, not yet
	// deprocessed.
	Pictures *tensors.Tensor
	// Loss holds, for each filter, the loss before each step that was taken: the filter's mean activation.
	Loss [][]float32
	// Dead says, for each filter, whether it stayed silent, its loss and its gradient zero all the way: the picture is
	// still the noise that it started from, and what it shows is not the filter's pattern.
	Dead []bool
	// Fates say what became of each filter: alive, rescued and how, inert and why, or dead because nothing was tried.
	// The losses of a rescued one are those of the ascent that woke it, its mean pre-activation as long as it was
	// silent.
	Fates []Fate
	// Stopped is true when the context ended the run early; pictures not begun are their start noise, with no losses.
	// Nothing is rescued then.
	Stopped bool
	// Backend says in one line what ran it.
	Backend string
	// Time splits the time that the run took.
	Time Time
	// Origin is the target's.
	Origin any
}

// Time splits a run's wall clock.
type Time struct {
	// Load is loading the model's weights, Compile building and compiling the program, Ascent the steps.
	Load, Compile, Ascent time.Duration
}

// Caption describes picture i in a few words: the layer, the filter and, when it is so, that it is dead or where it
// was stopped.
func (r *Result) Caption(i int) string {
	caption := fmt.Sprintf("%s, filter %d", r.Layer, r.Filters[i])
	switch {
	case r.Objective && len(r.Filters) == 1:
		caption = r.Layer
	case r.Objective:
		caption = fmt.Sprintf("%s, picture %d", r.Layer, r.Filters[i])
	}
	switch fate := r.Fates[i]; {
	case r.Dead[i]:
		return caption + " (" + string(fate.Life) + ": only noise)"
	case fate.Life == Rescued:
		caption += " (rescued)"
	}
	if r.Stopped && len(r.Loss[i]) < r.Options.Steps {
		caption += fmt.Sprintf(" (stopped at step %d of %d)", len(r.Loss[i]), r.Options.Steps)
	}
	return caption
}

// Images shows the pictures as the method does: one image each.
func (r *Result) Images() ([]image.Image, error) { return r.Options.Method.Images(r.Pictures) }

// MustImages is [Result.Images] for notebook cells: errors panic.
func (r *Result) MustImages() []image.Image {
	images, err := r.Images()
	if err != nil {
		panic(err)
	}
	return images
}

// Badges are the words for the pictures' corners, none for a filter that is alive.
func (r *Result) Badges() []string {
	badges := make([]string, len(r.Fates))
	for i, fate := range r.Fates {
		if r.Dead[i] || fate.Life == Rescued {
			badges[i] = fate.badge()
		}
	}
	return badges
}

// Count says how many filters have that life.
func (r *Result) Count(life Life) int {
	count := 0
	for _, fate := range r.Fates {
		if fate.Life == life {
			count++
		}
	}
	return count
}

// DeadFilters returns the indices of the filters that stayed dead, in order.
func (r *Result) DeadFilters() []int {
	var dead []int
	for i, filter := range r.Filters {
		if r.Dead[i] {
			dead = append(dead, filter)
		}
	}
	return dead
}

// Progress is what a run tells after each step.
type Progress struct {
	// Done counts picture-steps over all filters, of Total.
	Done, Total int
	// First is the position in the target's filters of the batch's first picture. The others follow it, but in a batch
	// of filters that are being rescued: Positions has each one's.
	First     int
	Positions []int
	// Step counts the steps of this batch, from 1 to Steps.
	Step, Steps int
	// Loss holds the loss of each picture of the batch before this step.
	Loss []float32
	// Dead says for each picture of the batch whether its loss and its gradient were zero in all steps so far. No
	// gradient moves such a picture any more.
	Dead []bool
	// Pictures are the batch's pictures after this step, [batch, height, width, 3], on the device; where they are made
	// of something else than pixels, before it, but those of the last step are the finished ones. They are valid
	// during the call only, and the last ones may be fillers.
	Pictures *tensors.Tensor
	// Method is how they are made and shown.
	Method Method
}

// Images shows the batch's pictures as the method does: one image each, without the fillers.
func (p Progress) Images() ([]image.Image, error) {
	images, err := p.Method.Images(p.Pictures)
	return images[:min(len(images), len(p.Positions))], err
}

// Copy returns the same with pictures and lists of its own, in host memory, which stay valid after the call.
func (p Progress) Copy() (Progress, error) {
	values, err := tensors.CopyFlatData[float32](p.Pictures)
	if err != nil {
		return p, err
	}
	p.Pictures = tensors.FromFlatDataAndDimensions(values, p.Pictures.Shape().Dimensions...)
	p.Positions, p.Loss, p.Dead = slices.Clone(p.Positions), slices.Clone(p.Loss), slices.Clone(p.Dead)
	return p, nil
}
