// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package activation

import (
	"cmp"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
)

// Silent is the share of channels, from 0 to 1, that are zero at all places of a layer's output, float32 [1, h, w,
// channels]. It is 0 for a tensor of another shape.
func Silent(output *tensors.Tensor) float64 {
	o, err := read(output)
	if err != nil {
		return 0
	}
	silent := 0
	for _, values := range o.channels {
		if !slices.ContainsFunc(values, func(v float32) bool { return v != 0 }) {
			silent++
		}
	}
	return float64(silent) / float64(len(o.channels))
}

// Strongest lists the n channels with the largest mean over a layer's output, float32 [1, h, w, channels], the largest
// first, and of equal ones that with the lower number first. It lists all if there are not more than n, and none for n
// below 1 and a tensor of another shape.
func Strongest(output *tensors.Tensor, n int) []int {
	o, err := read(output)
	if err != nil {
		return nil
	}
	means, order := make([]float64, len(o.channels)), make([]int, len(o.channels))
	for c, values := range o.channels {
		means[c], order[c] = average(values), c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(means[b], means[a]) })
	return order[:max(min(n, len(order)), 0)]
}

// Zeros is the share of places, from 0 to 1, over all channels, at which a layer's output, float32 [1, h, w,
// channels], is zero. It is 0 for a tensor of another shape.
func Zeros(output *tensors.Tensor) float64 {
	o, err := read(output)
	if err != nil {
		return 0
	}
	zeros := 0
	for _, values := range o.channels {
		for _, v := range values {
			if v == 0 {
				zeros++
			}
		}
	}
	return float64(zeros) / float64(len(o.channels)*o.height*o.width)
}
