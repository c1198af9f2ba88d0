// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"slices"
)

// PadMode is what is put outside a picture.
type PadMode string

// The modes.
const (
	// Constant is the same value everywhere.
	Constant PadMode = ""
	// Reflect mirrors the picture at its outermost positions, which are not repeated.
	Reflect PadMode = "reflect"
	// Edge repeats the outermost positions.
	Edge PadMode = "edge"
)

// Pad puts positions around the input, or cuts some off where a number is negative.
type Pad struct {
	// Begin and End are one number for each axis, or for the first ones: height, width, channels.
	Begin, End []int
	// Mode is what they hold.
	Mode PadMode
	// Value is what they hold with Constant.
	Value float64
}

// Shape is the input's with what is added.
func (p Pad) Shape(inputs ...[]int) ([]int, error) {
	in, err := only(inputs)
	if err != nil {
		return nil, err
	}
	if max(len(p.Begin), len(p.End)) > len(in) {
		return nil, fmt.Errorf("%v and %v are for more axes than %v has", p.Begin, p.End, in)
	}
	out := slices.Clone(in)
	for i, size := range in {
		begin, end := at(p.Begin, i), at(p.End, i)
		if max(begin, end) > most || min(begin, end) < -most {
			return nil, fmt.Errorf("padding of %d and %d: use at most %d", begin, end, most)
		}
		if p.Mode == Reflect && max(begin, end) >= size {
			return nil, fmt.Errorf("%d positions can't be mirrored to %d more", size, max(begin, end))
		}
		if out[i] += begin + end; out[i] < 1 {
			return nil, fmt.Errorf("nothing is left of %d positions", size)
		}
	}
	switch p.Mode {
	case Constant, Reflect, Edge:
		return out, nil
	}
	return nil, fmt.Errorf("there is no way to pad called %q", p.Mode)
}

// at is the list's number, 0 beyond its end.
func at(list []int, i int) int {
	if i >= len(list) {
		return 0
	}
	return list[i]
}

// Weights are none.
func (p Pad) Weights(...[]int) map[string][]int { return nil }

// Channelwise is true where the channels stay as they are.
func (p Pad) Channelwise(inputs ...[]int) bool {
	last := len(inputs[0]) - 1
	return at(p.Begin, last) == 0 && at(p.End, last) == 0
}
