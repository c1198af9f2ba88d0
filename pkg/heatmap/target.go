// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package heatmap

import (
	"cmp"
	"slices"
	"sync"

	"github.com/agnivade/levenshtein"
	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/label"
)

// Target is a classifier and one of its layers. A model makes it, such as network.Model.Classifier.
//
// It keeps the programs that it compiled, so make one and use it again. It may be used from several goroutines, which
// take turns.
type Target struct {
	// Backend runs the graphs, with the weights of Store.
	Backend compute.Backend
	Store   *model.Store
	// Graph computes, in one graph, the layer's activations, [batch, h, w, channels], and from them the scores of the
	// classes before any softmax, [batch, classes], for pictures [batch, height, width, Channels] as [Levels] says.
	// What else the scores come from, such as a path around the layer, does not count.
	Graph func(scope *model.Scope, pictures *Node) (features, logits *Node)
	// Channels is how many the pictures have; 0 stands for 3.
	Channels int
	// Classes are the names of the classes, in the order of the logits.
	Classes []string
	// Apart says that each class has a probability of its own, the sigmoid of its score. Else they share one by softmax.
	Apart bool
	// Find, when not nil, returns the index of the class that a text names; otherwise it is looked for in Classes.
	Find func(text string) (int, error)
	// Layer names the layer, for captions.
	Layer string
	// Stride is how many pixels one step in the layer's output spans, ReceptiveField the side of the square of pixels
	// that one place sees. Stride 0 spreads the places evenly over the photo.
	Stride, ReceptiveField int
	// Height and Width are the size of the pictures when the model takes one size only; 0 means any.
	Height, Width int
	// Unit is what heights and widths should be multiples of, so that no row or column of the picture is lost; 0 means
	// 1.
	Unit int
	// CheckSize, when not nil, returns an error for a picture of height x width pixels that the model can't take.
	CheckSize func(height, width int) error
	// PictureBytes, when not nil, estimates the memory that a heatmap takes for one picture of a batch; Memory, when
	// not nil, returns how many bytes are free.
	PictureBytes func(height, width int) int64
	Memory       func() int64
	// Levels are the values that the channels of the pictures may have. The zero value is gray levels from 0 to 255 in
	// the order red, green, blue: Graph preprocesses.
	Levels Levels

	mu       sync.Mutex
	programs map[programKey]*model.Exec
}

// Class returns the index of a class, by its name or its number; upper and lower case, and spaces or underscores, are
// of no matter. Errors name what is near.
func (t *Target) Class(text string) (int, error) {
	if t.Find != nil {
		return t.Find(text)
	}
	if at := slices.Index(t.Classes, text); at >= 0 {
		return at, nil
	}
	class, err := label.Named(t.Classes).Find(text)
	return class.Index, err
}

// channels is how many the pictures have.
func (t *Target) channels() int { return cmp.Or(t.Channels, 3) }

// nearest are the names, the most similar to the given one first.
func nearest(name string, valid []string) []string {
	near := slices.Clone(valid)
	slices.SortStableFunc(near, func(a, b string) int {
		return cmp.Compare(levenshtein.ComputeDistance(name, a), levenshtein.ComputeDistance(name, b))
	})
	return near
}
