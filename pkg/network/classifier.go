// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"cmp"
	"fmt"
	"image"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/head"
	"convscope/pkg/heatmap"
	"convscope/pkg/layer"
	"convscope/pkg/picture"
)

// FeatureLayer is the layer that heads are trained on: the last with places, before what brings all places together.
// The error says that there is none.
func (t *Table) FeatureLayer() (Layer, error) {
	height, width := t.OwnSize()
	shapes := t.net.Shapes(height, width)
	last := cmp.Or(t.net.Logits, t.net.Output, t.net.Layers[len(t.net.Layers)-1].Name)
	for _, l := range slices.Backward(t.all()) {
		if shape := shapes[l.index]; l.Stride > 0 && len(shape) == 3 && shape[0]*shape[1] > 1 &&
			t.feeds(l.Name, last) {
			return l, nil
		}
	}
	return Layer{}, fmt.Errorf("%s has no layer with places to see features in", t.net.Name)
}

// Features are what heads are trained on: the outputs of the last layer with places, float32 [n, h, w, filters], for
// photos. Each photo's middle is scaled to height x width pixels, see [picture.Tensor], and fed as a photograph, see
// [Model.Preprocess].
func (m *Model) Features(photos []image.Image, height, width int) (*tensors.Tensor, error) {
	last, err := m.FeatureLayer()
	if err != nil {
		return nil, err
	}
	if err := last.CheckSize(height, width); err != nil {
		return nil, err
	}
	if len(photos) == 0 {
		return nil, fmt.Errorf("there are no photos to compute features of: give at least one")
	}
	if err := picture.CheckSize(height, width); err != nil {
		return nil, err
	}
	if err := last.CheckMemory(min(len(photos), atOnce), height, width, m.device.MemoryAvailable()); err != nil {
		return nil, err
	}
	var values []float32
	for _, photo := range photos {
		values = append(values, tensors.MustCopyFlatData[float32](m.PhotoTensor(photo, height, width))...)
	}
	pictures := tensors.FromFlatDataAndDimensions(values, len(photos), height, width, m.channels())
	outputs, err := m.inBatches(pictures, func(scope *model.Scope, x *Node) []*Node {
		return m.Outputs(scope, m.Preprocess(x), last.Name)
	})
	if err != nil {
		return nil, err
	}
	return outputs[0], nil
}

// MustFeatures is [Model.Features] for notebook cells: errors panic.
func (m *Model) MustFeatures(photos []image.Image, height, width int) *tensors.Tensor {
	return must(m.Features(photos, height, width))
}

// Classifier is the model with a head on top: the target of heatmaps of the layer, which may be any of [Table.Layers]
// that has places and that the scores depend on. With a head that was trained on [Model.Features], photos may have any
// size that the layers take; a nil head stands for the model's own classifier. Photos go in as gray levels.
func (m *Model) Classifier(name string, h *head.Head) (*heatmap.Target, error) {
	found, err := m.Find(name)
	if err != nil {
		return nil, err
	}
	target := &heatmap.Target{
		Backend: m.Backend, Store: m.Store, Channels: m.channels(),
		Layer: found.Name, Stride: found.Stride, ReceptiveField: found.ReceptiveField(),
		Memory: m.device.MemoryAvailable,
	}
	height, width := m.OwnSize()
	rows, columns := found.OutputSize(height, width)
	if rows*columns <= 1 {
		return nil, fmt.Errorf("the output of %s has no places, so no heatmap of it can be: choose a layer nearer "+
			"the picture", found.Name)
	}
	if (rows+1)*found.Stride <= height || (columns+1)*found.Stride <= width {
		target.Stride = 0 // without padding, places lie further apart than that from the border
	}
	var last Layer
	if h == nil {
		last, err = m.ownTarget(target, found)
	} else {
		last, err = m.headTarget(target, found, h)
	}
	if err != nil {
		return nil, err
	}
	if !m.feeds(found.Name, last.Name) {
		return nil, fmt.Errorf("the scores of the classes don't depend on %s, so no heatmap of it can be: choose a "+
			"layer before %s", found.Name, last.Name)
	}
	target.PictureBytes = func(height, width int) int64 { return found.heatmapBytes(height, width, last) }
	return target, nil
}

// MustClassifier is [Model.Classifier] for notebook cells: errors panic.
func (m *Model) MustClassifier(name string, h *head.Head) *heatmap.Target {
	return must(m.Classifier(name, h))
}

// feeds says whether the last layer's output depends on the other's.
func (t *Table) feeds(name, last string) bool {
	needed, err := t.net.UpTo(last)
	return err == nil && slices.ContainsFunc(needed, func(l layer.Layer) bool { return l.Name == name })
}

// ownTarget fills in what follows from the model's own classifier, and returns the layer with its scores.
func (m *Model) ownTarget(target *heatmap.Target, l Layer) (last Layer, err error) {
	classes, err := m.Classes()
	if err != nil {
		return last, err
	}
	if last, err = m.Find(m.net.Logits); err != nil {
		return last, err
	}
	for _, class := range classes {
		target.Classes = append(target.Classes, class.Name)
	}
	target.Find = func(text string) (int, error) {
		class, err := classes.Find(text)
		return class.Index, err
	}
	target.Height, target.Width = m.OwnSize()
	target.Apart = m.apart()
	target.CheckSize = last.CheckSize
	target.Graph = func(scope *model.Scope, pictures *Node) (features, logits *Node) {
		return m.andScores(scope, m.Preprocess(pictures), l.Name) // [batch, h, w, filters] and [batch, classes]
	}
	return last, nil
}

// andScores are a layer's output and, in the same graph, the scores of the classes before any softmax.
func (t *Table) andScores(scope *model.Scope, pictures *Node, name string) (output, scores *Node) {
	last, err := t.net.Find(t.net.Logits)
	if err != nil {
		panic(err)
	}
	if last.Activation == nil {
		both := t.Outputs(scope, pictures, name, last.Name)
		return both[0], byClass(both[1])
	}
	all := t.Outputs(scope, pictures, slices.Concat([]string{name}, last.Inputs)...)
	scores = last.Op.Build(func(role string) *Node {
		return scope.Store().GetVariable(layer.Variable(last.Name, role)).NodeValue(pictures.Graph())
	}, all[1:]...)
	return all[0], byClass(scores)
}

// headTarget fills in what follows from a head on the last layer with places, which it returns.
func (m *Model) headTarget(target *heatmap.Target, l Layer, h *head.Head) (last Layer, err error) {
	if last, err = m.FeatureLayer(); err != nil {
		return last, err
	}
	if h.Channels != last.Filters {
		return last, fmt.Errorf("the head was trained on %d channels, but %s has %d: train it on Features "+
			"of this model", h.Channels, last.Name, last.Filters)
	}
	target.Classes, target.Unit, target.CheckSize = h.Classes, last.Stride, last.CheckSize
	target.Graph = func(scope *model.Scope, pictures *Node) (features, logits *Node) {
		both := m.Outputs(scope, m.Preprocess(pictures), l.Name, last.Name)
		return both[0], h.Logits(both[1]) // [batch, h, w, filters] and [batch, classes]
	}
	return last, nil
}
