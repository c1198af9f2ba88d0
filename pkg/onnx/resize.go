// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"math"

	"convscope/pkg/layer"
)

// resize is a Resize or an Upsample.
func (r *reader) resize(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	if x, err = r.channelsLast(n, x, 4); err != nil || x.lost {
		return []*value{x}, err
	}
	base, err := n.sampling(r.model.Opset)
	if err != nil {
		return nil, err
	}
	out, err := r.sized(n, func(in []*array, shapes [][]int) (layer.Op, []int, error) {
		op := base
		return op, x.order, n.resized(&op, in, shapes[0], x.order, r.batch)
	}, x)
	return []*value{out}, err
}

// sampling reads how a Resize computes positions.
func (n *node) sampling(opset int) (op layer.Resize, err error) {
	switch mode := n.Text("mode", "nearest"); mode {
	case "nearest":
	case "linear", "bilinear":
		op.Sampling = layer.Bilinear
	default:
		return op, fmt.Errorf("mode %q is not supported", mode)
	}
	if n.Op == "Upsample" || opset < 11 {
		op.Coordinates, op.Rounding = layer.Asymmetric, layer.Floor
		return op, nil
	}
	if n.Int("antialias", 0) != 0 {
		return op, fmt.Errorf("antialias is not supported")
	}
	switch coordinates := n.Text("coordinate_transformation_mode", "half_pixel"); coordinates {
	case "half_pixel":
		op.Coordinates = layer.HalfPixel
	case "pytorch_half_pixel":
		op.Coordinates = layer.TorchHalfPixel
	case "asymmetric":
		op.Coordinates = layer.Asymmetric
	case "align_corners":
		op.Coordinates = layer.AlignCorners
	default:
		return op, fmt.Errorf("coordinates %q are not supported", coordinates)
	}
	roundings := map[string]layer.Rounding{"floor": layer.Floor, "round_prefer_floor": layer.PreferFloor,
		"round_prefer_ceil": layer.PreferCeil, "ceil": layer.Ceil}
	rounding, ok := roundings[n.Text("nearest_mode", "round_prefer_floor")]
	if op.Rounding = rounding; !ok {
		return op, fmt.Errorf("rounding %q is not supported", n.Text("nearest_mode", ""))
	}
	return op, nil
}

// resized fills in how large the result is: a scale where that is a whole number, so that it goes with other sizes, or
// positions.
func (n *node) resized(op *layer.Resize, in []*array, shape, order []int, batch int) error {
	dims := (&value{order: order, shape: shape}).dims(batch)
	axes := natural(len(dims))
	if n.Has("axes") {
		given, err := n.ints("axes")
		if err != nil {
			return err
		}
		if axes, err = axesIn(given, len(dims)); err != nil {
			return err
		}
	}
	get := func(i int) []float64 {
		if i >= len(in) || in[i] == nil {
			return nil
		}
		values, err := in[i].read()
		if err != nil {
			return nil
		}
		return values
	}
	at := 2
	if n.Op == "Upsample" || len(in) == 2 {
		at = 1
	}
	scales, sizes := get(at), []float64(nil)
	if at == 2 {
		sizes = get(3)
	}
	if list, ok := n.Floats("scales"); ok && len(list) > 0 {
		scales = nil
		for _, v := range list {
			scales = append(scales, float64(v))
		}
	}
	if len(scales) == 0 && len(sizes) > 0 {
		if n.Text("keep_aspect_ratio_policy", "stretch") != "stretch" {
			return fmt.Errorf("keeping the aspect ratio is not supported")
		}
		for i, size := range sizes {
			if i < len(axes) {
				scales = append(scales, size/float64(dims[axes[i]]))
			}
		}
	}
	if len(scales) != len(axes) {
		return fmt.Errorf("%d scales for %d axes", len(scales), len(axes))
	}
	op.Scale = [2]float64{1, 1}
	for i, axis := range axes {
		place := order[axis] - 1
		switch {
		case place == 0 || place == 1:
			whole := scales[i] == math.Trunc(scales[i]) || 1/scales[i] == math.Trunc(1/scales[i])
			if op.Scale[place] = scales[i]; !whole && sizes != nil {
				size := int(min(max(sizes[i], 0), math.MaxInt32))
				if op.Scale[place] = 0; place == 0 {
					op.Height = size
				} else {
					op.Width = size
				}
			}
		case scales[i] != 1:
			return fmt.Errorf("one of the channels or the batch is not supported")
		}
	}
	return nil
}
