// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import (
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// A plugin can start and still be of no use: of a StableHLO older than the programs it gets, or without NVIDIA's
// libraries, which it looks for only now. So each start runs a convolution, in a few tens of milliseconds on a CPU.
// And a plugin can compute wrongly, on long vectors only. So each operation that convscope's graphs use element by
// element is tried once for a plugin, a processor and XLA_FLAGS: it takes a few times as long.

// try runs both trials. An error says why convscope can't use the backend; faults name the operations that it computes
// wrongly and that convscope does without.
func try(backend compute.Backend) (faults []string, err error) {
	if err := tryConvolution(backend); err != nil {
		return nil, err
	}
	return tryOperations(backend)
}

func tryConvolution(backend compute.Backend) error {
	got, err := guard(func() ([]float32, error) { return convolve(backend) })
	if err != nil {
		return fmt.Errorf("starts, but cannot run a convolution: %w", err)
	}
	corner, edge, middle := float64(4*trialChannels), float64(6*trialChannels), float64(9*trialChannels)
	for i, want := range []float64{corner, edge, corner, edge, middle, edge, corner, edge, corner} {
		for _, value := range got[i*trialChannels : (i+1)*trialChannels] {
			if off := math.Abs(float64(value) - want); !(off <= 1e-3*want) {
				return fmt.Errorf("starts, but computes a convolution wrongly: %g instead of %g", value, want)
			}
		}
	}
	return nil
}

func tryOperations(backend compute.Backend) (faults []string, err error) {
	values, err := guard(func() ([][]float32, error) { return calculate(backend) })
	if err != nil {
		return nil, fmt.Errorf("starts, but cannot calculate: %w", err)
	}
	for k, o := range operations {
		switch wrong := o.compare(values[k]); {
		case wrong == nil:
		case o.avoided:
			faults = append(faults, o.name)
		default:
			return faults, fmt.Errorf("starts, but computes wrongly: %w", wrong)
		}
	}
	return faults, nil
}

// trial is what is kept of a plugin that passed: which file it was, and its faults.
type trial struct {
	Bytes    int64     `json:"bytes"`
	Modified time.Time `json:"modified"`
	Flags    string    `json:"flags"` // XLA_FLAGS
	Faults   []string  `json:"faults"`
}

// tryOnce is [try] for the plugin at path, without the operations where they have been right before.
func tryOnce(path string, backend compute.Backend) (faults []string, err error) {
	if err := tryConvolution(backend); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return tryOperations(backend)
	}
	now, before := trial{Bytes: info.Size(), Modified: info.ModTime(), Flags: os.Getenv(envFlags)}, trial{}
	const name = "trial"
	if recall(path, name, &before) && before.Bytes == now.Bytes && before.Modified.Equal(now.Modified) &&
		before.Flags == now.Flags {
		return before.Faults, nil
	}
	if now.Faults, err = tryOperations(backend); err == nil {
		remember(path, name, now)
	}
	return now.Faults, err
}

// operation is one that is tried on a vector, long enough for the processor's widest instructions.
type operation struct {
	name    string
	avoided bool // a known fault: plugins have computed it wrongly, so that nothing in convscope uses it
	build   computation
	want    func(x float64) float64
}

// computation builds an operation on x and on ones.
type computation func(f compute.Function, x, one compute.Value) (compute.Value, error)

// compare returns the first value that is off by more than any rounding, as an error.
func (o operation) compare(values []float32) error {
	for i, x := range trialValues() {
		want := o.want(float64(x))
		if off := math.Abs(float64(values[i]) - want); !(off <= 1e-3*max(1, math.Abs(want))) {
			return fmt.Errorf("%s is %g instead of %g at %g", o.name, values[i], want, x)
		}
	}
	return nil
}

// operations are those that convscope's graphs use element by element, and the known faults.
var operations = []operation{
	{"exp", false, unary(compute.Function.Exp), math.Exp},
	{"log", false,
		func(f compute.Function, x, _ compute.Value) (compute.Value, error) { return after(f.Exp, f.Log)(x) },
		func(x float64) float64 { return x }},
	{"sqrt", false,
		func(f compute.Function, x, _ compute.Value) (compute.Value, error) { return after(f.Abs, f.Sqrt)(x) },
		func(x float64) float64 { return math.Sqrt(math.Abs(x)) }},
	{"sin", false, unary(compute.Function.Sin), math.Sin},
	{"cos", false, unary(compute.Function.Cos), math.Cos},
	{"tanh", false, unary(compute.Function.Tanh), math.Tanh},
	{"logistic", false, unary(compute.Function.Logistic), func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }},
	{"floor", false, unary(compute.Function.Floor), math.Floor},
	{"sign", false, unary(compute.Function.Sign), func(x float64) float64 { return math.Copysign(1, x) }},
	{"1/x", false, func(f compute.Function, x, one compute.Value) (compute.Value, error) { return f.Div(one, x) },
		func(x float64) float64 { return 1 / x }},
	{"max(x, 1)", false,
		func(f compute.Function, x, one compute.Value) (compute.Value, error) { return f.Max(x, one) },
		func(x float64) float64 { return max(x, 1) }},
	{"|x|^x", false, func(f compute.Function, x, _ compute.Value) (compute.Value, error) {
		base, err := f.Abs(x)
		if err != nil {
			return nil, err
		}
		return f.Pow(base, x)
	}, func(x float64) float64 { return math.Pow(math.Abs(x), x) }},
	// The CPU plugin of PJRT API 0.115 mixes up the places of a vector, with AVX and wider.
	{"atan2(x, 1)", true,
		func(f compute.Function, x, one compute.Value) (compute.Value, error) { return f.Atan2(x, one) },
		math.Atan},
}

