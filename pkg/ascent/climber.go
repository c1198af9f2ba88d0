// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"errors"
	"fmt"
	"slices"
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

// Climber is a loss compiled for a backend: it takes batches of pictures uphill, some steps a call.
//
// It compiles once for each method, batch size and picture size and keeps the program; filters, pictures and the
// steps' lengths are inputs. A Climber may be used from several goroutines, which take turns.
type Climber struct {
	backend compute.Backend
	store   *model.Store
	source  Source

	mu       sync.Mutex
	programs map[programKey]*program
	raters   map[string]*model.Exec // by method
}

// programKey tells the programs of a climber apart.
type programKey struct {
	method                  string
	waking                  Waking
	batch, height, width    int
	shownHeight, shownWidth int
}

// NewClimber prepares a loss over the model's weights in the store, in the form it has. Nothing is compiled yet.
// Methods with a border need [NewClimberOf].
func NewClimber(backend compute.Backend, store *model.Store, loss LossFunc) (*Climber, error) {
	return NewClimberOf(backend, store, Source{Loss: func(How) LossFunc { return loss }}), nil
}

// NewClimberOf is [NewClimber] for a model that can give its loss in each form.
func NewClimberOf(backend compute.Backend, store *model.Store, source Source) *Climber {
	return &Climber{backend: backend, store: store, source: source, programs: make(map[programKey]*program),
		raters: make(map[string]*model.Exec)}
}

// program is a compiled step.
type program struct {
	form   form
	exec   *model.Exec
	decode *graph.Exec
}

// program builds and compiles the step for pictures of that shape, unless it is there already, and says how long it
// took.
func (c *Climber) program(f form, batch int) (*program, time.Duration, error) {
	key := programKey{f.method.String(), f.waking, batch, f.height, f.width, f.shown[0], f.shown[1]}
	if known := c.programs[key]; known != nil {
		return known, 0, nil
	}
	start := time.Now()
	f.source = c.source
	exec, err := model.NewExec(c.backend, c.store, f.loop)
	if err != nil {
		return nil, 0, fmt.Errorf("preparing the ascent: %w", err)
	}
	p := &program{form: f, exec: exec}
	err = guard(func() error {
		if _, err := exec.Compile(f.loopShapes(batch)...); err != nil {
			return err
		}
		p.decode, err = f.method.decoder(c.backend, f.height, f.width)
		return err
	})
	if option := new(OptionError); errors.As(err, &option) {
		return nil, 0, option
	}
	if err != nil {
		return nil, 0, fmt.Errorf("compiling the ascent for %d pictures of %dx%d: %w", batch, f.height, f.width, err)
	}
	c.programs[key] = p
	return p, time.Since(start), nil
}

// decoder turns the parameters of pictures into gray levels [batch, height, width, 3].
func (m Method) decoder(backend compute.Backend, height, width int) (*graph.Exec, error) {
	return graph.NewExec(backend, func(parameters []*graph.Node) *graph.Node {
		return m.decode(parameters, height, width)
	})
}

// state is a batch of pictures on its way: the parameters and what the optimizer keeps, on the device.
type state struct {
	tensors    []*tensors.Tensor
	parameters int
	shown      *tensors.Tensor // [batch, height, width, 3]
}

// climb takes the pictures so many steps uphill, at most [stepsAtOnce]; varying holds what differs from step to step.
// The state's device memory is given up to the new one. The losses and root mean squares of each step are [batch].
func (c *Climber) climb(p *program, s *state, filters *tensors.Tensor, steps int,
	varying []*tensors.Tensor) (next *state, losses, rms [][]float32, err error) {
	err = guard(func() error {
		trace := zeros(stepsAtOnce, filters.Shape().Dim(0))
		inputs := []any{int32(0)}
		for _, t := range s.tensors {
			donated, err := graph.DonateTensorBuffer(t, c.backend, 0)
			if err != nil {
				return err
			}
			inputs = append(inputs, donated)
		}
		inputs = append(inputs, trace, trace)
		if p.form.decoded() {
			inputs = append(inputs, s.shown)
		}
		inputs = append(inputs, int32(steps), filters)
		for _, t := range varying {
			inputs = append(inputs, t)
		}
		outputs, err := p.exec.Call(inputs...)
		if err != nil {
			return err
		}
		count := len(s.tensors)
		next = &state{tensors: outputs[:count], parameters: s.parameters, shown: outputs[0]}
		if losses, err = rowsOf(outputs[count], steps); err != nil {
			return err
		}
		if rms, err = rowsOf(outputs[count+1], steps); err != nil {
			return err
		}
		if p.form.decoded() {
			next.shown = outputs[count+2]
		}
		return nil
	})
	return next, losses, rms, err
}

// zeros is an array of float32.
func zeros(dims ...int) *tensors.Tensor {
	return tensors.FromShape(shapes.Make(dtypes.Float32, dims...))
}

// rowsOf are the first rows of a matrix of float32.
func rowsOf(matrix *tensors.Tensor, count int) ([][]float32, error) {
	flat, err := tensors.CopyFlatData[float32](matrix)
	if err != nil {
		return nil, err
	}
	return slices.Collect(slices.Chunk(flat, matrix.Shape().Dim(1)))[:count], nil
}

// pictures decodes the state, float32 [batch, height, width, 3].
func (p *program) pictures(s *state) (decoded *tensors.Tensor, err error) {
	if p.form.method.plain() {
		return s.tensors[0], nil
	}
	err = guard(func() error {
		var inputs []any
		for _, t := range s.tensors[:s.parameters] {
			inputs = append(inputs, t)
		}
		outputs, err := p.decode.Call(inputs...)
		if err == nil {
			decoded = outputs[0]
		}
		return err
	})
	return decoded, err
}

// guard runs fn and returns the panics of graph functions as errors.
func guard(fn func() error) error {
	var err error
	if caught := exceptions.TryCatch[error](func() { err = fn() }); caught != nil {
		return caught
	}
	return err
}
