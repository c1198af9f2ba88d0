// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"math/bits"
	"sync"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/device"
)

const (
	// trialRounds is how often a trial runs each way after the run that compiles it, if it does not take longer than
	// trialTime before.
	trialRounds = 5
	trialTime   = 200 * time.Millisecond
	// trialPositions is how many a batch has at most in a trial. More fit no cache, so that all ways are as slow as
	// the memory.
	trialPositions = 1 << 15
	// trialGain is how much less time than the guess another way must take, so that noise changes nothing.
	trialGain = 0.92
	// trialBytesPerValue is what a trial takes at most for each value that goes into the convolution or comes out.
	trialBytesPerValue = 32
)

// trials chooses ways for one device, each by a short trial that the cache remembers.
type trials struct {
	device *device.Device
	mu     sync.Mutex
	chosen map[string]Convolution
}

// verdict is what the cache remembers of a trial.
type verdict struct {
	Way Convolution `json:"way"`
	// Milliseconds is each way's best time.
	Milliseconds map[Convolution]float64 `json:"ms"`
}

// kind names the convolutions that share a trial: those with the same channels and about as many positions.
func (s shape) kind() string {
	s = s.reduced()
	return fmt.Sprintf("convolution 3x3, %d to %d channels, 2^%d positions", s.in, s.out, bits.Len(uint(s.batch*s.height*s.width))-1)
}

// choose implements chooser.
func (t *trials) choose(s shape) Convolution {
	s = s.reduced()
	key := s.kind()
	t.mu.Lock()
	defer t.mu.Unlock()
	if way, known := t.chosen[key]; known {
		return way
	}
	var v verdict
	if !t.device.Recall(key, &v) || forwardNames[v.Way] == "" {
		v = t.try(s)
		if len(v.Milliseconds) > 0 {
			t.device.Remember(key, v)
		}
	}
	t.chosen[key] = v.Way
	return v.Way
}

// reduced is the shape with so many pictures that a trial stays short, at least one.
func (s shape) reduced() shape {
	s.batch = max(1, min(s.batch, trialPositions/(s.height*s.width)))
	return s
}

// try measures the ways in turn. A trial that does not fit the memory or fails leaves the guess.
func (t *trials) try(s shape) verdict {
	v := verdict{Way: guess(s)}
	values := int64(s.batch) * int64(s.height) * int64(s.width) * int64(s.in+s.out)
	if values*trialBytesPerValue > t.device.MemoryAvailable() {
		return v
	}
	ways := []Convolution{Direct, Lines, Tiles}
	runs := make([]func() (time.Duration, error), len(ways))
	for i, way := range ways {
		run, err := t.prepare(way, s)
		if err != nil {
			return v
		}
		runs[i] = run
	}
	best := make(map[Convolution]float64, len(ways))
	var began time.Time
	for round := range trialRounds + 1 {
		if round == 1 {
			began = time.Now()
		} else if round > 1 && time.Since(began) > trialTime {
			break
		}
		for i, way := range ways {
			took, err := runs[i]()
			if err != nil {
				return v
			}
			ms := float64(took) / float64(time.Millisecond)
			if known, ok := best[way]; round > 0 && (!ok || ms < known) {
				best[way] = ms
			}
		}
	}
	limit := best[v.Way] * trialGain
	for _, way := range ways {
		if best[way] < limit {
			v.Way, limit = way, best[way]
		}
	}
	v.Milliseconds = best
	return v
}

// prepare returns a function that runs the convolution once, on zeros, and says how long it took.
func (t *trials) prepare(way Convolution, s shape) (run func() (time.Duration, error), err error) {
	dims, values := way.kernel(make([]float32, places*s.in*s.out), s.in, s.out)
	kernel := tensors.FromFlatDataAndDimensions(values, dims...)
	x := tensors.FromFlatDataAndDimensions(make([]float32, s.batch*s.height*s.width*s.in), s.batch, s.height, s.width, s.in)
	exec, err := graph.NewExec(t.device.Backend, way.apply)
	if err != nil {
		return nil, err
	}
	return func() (time.Duration, error) {
		start := time.Now()
		y, err := exec.Call(x, kernel)
		if err != nil {
			return 0, err
		}
		defer y[0].MustFinalizeAll()
		return time.Since(start), tensors.ConstFlatData(y[0], func([]float32) {}) // waits for the result
	}, nil
}