type step = func(x compute.Value) (compute.Value, error)

func unary(build func(f compute.Function, x compute.Value) (compute.Value, error)) computation {
	return func(f compute.Function, x, _ compute.Value) (compute.Value, error) { return build(f, x) }
}

// after takes two steps.
func after(first, second step) step {
	return func(x compute.Value) (compute.Value, error) {
		y, err := first(x)
		if err != nil {
			return nil, err
		}
		return second(y)
	}
}

// trialValues go from -8 to 8, without a period.
func trialValues() []float32 {
	values := make([]float32, 240)
	for i := range values {
		values[i] = float32(8 * math.Sin(1+0.73*float64(i)))
	}
	return values
}

// calculate runs all operations on the same vector, as one program.
func calculate(backend compute.Backend) ([][]float32, error) {
	builder := backend.Builder("convscope_operations")
	program := builder.Main()
	values := trialValues()
	shape := shapes.Make(dtypes.Float32, len(values))
	x, err := program.Parameter("x", shape, nil)
	if err != nil {
		return nil, err
	}
	scalar, err := program.Constant([]float32{1})
	if err != nil {
		return nil, err
	}
	one, err := program.BroadcastInDim(scalar, shape, nil)
	if err != nil {
		return nil, err
	}
	var results []compute.Value
	for _, o := range operations {
		y, err := o.build(program, x, one)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		results = append(results, y)
	}
	if err := program.Return(results, nil); err != nil {
		return nil, err
	}
	return execute(backend, builder, values, shape)
}

// execute compiles a program of one input and runs it.
func execute(backend compute.Backend, builder compute.Builder, values []float32,
	shape shapes.Shape) ([][]float32, error) {
	executable, err := builder.Compile()
	if err != nil {
		return nil, err
	}
	defer executable.Finalize()
	input, err := backend.BufferFromFlatData(0, values, shape)
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Finalize() }()
	outputs, err := executable.Execute([]compute.Buffer{input}, nil, 0)
	if err != nil {
		return nil, err
	}
	var all [][]float32
	for _, output := range outputs {
		shape, err := output.Shape()
		if err != nil {
			return nil, err
		}
		flat := make([]float32, shape.Size())
		if err := output.ToFlatData(flat); err != nil {
			return nil, err
		}
		all = append(all, flat)
		_ = output.Finalize()
	}
	return all, nil
}

// trialChannels is how many channels the convolution of the trial has: enough for convscope's own to be called.
const trialChannels = 8

// convolve slides a 3x3 window of ones over a 3x3 picture of ones with a border of zeros.
func convolve(backend compute.Backend) ([]float32, error) {
	builder := backend.Builder("convscope_trial")
	program := builder.Main()
	picture := shapes.Make(dtypes.Float32, 1, 3, 3, trialChannels)
	x, err := program.Parameter("x", picture, nil)
	if err != nil {
		return nil, err
	}
	ones := func(count int) []float32 { return slices.Repeat([]float32{1}, count) }
	window, err := program.Constant(ones(9*trialChannels*trialChannels), 3, 3, trialChannels, trialChannels)
	if err != nil {
		return nil, err
	}
	axes := compute.ConvolveAxesConfig{
		InputBatch: 0, InputChannels: 3, InputSpatial: []int{1, 2},
		KernelInputChannels: 2, KernelOutputChannels: 3, KernelSpatial: []int{0, 1},
		OutputBatch: 0, OutputChannels: 3, OutputSpatial: []int{1, 2},
	}
	once, border := []int{1, 1}, [][2]int{{1, 1}, {1, 1}}
	y, err := program.ConvGeneral(x, window, axes, once, border, once, once, 1, 1)
	if err != nil {
		return nil, err
	}
	if err := program.Return([]compute.Value{y}, nil); err != nil {
		return nil, err
	}
	outputs, err := execute(backend, builder, ones(picture.Size()), picture)
	if err != nil {
		return nil, err
	}
	return outputs[0], nil
}
