// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
)

// Target is what an ascent climbs towards: one picture for each filter. A model makes it, such as
// network.Model.Channels.
type Target struct {
	// Climber is the compiled objective.
	Climber *Climber
	// Channels is how many the pictures have: 3 for coloured ones, for which 0 stands too, 1 for gray ones.
	Channels int
	// Layer names the layer, for captions and traces.
	Layer string
	// Filters are the indices of the filters, one picture each.
	Filters []int
	// Backend says in one line what runs it.
	Backend string
	// Load is how long the model took to load, for the result's account.
	Load time.Duration
	// CheckSize, when not nil, returns an error for a picture of height x width pixels that the layer can't take.
	CheckSize func(height, width int) error
	// CheckOptions, when not nil, returns an error for settled options that the model can't take, or no recipe can
	// hold.
	CheckOptions func(Options) error
	// Origin is what the model knows the target by. It stands in the result as well.
	Origin any
	// PictureBytes, when not nil, estimates the memory that one step takes for one picture of a batch.
	PictureBytes func(height, width int) int64
	// Bound, when not nil, returns the largest activation that a filter can reach for any picture of gray levels 0 to
	// 255, fed as they are or as photographs are, and whether that is known.
	Bound func(filter int, photographic bool) (bound float64, known bool)
	// Responses, when not nil, returns the layer's mean and largest activations, [n][filters], for pictures of gray
	// levels, float32 [n, height, width, 3], fed as they are or as photographs are.
	Responses func(pictures *tensors.Tensor, photographic bool) (means, peaks [][]float32, err error)
	// Objective says that Layer holds an objective's text, and that Filters count its pictures.
	Objective bool
	// Together says that all pictures must climb in one batch.
	Together bool
	// AtOnce is how many pictures climb at once when the options don't say and memory allows, 4 if it is zero: larger
	// batches fall out of a processor's caches and are slower for each picture, a graphics card wants them.
	AtOnce int
	// FixedBytes estimates the memory that the weights take, whatever the batch.
	FixedBytes int64
	// Memory, when not nil, returns how many bytes are free for a run.
	Memory func() int64
}

// channels is [Target.Channels].
func (t Target) channels() int { return cmp.Or(t.Channels, colours) }

// Check returns the error that [Run] would return with those options before anything starts, but for those of the
// start pictures when there are none.
func (t Target) Check(options Options) error {
	o, err := t.settle(options)
	if err == nil {
		_, err = t.batch(o, len(t.Filters))
	}
	return err
}

// MemoryError says that a job does not fit the memory, before it starts.
type MemoryError struct {
	// Need and Free are bytes.
	Need, Free int64
	// What is the job in words.
	What string
}

// Error gives both numbers and the ways out.
func (e *MemoryError) Error() string {
	const mib = 1 << 20
	return fmt.Sprintf("%s needs about %d MiB, but %d MiB are free: choose a smaller size, fewer filters or a "+
		"layer nearer the picture",
		e.What, e.Need/mib+1, e.Free/mib)
}

// preferredBatch is [Target.AtOnce] where nobody says.
const preferredBatch = 4

// batch chooses how many of so many pictures climb at once: at most what the options or the preference say, no more
// than fit the memory, and spread evenly so that the last batch is nearly as full as the first. A fixed batch is as it
// is, or an error.
func (t Target) batch(o Options, pictures int) (int, error) {
	batch := cmp.Or(t.AtOnce, preferredBatch)
	if o.Batch > 0 {
		batch = o.Batch
	} else if t.Together {
		batch = pictures
	}
	if t.PictureBytes != nil && t.Memory != nil {
		one := int64(1)
		for _, seen := range o.Method.Views(1, o.Height, o.Width) {
			one = max(one, times(int64(seen[0]), t.PictureBytes(seen[1], seen[2])))
		}
		one = plus(one, o.Method.transformBytes(o.Height, o.Width))
		free := t.Memory()
		// The pictures are kept, and a copy on their way out.
		kept := times(int64(pictures), int64(o.Height)*int64(o.Width)*int64(t.channels())*4*2)
		kept = plus(kept, t.FixedBytes)
		need := plus(one, kept)
		if o.Fixed {
			need = plus(times(one, int64(o.Batch)), kept)
		}
		if need > free {
			what := fmt.Sprintf("%d pattern(s) of %dx%d pixels for %s", pictures, o.Height, o.Width, t.Layer)
			if len(o.Method.Transforms) > 0 {
				what += ", seen through " + join(o.Method.Transforms) + ","
			}
			return 0, &MemoryError{Need: need, Free: free, What: what}
		}
		batch = int(min(int64(batch), (free-kept)/one))
	}
	if o.Fixed {
		return batch, nil
	}
	batch = min(max(batch, 1), pictures)
	rounds := (pictures + batch - 1) / batch
	return (pictures + rounds - 1) / rounds, nil
}

// times and plus are those of numbers of bytes that are not negative; what would overflow is the largest there is.
func times(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64/a {
		return math.MaxInt64
	}
	return a * b
}

func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
