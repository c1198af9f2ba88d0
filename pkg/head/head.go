// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Head is a trained classifier on frozen features. It does not change, so goroutines may share it.
type Head struct {
	// Classes are the names of the classes, in the order of the logits.
	Classes []string
	// Channels is how many channels the features have.
	Channels int
	// Loss is the cross entropy of each step's batch.
	Loss []float32

	mean, scale  []float32 // [channels]
	kernel, bias []float32 // [channels * classes], [classes]
}

// Logits are the scores of the classes before any softmax, [batch, classes], for features [batch, h, w, channels] or
// [batch, channels]. The head's numbers are constants of the graph, so the features may come from a model with any
// store. Like all graph functions it panics on a wrong shape.
func (h *Head) Logits(features *Node) *Node {
	if rank := features.Rank(); rank != 2 && rank != 4 || features.Shape().Dim(-1) != h.Channels {
		exceptions.Panicf("the head takes features of shape [batch, h, w, %d] or [batch, %d], not %s",
			h.Channels, h.Channels, features.Shape())
	}
	g := features.Graph()
	if features.Rank() == 4 {
		features = ReduceMean(features, 1, 2) // [batch, channels]
	}
	constant := func(values []float32, dims ...int) *Node {
		return ConvertDType(Const(g, tensors.FromFlatDataAndDimensions(values, dims...)), features.DType())
	}
	x := Mul(Sub(features, constant(h.mean, 1, h.Channels)), constant(h.scale, 1, h.Channels)) // [batch, channels]
	x = MatMul(x, constant(h.kernel, h.Channels, len(h.Classes)))                              // [batch, classes]
	return Add(x, constant(h.bias, 1, len(h.Classes)))
}

// Classify returns the most probable class of each example, for features float32 [n, h, w, channels] or [n, channels].
func (h *Head) Classify(features *tensors.Tensor) ([]int, error) {
	if rank := features.Shape().Rank(); rank != 2 && rank != 4 || features.Shape().Dim(-1) != h.Channels {
		return nil, fmt.Errorf("the features are %s: the head takes [n, h, w, %d] or [n, %d]",
			features.Shape(), h.Channels, h.Channels)
	}
	values, channels, err := pooled(features)
	if err != nil {
		return nil, err
	}
	var classes []int
	scores := make([]float64, len(h.Classes))
	for example := range slices.Chunk(values, channels) {
		for k := range scores {
			scores[k] = float64(h.bias[k])
		}
		for c, v := range example {
			x := float64((v - h.mean[c]) * h.scale[c])
			for k := range scores {
				scores[k] += x * float64(h.kernel[c*len(scores)+k])
			}
		}
		classes = append(classes, slices.Index(scores, slices.Max(scores)))
	}
	return classes, nil
}

// Accuracy is the share, 0 to 1, of the examples whose most probable class is their label.
func (h *Head) Accuracy(data Data) (float64, error) {
	if err := data.check(); err != nil {
		return 0, err
	}
	if !slices.Equal(data.Classes, h.Classes) {
		return 0, fmt.Errorf("the data has the classes %v, the head %v", data.Classes, h.Classes)
	}
	classes, err := h.Classify(data.Features)
	if err != nil {
		return 0, err
	}
	right := 0
	for i, class := range classes {
		if class == data.Labels[i] {
			right++
		}
	}
	return float64(right) / float64(len(classes)), nil
}

// MustAccuracy is [Head.Accuracy] for notebook cells: errors panic.
func (h *Head) MustAccuracy(data Data) float64 {
	accuracy, err := h.Accuracy(data)
	if err != nil {
		panic(err)
	}
	return accuracy
}
