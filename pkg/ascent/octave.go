// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"math"
	"sort"
)

// octaveSizes are the sizes in which a picture grows, the last its own.
func (m Method) octaveSizes(height, width int) [][2]int {
	count := max(m.Octaves, 1)
	sizes := make([][2]int, count)
	for i := range sizes {
		part := math.Pow(octaveRatio, float64(i+1-count))
		sizes[i] = [2]int{max(int(math.Round(float64(height)*part)), 1), max(int(math.Round(float64(width)*part)), 1)}
	}
	return sizes
}

// Views are the shapes, batch, height and width, of what the model sees of a batch of pictures of that size: one for
// each octave.
func (m Method) Views(batch, height, width int) [][3]int {
	var views [][3]int
	for _, size := range m.octaveSizes(height, width) {
		h, w := m.seenSize(size[0], size[1])
		views = append(views, [3]int{batch * m.copies(), h, w})
	}
	return views
}

// CheckSize returns the error of takes, which says whether a model takes pictures of that height and width, for what
// the model sees of such pictures: a method keeps a border and jitter for itself, and begins with smaller octaves. The
// error then names a larger size that would do, if there is one near.
func (m Method) CheckSize(height, width int, takes func(height, width int) error) error {
	seen, err := m.refused(height, width, takes)
	if err == nil || seen == [3]int{1, height, width} {
		return err
	}
	err = fmt.Errorf("%w; with this method the model sees %dx%d of %dx%d pixels", err, seen[1], seen[2], height, width)
	does := func(more int) bool {
		_, refused := m.refused(height+more, width+more, takes)
		return refused == nil
	}
	const near = 128
	more := sort.Search(near, does)
	if more == near {
		more = height - seen[1] // so that the model sees what was asked for: some take one size only
	}
	if does(more) {
		return fmt.Errorf("%w: give it %dx%d", err, height+more, width+more)
	}
	return err
}

// refused is the first view that a model does not take, and why.
func (m Method) refused(height, width int, takes func(height, width int) error) (seen [3]int, err error) {
	for _, seen = range m.Views(1, height, width) {
		if err := takes(seen[1], seen[2]); err != nil {
			return seen, err
		}
	}
	return seen, nil
}

// resized scales a picture [fromHeight, fromWidth, channels] bilinearly to [height, width, channels], on the host.
func resized(values []float32, fromHeight, fromWidth, height, width int) []float32 {
	if fromHeight == height && fromWidth == width {
		return values
	}
	place := func(i, from, to int) (low, high int, share float32) {
		at := (float64(i)+0.5)*float64(from)/float64(to) - 0.5
		at = min(max(at, 0), float64(from-1))
		low = int(at)
		return low, min(low+1, from-1), float32(at - float64(low))
	}
	channels := len(values) / (fromHeight * fromWidth)
	scaled := make([]float32, 0, height*width*channels)
	for y := range height {
		top, bottom, down := place(y, fromHeight, height)
		for x := range width {
			left, right, across := place(x, fromWidth, width)
			for c := range channels {
				at := func(row, column int) float32 { return values[(row*fromWidth+column)*channels+c] }
				above := at(top, left)*(1-across) + at(top, right)*across
				below := at(bottom, left)*(1-across) + at(bottom, right)*across
				scaled = append(scaled, above*(1-down)+below*down)
			}
		}
	}
	return scaled
}

// begin makes the parameters that a picture of height x width starts from.
func (m Method) begin(t task, o Options, height, width int) [][]float32 {
	channels := m.components()
	if t.start != nil {
		levels := resized(t.start, o.Height, o.Width, height, width)
		return m.image().(inverter).invert(m.color().invert(levels, m.width()), height, width, channels)
	}
	shapes := m.image().shapes(height, width, channels)
	parameters := make([][]float32, len(shapes))
	for i, shape := range shapes {
		parameters[i] = make([]float32, volume(shape))
	}
	m.image().draw(parameters, shapes, startOf(t.seed, t.filter))
	return parameters
}

// takesStart says whether the method can start from a given picture.
func (m Method) takesStart() bool {
	_, can := m.image().(inverter)
	return can
}
