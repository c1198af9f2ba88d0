// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// Kind says what a layer does.
type Kind int

const (
	// Conv is a 3x3 convolution with "same" padding and stride 1, followed by a ReLU.
	Conv Kind = iota
	// Pool is a 2x2 maximum with stride 2; an odd last row or column is dropped.
	Pool
)

// String returns "conv" or "pool".
func (k Kind) String() string {
	if k == Pool {
		return "pool"
	}
	return "conv"
}

// Layer is one row of the network's table.
type Layer struct {
	// Name is Keras' name, such as "block3_conv1".
	Name string
	// Kind is Conv or Pool.
	Kind Kind
	// In and Filters count the input and output channels.
	In, Filters int
	// Stride is how many pixels of the picture one step in the layer's output spans.
	Stride int
}

// table is VGG16 without its classifier (Simonyan and Zisserman 2014, configuration D), in order, with Keras' names.
var table = []Layer{
	{"block1_conv1", Conv, 3, 64, 1},
	{"block1_conv2", Conv, 64, 64, 1},
	{"block1_pool", Pool, 64, 64, 2},

	{"block2_conv1", Conv, 64, 128, 2},
	{"block2_conv2", Conv, 128, 128, 2},
	{"block2_pool", Pool, 128, 128, 4},

	{"block3_conv1", Conv, 128, 256, 4},
	{"block3_conv2", Conv, 256, 256, 4},
	{"block3_conv3", Conv, 256, 256, 4},
	{"block3_pool", Pool, 256, 256, 8},

	{"block4_conv1", Conv, 256, 512, 8},
	{"block4_conv2", Conv, 512, 512, 8},
	{"block4_conv3", Conv, 512, 512, 8},
	{"block4_pool", Pool, 512, 512, 16},

	{"block5_conv1", Conv, 512, 512, 16},
	{"block5_conv2", Conv, 512, 512, 16},
	{"block5_conv3", Conv, 512, 512, 16},
	{"block5_pool", Pool, 512, 512, 32},
}

// Layers returns the 13 convolutions and 5 pools of VGG16 in order.
func Layers() []Layer { return slices.Clone(table) }

// UnknownLayerError is what a layer name that VGG16 doesn't have is answered with.
type UnknownLayerError struct {
	// Name is the name asked for.
	Name string
	// Valid holds the names there are, the most similar first.
	Valid []string
}

// Error names the valid layers, the nearest first.
func (e *UnknownLayerError) Error() string {
	return fmt.Sprintf("vgg16 has no layer %q: did you mean %s? (all: %s)",
		e.Name, e.Valid[0], strings.Join(e.Valid, ", "))
}

// Find returns the layer of that name, or an [*UnknownLayerError].
func Find(name string) (Layer, error) {
	for _, layer := range table {
		if layer.Name == name {
			return layer, nil
		}
	}
	valid := make([]string, len(table))
	for i, layer := range table {
		valid[i] = layer.Name
	}
	slices.SortStableFunc(valid, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
	return Layer{}, &UnknownLayerError{Name: name, Valid: valid}
}

// OutputSize returns the height and width of the layer's output for a picture of that size, in positions.
func (l Layer) OutputSize(height, width int) (int, int) {
	return height / l.Stride, width / l.Stride
}

// Parameters counts the layer's weights and biases.
func (l Layer) Parameters() int {
	if l.Kind == Pool {
		return 0
	}
	return 3*3*l.In*l.Filters + l.Filters
}

// ReceptiveField is the side, in pixels, of the square of the picture that one position of the layer's output sees.
func (l Layer) ReceptiveField() int {
	field := 1
	for _, below := range table {
		if below.Kind == Pool {
			field += below.Stride / 2
		} else {
			field += 2 * below.Stride
		}
		if below.Name == l.Name {
			break
		}
	}
	return field
}

// upTo returns the layers from the picture up to and with this one.
func (l Layer) upTo() []Layer {
	end := slices.IndexFunc(table, func(other Layer) bool { return other.Name == l.Name })
	return table[:end+1]
}

// CheckFilters returns an error that gives the range when the layer lacks one of the filters.
func (l Layer) CheckFilters(filters ...int) error { return l.checkFilters(l.Filters, filters) }

// checkFilters is CheckFilters for a layer with that many filters.
func (l Layer) checkFilters(count int, filters []int) error {
	for _, filter := range filters {
		if filter < 0 || filter >= count {
			return fmt.Errorf("%s has no filter %d: choose 0 to %d", l.Name, filter, count-1)
		}
	}
	return nil
}

// CheckSize returns an error when a picture of that height and width, in pixels, has nothing left at the layer.
func (l Layer) CheckSize(height, width int) error {
	if height < l.Stride || width < l.Stride {
		return fmt.Errorf("a picture of %dx%d pixels is too small for %s: it needs at least %dx%d",
			height, width, l.Name, l.Stride, l.Stride)
	}
	return nil
}
