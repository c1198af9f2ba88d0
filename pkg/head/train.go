// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package head

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"os"
	"os/signal"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/dataset"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Options say how to train. The zero value is good for some hundred examples.
type Options struct {
	// Steps of the optimizer; 0 means 300.
	Steps int
	// Rate is Adam's learning rate; 0 means 0.003.
	Rate float64
	// Seed gives the order of the examples. The same seed and data give the same head.
	Seed uint64
	// Batch is how many examples a step sees; 0 means 32.
	Batch int
	// Progress, when not nil, is told the loss after each step.
	Progress func(step, steps int, loss float64)
}

const (
	defaultSteps = 300
	defaultRate  = 0.003
	defaultBatch = 32
	weightDecay  = 0.01 // keeps the weights spread over the channels
)

// Train fits a head to the data with GoMLX's trainer: Adam with weight decay on the cross entropy, from zero weights.
// The loss has one lowest point, so the start needs no luck. When ctx ends, it returns ctx's cause.
func Train(ctx context.Context, backend compute.Backend, data Data, options Options) (*Head, error) {
	if err := data.check(); err != nil {
		return nil, err
	}
	for label, class := range data.Classes {
		if !slices.Contains(data.Labels, label) {
			return nil, fmt.Errorf("there are no examples of %s: give some of each class", class)
		}
	}
	o, err := options.settled(len(data.Labels))
	if err != nil {
		return nil, err
	}
	values, channels, err := pooled(data.Features)
	if err != nil {
		return nil, err
	}
	h := &Head{Classes: data.Classes, Channels: channels}
	h.mean, h.scale = moments(values, channels)
	for i := range values {
		values[i] = (values[i] - h.mean[i%channels]) * h.scale[i%channels]
	}
	var failed error
	caught := exceptions.TryCatch[error](func() { failed = h.fit(ctx, backend, values, data.Labels, o) })
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case caught != nil:
		return nil, fmt.Errorf("training the head: %w", caught)
	case failed != nil:
		return nil, fmt.Errorf("training the head: %w", failed)
	}
	return h, nil
}

// MustTrain is [Train] for notebook cells: an interrupt, such as the notebook's Stop button, and errors panic.
func MustTrain(backend compute.Backend, data Data, options Options) *Head {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	h, err := Train(ctx, backend, data, options)
	if err != nil {
		panic(err)
	}
	return h
}

// settled fills the zeros in and checks the rest.
func (o Options) settled(examples int) (Options, error) {
	switch {
	case o.Steps < 0:
		return o, fmt.Errorf("steps %d: give a whole number from 1", o.Steps)
	case o.Rate < 0 || math.IsNaN(o.Rate) || math.IsInf(o.Rate, 0):
		return o, fmt.Errorf("rate %v: give a number above 0", o.Rate)
	case o.Batch < 0:
		return o, fmt.Errorf("batch %d: give a whole number from 1", o.Batch)
	}
	if o.Steps == 0 {
		o.Steps = defaultSteps
	}
	if o.Rate == 0 {
		o.Rate = defaultRate
	}
	if o.Batch == 0 {
		o.Batch = defaultBatch
	}
	o.Batch = min(o.Batch, examples)
	return o, nil
}

// fit learns kernel and bias from standardized features.
func (h *Head) fit(ctx context.Context, backend compute.Backend, values []float32, labels []int, o Options) error {
	store := model.NewStore()
	sparse := make([]int32, len(labels))
	for i, label := range labels {
		sparse[i] = int32(label)
	}
	examples, err := dataset.InMemoryFromData(backend, "examples",
		[]any{tensors.FromFlatDataAndDimensions(values, len(labels), h.Channels)},
		[]any{tensors.FromFlatDataAndDimensions(sparse, len(labels), 1)})
	if err != nil {
		return err
	}
	defer examples.FinalizeAll()
	examples.WithRand(rand.New(rand.NewSource(int64(o.Seed)))).Shuffle().Infinite(true).BatchSize(o.Batch, true)

	adam := optimizer.Adam().LearningRate(o.Rate).WeightDecay(weightDecay).Done()
	loop := train.NewLoop(train.NewTrainer(backend, store, h.dense, loss.SparseCategoricalCrossEntropyLogits,
		adam, nil, nil))
	loop.OnStep("progress", 0, func(loop *train.Loop, metrics []*tensors.Tensor) error {
		value := tensors.ToScalar[float32](metrics[0])
		h.Loss = append(h.Loss, value)
		if math.IsNaN(float64(value)) {
			return fmt.Errorf("the loss is not a number after %d steps: choose a lower rate than %v",
				len(h.Loss), o.Rate)
		}
		if o.Progress != nil {
			o.Progress(len(h.Loss), o.Steps, float64(value))
		}
		return ctx.Err()
	})
	if _, err := loop.RunSteps(examples, o.Steps); err != nil {
		return err
	}
	for _, learned := range []struct {
		name string
		into *[]float32
	}{{"kernel", &h.kernel}, {"bias", &h.bias}} {
		value, err := store.GetVariable(model.JoinPath("", learned.name)).Value()
		if err != nil {
			return err
		}
		if *learned.into, err = tensors.CopyFlatData[float32](value); err != nil {
			return err
		}
	}
	return nil
}

// dense is the trainable layer, from standardized features [batch, channels] to logits [batch, classes].
func (h *Head) dense(scope *model.Scope, x *Node) *Node {
	g, scope := x.Graph(), scope.WithInitializer(initializer.Zero)
	kernel := scope.VariableWithShape("kernel", shapes.Make(dtypes.Float32, h.Channels, len(h.Classes)))
	bias := scope.VariableWithShape("bias", shapes.Make(dtypes.Float32, 1, len(h.Classes)))
	return Add(MatMul(x, kernel.NodeValue(g)), bias.NodeValue(g)) // [batch, classes]
}
