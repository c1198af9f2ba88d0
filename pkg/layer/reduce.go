// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "fmt"

// Reduction is what becomes of many values.
type Reduction string

// The reductions.
const (
	Mean    Reduction = "mean"
	Sum     Reduction = "sum"
	Maximal Reduction = "max"
	Minimal Reduction = "min"
)

// Reduce makes one value of all along some axes. A global pool is one over the axes 0 and 1.
type Reduce struct {
	// To is what they become.
	To Reduction
	// Axes are those that go; empty stands for all.
	Axes []int
	// Keep leaves a 1 in the place of each.
	Keep bool
}

// Shape is the input's without the axes.
func (r Reduce) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	switch r.To {
	case Mean, Sum, Maximal, Minimal:
	default:
		return nil, fmt.Errorf("there is no reduction %q", r.To)
	}
	axes, err := r.axes(len(in))
	if err != nil {
		return nil, err
	}
	out := []int{}
	for i, size := range in {
		switch {
		case !axes[i]:
			out = append(out, size)
		case r.Keep:
			out = append(out, 1)
		}
	}
	return out, nil
}

func (r Reduce) axes(rank int) (map[int]bool, error) {
	axes, err := axesOf(r.Axes, rank)
	if err == nil && len(axes) == 0 {
		for i := range rank {
			axes[i] = true
		}
	}
	return axes, err
}

// Weights are none.
func (r Reduce) Weights(...[]int) map[string][]int { return nil }

// Channelwise is true where the channels stay.
func (r Reduce) Channelwise(inputs ...[]int) bool {
	rank := len(inputs[0])
	axes, err := r.axes(rank)
	return err == nil && !axes[rank-1]
}
