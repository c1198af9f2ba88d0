// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package head

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Data are examples.
type Data struct {
	// Features are the network's output, float32 [n, h, w, channels], or its mean over all places, [n, channels].
	Features *tensors.Tensor
	// Labels are the examples' classes, numbers into Classes.
	Labels []int
	// Classes are the names of the classes.
	Classes []string
}

// check returns an error for data that nothing can be learned from or measured by.
func (d Data) check() error {
	if d.Features == nil {
		return fmt.Errorf("the data has no features: give float32 [n, h, w, channels] or [n, channels]")
	}
	shape := d.Features.Shape()
	switch {
	case shape.DType != dtypes.Float32 || shape.Rank() != 4 && shape.Rank() != 2 || shape.Size() == 0:
		return fmt.Errorf("the features are %s: give float32 [n, h, w, channels] or [n, channels]", shape)
	case shape.Dim(0) != len(d.Labels):
		return fmt.Errorf("%d labels for %d examples: give one each", len(d.Labels), shape.Dim(0))
	case len(d.Classes) < 2:
		return fmt.Errorf("%d class(es): a classifier tells at least two apart", len(d.Classes))
	}
	for i, class := range d.Classes {
		if strings.TrimSpace(class) == "" {
			return fmt.Errorf("class %d has no name: give one to each", i)
		}
		if at := slices.Index(d.Classes, class); at < i {
			return fmt.Errorf("classes %d and %d are both called %q: give each a name of its own", at, i, class)
		}
	}
	for i, label := range d.Labels {
		if label < 0 || label >= len(d.Classes) {
			return fmt.Errorf("example %d has label %d, but the classes are 0 to %d", i, label, len(d.Classes)-1)
		}
	}
	return nil
}

// pooled are the features' means over all places, [n * channels].
func pooled(features *tensors.Tensor) (values []float32, channels int, err error) {
	flat, err := tensors.CopyFlatData[float32](features)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the features: %w", err)
	}
	for i, v := range flat {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, 0, fmt.Errorf("the features hold %v at value %d: give finite numbers", v, i)
		}
	}
	shape := features.Shape()
	channels = shape.Dim(-1)
	if shape.Rank() == 2 {
		return flat, channels, nil
	}
	places := shape.Dim(1) * shape.Dim(2)
	values = make([]float32, 0, shape.Dim(0)*channels)
	sums := make([]float64, channels)
	for example := range slices.Chunk(flat, places*channels) {
		clear(sums)
		for i, v := range example {
			sums[i%channels] += float64(v)
		}
		for _, sum := range sums {
			values = append(values, float32(sum/float64(places)))
		}
	}
	return values, channels, nil
}

// moments are the channels' means and one over their standard deviations. A channel that hardly varies is not blown
// up: no deviation counts for less than half of what is usual. A lower floor gives quiet channels large weights, which
// heatmaps then show wherever such a channel whispers.
func moments(values []float32, channels int) (mean, scale []float32) {
	sums, squares := make([]float64, channels), make([]float64, channels)
	for i, v := range values {
		sums[i%channels] += float64(v)
	}
	n := float64(len(values) / channels)
	for i, v := range values {
		d := float64(v) - sums[i%channels]/n
		squares[i%channels] += d * d
	}
	usual := 0.0
	for _, square := range squares {
		usual += square / n / float64(channels)
	}
	least := max(math.Sqrt(usual)/2, 1e-6)
	mean, scale = make([]float32, channels), make([]float32, channels)
	for c := range mean {
		mean[c] = float32(sums[c] / n)
		scale[c] = float32(1 / max(math.Sqrt(squares[c]/n), least))
	}
	return mean, scale
}
