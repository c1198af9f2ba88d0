// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// programKey tells the programs of a target apart.
type programKey struct {
	batch, height, width int
	softmax              bool
}

// program compiles the graph for pictures of that size, unless it is there already.
func (t *Target) program(key programKey) (*model.Exec, error) {
	if known := t.programs[key]; known != nil {
		return known, nil
	}
	var exec *model.Exec
	err := guard(func() (err error) {
		if exec, err = model.NewExec(t.Backend, t.Store, t.graph(key.softmax)); err != nil {
			return err
		}
		_, err = exec.Compile(shapes.Make(dtypes.Float32, key.batch, key.height, key.width, t.channels()),
			shapes.Make(dtypes.Int32, key.batch))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("compiling the heatmap of %s for %d picture(s) of %dx%d: %w",
			t.Layer, key.batch, key.height, key.width, err)
	}
	if t.programs == nil {
		t.programs = make(map[programKey]*model.Exec)
	}
	t.programs[key] = exec
	return exec, nil
}

// graph builds features, logits, the gradient of the classes' scores and from these the maps of all methods.
//
// Inputs are pictures [batch, height, width, channels] and classes [batch], where a negative one stands for the most
// probable. So another class and another method compile nothing again. Outputs are the logits [batch, classes], the
// classes that were explained [batch], the maps [batch, methods, h, w] and each channel's mean contribution to them
// [batch, methods, channels].
func (t *Target) graph(softmax bool) func(scope *model.Scope, pictures, classes *Node) []*Node {
	return func(scope *model.Scope, pictures, classes *Node) []*Node {
		features, logits := t.Graph(scope, pictures)
		if features.Rank() != 4 {
			exceptions.Panicf("a heatmap needs activations of shape [batch, h, w, channels], and %s gives %s",
				t.Layer, features.Shape())
		}
		if logits.Rank() != 2 || logits.Shape().Dim(1) != len(t.Classes) {
			exceptions.Panicf("a heatmap needs logits of shape [batch, %d], one for each name in Classes, not %s",
				len(t.Classes), logits.Shape())
		}
		best := ArgMax(logits, -1, classes.DType())                           // [batch]
		classes = Where(LessThan(classes, ZerosLike(classes)), best, classes) // [batch]
		scores := logits
		if softmax {
			scores = t.probabilities(logits) // [batch, classes]
		}
		chosen := Mul(scores, OneHot(classes, len(t.Classes), scores.DType())) // [batch, classes]
		gradients := Gradient(ReduceAllSum(chosen), features)[0]               // [batch, h, w, channels]
		var maps, shares []*Node
		for _, method := range methods {
			parts := method.contribution(features, gradients) // [batch, h, w, channels]
			maps = append(maps, ReduceSum(parts, -1))         // [batch, h, w]
			shares = append(shares, ReduceMean(parts, 1, 2))  // [batch, channels]
		}
		return []*Node{logits, classes, Stack(maps, 1), Stack(shares, 1)}
	}
}

// probabilities are what the classifier makes of its scores, [batch, classes].
func (t *Target) probabilities(logits *Node) *Node {
	if t.Apart {
		return Sigmoid(logits)
	}
	return Softmax(logits, -1)
}

// guard turns the panics of graphs into errors.
func guard(fn func() error) error {
	var err error
	if caught := exceptions.TryCatch[error](func() { err = fn() }); caught != nil {
		return caught
	}
	return err
}
