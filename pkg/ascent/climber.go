// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"sync"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Climber is an objective compiled for a backend: it takes batches of pictures uphill, one step a call.
//
// It compiles once for each batch size and picture size and keeps the program; filters, pictures and the steps' lengths
// are inputs. A Climber may be used from several goroutines, which take turns.
type Climber struct {
	backend compute.Backend
	exec    *model.Exec

	mu       sync.Mutex
	compiled map[[3]int]bool // batch, height, width
}

// NewClimber prepares the objective over the model's weights in the store. Nothing is compiled yet.
func NewClimber(backend compute.Backend, store *model.Store, objective Objective) (*Climber, error) {
	exec, err := model.NewExec(backend, store, stepGraph(objective))
	if err != nil {
		return nil, fmt.Errorf("preparing the ascent: %w", err)
	}
	exec.SetMaxCache(-1) // every size that a reader tries stays compiled
	return &Climber{backend: backend, exec: exec, compiled: make(map[[3]int]bool)}, nil
}

// compile builds and compiles the step for pictures of that shape, unless it is there already, and says how long it took.
func (c *Climber) compile(batch, height, width int) (time.Duration, error) {
	key := [3]int{batch, height, width}
	if c.compiled[key] {
		return 0, nil
	}
	start := time.Now()
	err := guard(func() error {
		_, err := c.exec.Compile(
			shapes.Make(dtypes.Float32, batch, height, width, 3),
			shapes.Make(dtypes.Int32, batch),
			shapes.Make(dtypes.Float32, batch))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("compiling the ascent for %d pictures of %dx%d: %w", batch, height, width, err)
	}
	c.compiled[key] = true
	return time.Since(start), nil
}

// step takes the pictures one step uphill. The pictures' device memory is given up to the result.
func (c *Climber) step(pictures, filters, lengths *tensors.Tensor) (next *tensors.Tensor, losses, rms []float32, err error) {
	err = guard(func() error {
		donated, err := graph.DonateTensorBuffer(pictures, c.backend, 0)
		if err != nil {
			return err
		}
		outputs, err := c.exec.Call(donated, filters, lengths)
		if err != nil {
			return err
		}
		next = outputs[0]
		if losses, err = tensors.CopyFlatData[float32](outputs[1]); err != nil {
			return err
		}
		if rms, err = tensors.CopyFlatData[float32](outputs[2]); err != nil {
			return err
		}
		return nil
	})
	return next, losses, rms, err
}

// guard runs fn and returns the panics of graph functions as errors.
func guard(fn func() error) error {
	var err error
	if caught := exceptions.TryCatch[error](func() { err = fn() }); caught != nil {
		return caught
	}
	return err
}
