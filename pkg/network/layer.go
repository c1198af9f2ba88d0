// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import (
	"errors"
	"fmt"
	"math"
)

// Layer is one layer of a network, as people ask for it.
type Layer struct {
	// Name is the one that the network's author gave it, such as "block3_conv1".
	Name string
	// Kind is what its file calls such a layer, such as "conv" or "MaxPooling2D".
	Kind string
	// In counts the channels of what it takes first, Filters those of its output.
	In, Filters int
	// Kernels says that each of its channels has a kernel of its own, as in a convolution.
	Kernels bool
	// Stride is how many pixels of the picture one step in the layer's output spans, 0 if its output has no places.
	Stride int
	// Silent says that its activation can be one and the same value, without a gradient, for many inputs, as ReLU's:
	// only then a filter can be dead.
	Silent bool

	field      int
	parameters int64
	index      int
	table      *Table
}

// ReceptiveField is the side, in pixels, of the square of the picture that one position of the layer's output sees; 0
// if it sees all of it, whatever the size.
func (l Layer) ReceptiveField() int { return l.field }

// Parameters counts the layer's weights and biases.
func (l Layer) Parameters() int64 { return l.parameters }

// OutputSize returns the height and width of the layer's output for a picture of that size, in positions: 1 and 1 for
// features without places, 0 and 0 for a picture that the layer can't take, see [Layer.CheckSize].
func (l Layer) OutputSize(height, width int) (rows, columns int) {
	shape, err := l.table.net.ShapeOf(l.Name, height, width)
	switch {
	case err != nil || len(shape) == 0:
		return 0, 0
	case len(shape) == 3:
		return shape[0], shape[1]
	}
	return int(volume(shape[:len(shape)-1])), 1
}

// CheckFilters returns an error that gives the range when the layer lacks one of the filters, or says why it has none.
func (l Layer) CheckFilters(filters ...int) error {
	if l.Filters == 0 && l.table != nil {
		height, width := l.table.OwnSize()
		if err := l.table.net.CheckSize(l.Name, height, width); err != nil {
			return err
		}
		return fmt.Errorf("%s has no filters", l.Name)
	}
	for _, filter := range filters {
		if filter < 0 || filter >= l.Filters {
			return fmt.Errorf("%s has no filter %d: choose 0 to %d", l.Name, filter, l.Filters-1)
		}
	}
	return nil
}

// ErrVast is wrapped by the error for pictures that no machine has memory for.
var ErrVast = errors.New("larger than any memory")

// CheckSize returns an error when the layer can't take a picture of that height and width, in pixels: nothing is left
// of a smaller one, or a layer on the way has weights for one size alone. It wraps [ErrVast] for one that is far too
// large.
func (l Layer) CheckSize(height, width int) error {
	err := l.table.net.CheckSize(l.Name, height, width)
	const vast = 1 << 27 // pixels, which no machine has memory for
	if rows, columns := l.table.OwnSize(); err != nil && float64(height)*float64(width) > vast &&
		l.table.net.CheckSize(l.Name, rows, columns) == nil {
		values := 0.
		l.each(rows, columns, func(_ int, own float64) { values = max(values, own) })
		const float, mib = 4, 1 << 20
		return fmt.Errorf("%w: pictures of %dx%d pixels need about %.0f MiB on their way to %s: choose a smaller size",
			ErrVast,
			height, width, values*float64(height)/float64(rows)*float64(width)/float64(columns)*float/mib, l.Name)
	}
	return err
}

// CheckMemory returns an error when the layer's outputs for so many pictures of height x width pixels, and a drawing
// of them, take more than the free bytes.
func (l Layer) CheckMemory(pictures, height, width int, free int64) error {
	if err := l.CheckSize(height, width); err != nil {
		return err
	}
	const working, drawn = 16, 20 // bytes a value: as in heatmapBytes; the output, a copy by channels, and its picture
	var most, own float64         // no size overflows them
	l.each(height, width, func(_ int, values float64) {
		most, own = max(most, values*working), values
	})
	need := float64(pictures) * (most + own*drawn)
	if need > float64(free) {
		const mib = 1 << 20
		return fmt.Errorf("the outputs of %s for %d picture(s) of %dx%d pixels need about %.0f MiB, but %d MiB are "+
			"free: choose a smaller size",
			l.Name, pictures, height, width, need/mib, free/mib)
	}
	return nil
}

// each calls visit for the layers up to and with this one, in order, with how many values each one's output has for a
// picture of that size. One that the layer can't take is none, see [Layer.CheckSize].
func (l Layer) each(height, width int, visit func(index int, values float64)) {
	needed, err := l.table.net.UpTo(l.Name)
	if err != nil {
		return
	}
	shapes := l.table.net.Shapes(height, width)
	for _, below := range needed {
		index := l.table.at[below.Name]
		values := 1.
		for _, dim := range shapes[index] {
			values *= float64(dim)
		}
		visit(index, values)
	}
}

// pictureBytes estimates the memory that one step takes for one picture of a batch. XLA keeps each layer's output for
// the gradient, and works on up to as much again; what is above that is reserve.
func (l Layer) pictureBytes(height, width int) int64 {
	const bytesPerValue = 10
	var bytes float64
	l.each(height, width, func(_ int, values float64) { bytes += values * bytesPerValue })
	return whole(bytes)
}

// heatmapBytes estimates the memory that a heatmap of the layer takes for one picture, up to the last layer. XLA lets
// go of what lies below the layer, and keeps what lies above it for the gradient.
func (l Layer) heatmapBytes(height, width int, last Layer) int64 {
	const bytesBelow, bytesAbove = 16, 10 // a value: two layers and a copy of each; as pictureBytes
	var most, kept float64
	last.each(height, width, func(index int, values float64) {
		if index <= l.index {
			most = max(most, values*bytesBelow)
		} else {
			kept += values * bytesAbove
		}
	})
	return whole(most + kept)
}

// whole is a number of bytes; what would overflow is the largest there is.
func whole(bytes float64) int64 {
	if bytes >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(bytes)
}
