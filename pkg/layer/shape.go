// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"errors"
	"fmt"
)

// Shapes returns the shape of each layer's output for a picture of that height and width, in pixels, without the
// batch: [height, width, channels] or [features]. It is nil where the picture doesn't fit.
func (n *Network) Shapes(height, width int) [][]int {
	shapes, _ := n.shapes(height, width, nil)
	return shapes
}

// ShapeOf is [Network.Shapes] for one layer. Errors are an [*UnknownLayerError], and one that names the layer on the
// way whose input doesn't fit.
func (n *Network) ShapeOf(layer string, height, width int) ([]int, error) {
	at, err := n.find(layer)
	if err != nil {
		return nil, err
	}
	shapes, errs := n.shapes(height, width, n.needed(at))
	return shapes[at], errs[at]
}

// shapes returns the shapes, and why one is nil; needed limits it to some layers, nil stands for all. Of a layer whose
// input has an error the error is the input's.
func (n *Network) shapes(height, width int, needed []bool) ([][]int, []error) {
	shapes, errs := make([][]int, len(n.Layers)), make([]error, len(n.Layers))
	places := n.places()
	picture := []int{height, width, n.Input.Channels}
	for i := range n.Layers {
		if needed == nil || needed[i] {
			shapes[i], errs[i] = n.shape(i, picture, places, shapes, errs)
		}
	}
	return shapes, errs
}

// shape returns the shape of one layer.
func (n *Network) shape(i int, picture []int, places map[string]int, shapes [][]int, errs []error) ([]int, error) {
	layer := &n.Layers[i]
	inputs := make([][]int, len(layer.Inputs))
	for k, name := range layer.Inputs {
		if name == Picture {
			if err := checkShape(picture); err != nil {
				return nil, fmt.Errorf("%s: %w", layer.Name, err)
			}
			inputs[k] = picture
			continue
		}
		at, known := places[name]
		if !known || at >= i {
			return nil, fmt.Errorf("%s takes %q, which is no layer before it", layer.Name, name)
		}
		if errs[at] != nil {
			return nil, errs[at]
		}
		inputs[k] = shapes[at]
	}
	if layer.Op == nil {
		return nil, fmt.Errorf("%s computes nothing", layer.Name)
	}
	shape, err := layer.Op.Shape(inputs...)
	if err == nil {
		err = checkShape(shape)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", layer.Name, err)
	}
	return shape, layer.fitWeights(inputs)
}

// checkShape returns an error for a shape that no array should have.
func checkShape(shape []int) error {
	const rank, values = 8, 1 << 36
	if len(shape) > rank {
		return fmt.Errorf("%d axes are too many", len(shape))
	}
	left := values
	for _, size := range shape {
		if size < 1 {
			return fmt.Errorf("a shape of %v", shape)
		}
		if left /= size; left == 0 {
			return fmt.Errorf("a shape of %v is too large", shape)
		}
	}
	return nil
}

// Channels counts a layer's channels, or its features. Errors are those of [Network.ShapeOf] for [Network.Size].
func (n *Network) Channels(layer string) (int, error) {
	height, width := n.Size()
	shape, err := n.ShapeOf(layer, height, width)
	if err != nil {
		return 0, err
	}
	if len(shape) == 0 {
		return 1, nil
	}
	return shape[len(shape)-1], nil
}

// Size returns the height and width of pictures that the network was made for, in pixels; where it takes any, the
// first usual ones that fit all layers.
func (n *Network) Size() (height, width int) {
	if n.Input.Height > 0 && n.Input.Width > 0 {
		return n.Input.Height, n.Input.Width
	}
	const usual = 224
	for _, side := range []int{usual, 256, 299, 320, 331, 384, 512, 128, 96, 64, 32, 28} {
		_, errs := n.shapes(side, side, nil)
		fits := true
		for i, err := range errs {
			fits = fits && (err == nil || n.unsupported(i, errs))
		}
		if fits {
			return side, side
		}
	}
	return usual, usual
}

// unsupported says whether a layer's error comes from one that can't be computed.
func (n *Network) unsupported(i int, errs []error) bool {
	return errs[i] != nil && errors.As(errs[i], new(*UnsupportedError))
}

// Smallest returns the height and width, in pixels, of the smallest square picture that the layer can be computed for;
// where only pictures of the network's own size fit, that.
func (n *Network) Smallest(layer string) (height, width int, err error) {
	at, err := n.find(layer)
	if err != nil {
		return 0, 0, err
	}
	needed := n.needed(at)
	const largest = 1024
	for side := 1; side <= largest; side++ {
		if _, errs := n.shapes(side, side, needed); errs[at] == nil {
			return side, side, nil
		}
	}
	height, width = n.Size()
	_, errs := n.shapes(height, width, needed)
	return height, width, errs[at]
}

// CheckSize returns an error when a layer can't be computed for a picture of that height and width, in pixels. It says
// which size is needed.
func (n *Network) CheckSize(layer string, height, width int) error {
	_, err := n.ShapeOf(layer, height, width)
	if err == nil || errors.As(err, new(*UnknownLayerError)) || errors.As(err, new(*UnsupportedError)) {
		return err
	}
	if errors.As(err, new(*misfit)) {
		if rows, columns := n.Size(); n.fits(layer, rows, columns) {
			return fmt.Errorf("a picture of %dx%d pixels doesn't fit %s: %dx%d does, but here %w",
				height, width, layer, rows, columns, err)
		}
		return err
	}
	rows, columns, other := n.Smallest(layer)
	if other == nil && (height < rows || width < columns) {
		return fmt.Errorf("a picture of %dx%d pixels is too small for %s: it needs at least %dx%d",
			height, width, layer, rows, columns)
	}
	return err
}

// fits says whether a layer can be computed for a picture of that height and width.
func (n *Network) fits(layer string, height, width int) bool {
	_, err := n.ShapeOf(layer, height, width)
	return err == nil
}
