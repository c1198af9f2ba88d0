// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// Input is what pictures a network takes.
type Input struct {
	// Channels is 1 for gray pictures, 3 for coloured ones, or any other number.
	Channels int
	// Height and Width are those the network was made for, in pixels; 0 stands for any. Up to the first layer that
	// fixes a size, every size goes.
	Height, Width int
	// Mean and Deviation, one for each channel or one for all, take gray levels 0 to 255 to what the first layer
	// wants: (levels - mean) / deviation. They are in the order of the network's channels. Empty stands for 0 and 1.
	Mean, Deviation []float64
	// BGR says that the first layer wants blue first.
	BGR bool
	// Source says in a few words how this is known: "from the file", "guessed for ResNet50", "given". "" if it isn't.
	Source string
}

// Apply takes pictures [batch, height, width, channels] in gray levels 0 to 255, red first, to what the first layer
// wants.
func (in Input) Apply(levels *Node) *Node {
	x := levels
	if channels := x.Shape().Dim(-1); in.BGR && channels > 1 {
		parts := make([]*Node, channels)
		for c := range parts {
			parts[c] = graph.SliceAxis(x, -1, graph.AxisElem(channels-1-c))
		}
		x = graph.Concatenate(parts, -1)
	}
	if len(in.Mean) > 0 {
		x = graph.Sub(x, numbers(x, in.Mean))
	}
	if len(in.Deviation) > 0 {
		x = graph.Div(x, numbers(x, in.Deviation))
	}
	return x
}

// Value is what a gray level 0 to 255 of a channel becomes. Channels count as pictures have them, red first.
func (in Input) Value(level float64, channel int) float64 {
	if in.BGR {
		channel = in.Channels - 1 - channel
	}
	return (level - of(in.Mean, channel, 0)) / of(in.Deviation, channel, 1)
}

// Range is the least and the greatest value that a channel takes for gray levels 0 to 255; the least is what black is.
func (in Input) Range(channel int) (low, high float64) {
	return in.Value(0, channel), in.Value(255, channel)
}

// of is a channel's number in a list that may hold one for all or none.
func of(list []float64, channel int, none float64) float64 {
	switch len(list) {
	case 0:
		return none
	case 1:
		return list[0]
	}
	return list[channel]
}

// check returns an error for options that can't be.
func (in Input) check() error {
	if in.Channels < 1 || in.Channels > most {
		return fmt.Errorf("pictures of %d channels: a network takes 1 to %d", in.Channels, most)
	}
	if min(in.Height, in.Width) < 0 || max(in.Height, in.Width) > most {
		return fmt.Errorf("pictures of %dx%d pixels: a network takes at most %dx%d", in.Height, in.Width, most, most)
	}
	for _, list := range [][]float64{in.Mean, in.Deviation} {
		if len(list) > 1 && len(list) != in.Channels {
			return fmt.Errorf("%d means or deviations for %d channels: give one for each, or one for all",
				len(list), in.Channels)
		}
		for _, number := range list {
			if math.IsNaN(number) || math.IsInf(number, 0) {
				return fmt.Errorf("a mean or deviation of %v", number)
			}
		}
	}
	for _, deviation := range in.Deviation {
		if deviation <= 0 {
			return fmt.Errorf("a deviation of %v: it must be above 0", deviation)
		}
	}
	return nil
}
