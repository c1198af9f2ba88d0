// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
)

// Result is what an ascent made: one picture for each filter, and how it went.
type Result struct {
	// Layer and Filters say what the pictures show.
	Layer   string
	Filters []int
	// Options are the knobs with the defaults filled in.
	Options Options
	// Pictures are the final pictures as floats, float32 [filters, height, width, 3], in host memory, not yet deprocessed.
	Pictures *tensors.Tensor
	// Loss holds, for each filter, the loss before each step that was taken: the filter's mean activation.
	Loss [][]float32
	// Dead says, for each filter, whether its loss and its gradient were zero all the way: the picture is still the noise that it
	// started from, and what it shows is not the filter's pattern.
	Dead []bool
	// Stopped is true when the context ended the run early; pictures not begun are their start noise, with no losses.
	Stopped bool
	// Backend says in one line what ran it.
	Backend string
	// Time splits the time that the run took.
	Time Time
}

// Time splits a run's wall clock.
type Time struct {
	// Load is loading the model's weights, Compile building and compiling the program, Ascent the steps.
	Load, Compile, Ascent time.Duration
}

// Caption describes picture i in a few words: the layer, the filter and, when it is so, that it is dead or where it was stopped.
func (r *Result) Caption(i int) string {
	caption := fmt.Sprintf("%s, filter %d", r.Layer, r.Filters[i])
	if r.Dead[i] {
		return caption + " (dead: only noise)"
	}
	if r.Stopped && len(r.Loss[i]) < r.Options.Steps {
		caption += fmt.Sprintf(" (stopped at step %d of %d)", len(r.Loss[i]), r.Options.Steps)
	}
	return caption
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
	// First is the position in the target's filters of the batch's first picture.
	First int
	// Step counts the steps of this batch, from 1 to Steps.
	Step, Steps int
	// Loss holds the loss of each picture of the batch before this step.
	Loss []float32
	// Dead says for each picture of the batch whether its loss and its gradient were zero in all steps so far. No gradient moves
	// such a picture any more.
	Dead []bool
	// Pictures are the batch's pictures after this step, [batch, height, width, 3], on the device. They are valid
	// during the call only, and the last ones may be fillers.
	Pictures *tensors.Tensor
}
