// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package head_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
	"convscope/pkg/head"
)

func backend(t testing.TB) compute.Backend {
	t.Helper()
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	t.Cleanup(dev.Close)
	return dev.Backend
}

// examples are n of each of three classes, [3n, 2, 3, 8]: class k makes channel k louder by distance. Channel 7 is
// always the same, channel 6 nearly so.
func examples(n int, distance float64, seed uint64) head.Data {
	random := rand.New(rand.NewPCG(seed, 0))
	data := head.Data{Classes: []string{"cat", "coffee", "rocket"}}
	var values []float32
	for i := range 3 * n {
		class := i % 3
		data.Labels = append(data.Labels, class)
		for range 2 * 3 {
			for c := range 8 {
				v := 10 + random.NormFloat64()
				switch {
				case c == class:
					v += distance
				case c == 6:
					v = 1 + 1e-6*random.NormFloat64()
				case c == 7:
					v = 5
				}
				values = append(values, float32(v))
			}
		}
	}
	data.Features = tensors.FromFlatDataAndDimensions(values, 3*n, 2, 3, 8)
	return data
}

func TestTrain(t *testing.T) {
	dev := backend(t)
	h, err := head.Train(context.Background(), dev, examples(30, 1, 1), head.Options{})
	require.NoError(t, err)
	require.Len(t, h.Loss, 300)
	require.InDelta(t, math.Log(3), h.Loss[0], 1e-5, "all classes alike")
	require.Less(t, h.Loss[299], float32(0.5))
	require.Equal(t, 8, h.Channels)
	accuracy, err := h.Accuracy(examples(100, 1, 2))
	require.NoError(t, err)
	require.Greater(t, accuracy, 0.8, "unseen examples")
	chance, err := h.Accuracy(examples(100, 0, 3))
	require.NoError(t, err)
	require.InDelta(t, 1./3, chance, 0.1, "there is nothing to tell apart")
}

// TestSameSeed gives the same head again, and a head that is no other for pooled features.
func TestSameSeed(t *testing.T) {
	dev := backend(t)
	data := examples(10, 1, 1)
	var pooled []float32
	flat := tensors.MustCopyFlatData[float32](data.Features)
	for i := range 30 {
		for c := range 8 {
			sum := 0.0
			for place := range 6 {
				sum += float64(flat[(i*6+place)*8+c])
			}
			pooled = append(pooled, float32(sum/6))
		}
	}
	same := head.Data{Features: tensors.FromFlatDataAndDimensions(pooled, 30, 8), Labels: data.Labels,
		Classes: data.Classes}
	logits := func(data head.Data, seed uint64) []float32 {
		h, err := head.Train(context.Background(), dev, data, head.Options{Steps: 20, Batch: 7, Seed: seed})
		require.NoError(t, err)
		out, err := CallOnce(dev, h.Logits, data.Features)
		require.NoError(t, err)
		require.Equal(t, []int{30, 3}, out.Shape().Dimensions)
		return tensors.MustCopyFlatData[float32](out)
	}
	first := logits(data, 1)
	require.Equal(t, first, logits(data, 1))
	require.InDeltaSlice(t, first, logits(same, 1), 1e-4)
	require.NotEqual(t, first, logits(data, 2))
}

// TestClassify agrees with the graph.
func TestClassify(t *testing.T) {
	dev := backend(t)
	h, err := head.Train(context.Background(), dev, examples(10, 1, 1), head.Options{Steps: 30})
	require.NoError(t, err)
	data := examples(20, 0.3, 9)
	classes, err := h.Classify(data.Features)
	require.NoError(t, err)
	best, err := CallOnce(dev, func(x *Node) *Node { return ArgMax(h.Logits(x), -1) }, data.Features)
	require.NoError(t, err)
	for i, class := range tensors.MustCopyFlatData[int32](best) {
		require.EqualValues(t, class, classes[i])
	}
	_, err = h.Classify(tensors.FromFlatDataAndDimensions(make([]float32, 6), 2, 3))
	require.ErrorContains(t, err, "the head takes [n, h, w, 8] or [n, 8]")
	_, err = CallOnce(dev, h.Logits, tensors.FromFlatDataAndDimensions(make([]float32, 6), 2, 3))
	require.ErrorContains(t, err, "the head takes features of shape [batch, h, w, 8] or [batch, 8]")
	data.Classes = []string{"a", "b", "c"}
	_, err = h.Accuracy(data)
	require.ErrorContains(t, err, "the data has the classes [a b c], the head [cat coffee rocket]")
}

func TestRefused(t *testing.T) {
	dev := backend(t)
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		change  func(*head.Data)
		options head.Options
		problem string
	}{
		"no features": {change: func(d *head.Data) { d.Features = nil }, problem: "the data has no features"},
		"shape": {change: func(d *head.Data) {
			d.Features = tensors.FromFlatDataAndDimensions(make([]float32, 90), 90)
		}, problem: "give float32 [n, h, w, channels] or [n, channels]"},
		"labels": {change: func(d *head.Data) {
			d.Labels = d.Labels[1:]
		}, problem: "8 labels for 9 examples: give one each"},
		"one class": {change: func(d *head.Data) {
			d.Classes = d.Classes[:1]
		}, problem: "1 class(es): a classifier tells at least two apart"},
		"label": {change: func(d *head.Data) {
			d.Labels[4] = 3
		}, problem: "example 4 has label 3, but the classes are 0 to 2"},
		"class": {change: func(d *head.Data) {
			d.Classes = append(d.Classes, "moon")
		}, problem: "there are no examples of moon: give some of each class"},
		"one name twice": {change: func(d *head.Data) {
			d.Classes[2] = d.Classes[0]
		}, problem: "classes 0 and 2 are both called"},
		"no name": {change: func(d *head.Data) { d.Classes[1] = " " }, problem: "class 1 has no name"},
		"not a number": {change: func(d *head.Data) {
			tensors.MustMutableFlatData(d.Features, func(v []float32) { v[3] = nan })
		}, problem: "the features hold NaN at value 3"},
		"steps":           {options: head.Options{Steps: -1}, problem: "steps -1"},
		"rate":            {options: head.Options{Rate: math.Inf(1)}, problem: "rate +Inf"},
		"batch":           {options: head.Options{Batch: -2}, problem: "batch -2"},
		"rate, NaN":       {options: head.Options{Rate: math.NaN()}, problem: "rate NaN"},
		"rate, too large": {options: head.Options{Rate: 1e38}, problem: "choose a lower rate than 1e+38"},
	} {
		t.Run(name, func(t *testing.T) {
			data := examples(3, 1, 1)
			if c.change != nil {
				c.change(&data)
			}
			_, err := head.Train(context.Background(), dev, data, c.options)
			require.ErrorContains(t, err, c.problem)
			require.Panics(t, func() { head.MustTrain(dev, data, c.options) })
		})
	}
}

func TestStop(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	stopped := errors.New("stopped")
	steps := 0
	_, err := head.Train(ctx, backend(t), examples(3, 1, 1), head.Options{Progress: func(step, total int, loss float64) {
		steps = step
		require.Equal(t, 300, total)
		require.Greater(t, loss, 0.)
		if step == 5 {
			cancel(stopped)
		}
	}})
	require.ErrorIs(t, err, stopped)
	require.Equal(t, 5, steps)
}
