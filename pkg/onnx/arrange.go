// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"convscope/pkg/layer"
)

// identity is an operation that changes nothing here, such as a Dropout.
func (r *reader) identity(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	return []*value{r.row(n, "", layer.Identity{}, nil, x.order, x)}, nil
}

// cast is a Cast to another kind of float.
func (r *reader) cast(n *node) ([]*value, error) {
	switch n.Int("to", 1) {
	case 1, 10, 11, 16:
		return r.identity(n)
	}
	return nil, fmt.Errorf("one to whole numbers is not supported")
}

// transpose changes only how the axes are counted.
func (r *reader) transpose(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	by, err := n.order(len(x.order))
	if err != nil {
		return nil, err
	}
	out := &value{layer: x.layer, shape: x.shape, order: make([]int, len(by))}
	for i, axis := range by {
		out.order[i] = x.order[axis]
	}
	r.alias(out, n.name)
	return []*value{out}, nil
}

// concat is a Concat of layers' outputs.
func (r *reader) concat(n *node) ([]*value, error) {
	var all []*value
	for i := range n.in {
		v, err := n.device(i)
		if err != nil {
			return nil, err
		}
		if len(v.order) != len(n.in[0].order) {
			return nil, fmt.Errorf("values of %d and %d axes", len(n.in[0].order), len(v.order))
		}
		all = append(all, v)
	}
	all, err := r.sameOrder(n, all)
	if err != nil {
		return nil, err
	}
	axes, err := all[0].stored([]int{int(n.Int("axis", 1))})
	if err != nil {
		return nil, err
	}
	return []*value{r.row(n, "", layer.Concat{Axis: axes[0]}, nil, all[0].order, all...)}, nil
}

// slice is a Slice.
func (r *reader) slice(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	out, err := r.sized(n, func(in []*array, shapes [][]int) (layer.Op, []int, error) {
		cuts, err := n.cuts(in, len(x.order))
		if err != nil {
			return nil, nil, err
		}
		var op layer.Slice
		for _, c := range cuts {
			at := x.order[c.axis]
			if at == 0 {
				if c.start == 0 && c.step == 1 && c.end >= r.batch {
					continue
				}
				return nil, nil, errBatch
			}
			op.Axes, op.Starts = append(op.Axes, at-1), append(op.Starts, c.start)
			op.Ends, op.Steps = append(op.Ends, c.end), append(op.Steps, c.step)
		}
		return op, x.order, nil
	}, x)
	return []*value{out}, err
}

// split is a Split: a slice for each output.
func (r *reader) split(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	in, err := r.sizing.arrays(n)
	if err != nil {
		return nil, err
	}
	axis, sizes, err := n.parts(in, x.dims(r.batch))
	if err != nil {
		return nil, err
	}
	at, err := x.stored([]int{axis})
	if err != nil {
		return nil, err
	}
	if len(sizes) != len(n.Outputs) {
		return nil, fmt.Errorf("%d parts for %d outputs", len(sizes), len(n.Outputs))
	}
	var outs []*value
	start := 0
	for i, size := range sizes {
		op := layer.Slice{Axes: at, Starts: []int{start}, Ends: []int{start + size}}
		outs = append(outs, r.row(n, fmt.Sprint(i), op, nil, x.order, x))
		start += size
	}
	return outs, nil
}

// gather takes known positions of an axis.
func (r *reader) gather(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	indices, err := n.weight(1)
	if err != nil {
		return nil, err
	}
	axis, err := axisIn(int(n.Int("axis", 0)), len(x.order))
	if err != nil {
		return nil, err
	}
	stored, err := x.stored([]int{axis})
	if err != nil {
		return nil, err
	}
	list, err := indices.ints()
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("it takes nothing")
	}
	size := x.shape[stored[0]]
	for i := range list {
		if list[i], err = axisIn(list[i], size); err != nil {
			return nil, err
		}
	}
	if len(list) > maxTaken {
		if !slices.Equal(list, natural(size)) {
			return nil, fmt.Errorf("%d positions are too many", len(list))
		}
	}
	out := x
	if !slices.Equal(list, natural(size)) {
		out = r.row(n, "taken", take{Axis: stored[0], Positions: list}, nil, x.order, x)
	}
	if len(indices.dims) == 1 {
		return []*value{out}, nil
	}
	// The positions make as many axes as the list of them has.
	dims := out.dims(1)
	to := slices.Concat(dims[:axis], indices.dims, dims[axis+1:])
	hasBatch := slices.Contains(out.order, 0)
	switch {
	case hasBatch && out.order[0] == 0 && axis > 0:
		to = to[1:]
	case !hasBatch && len(to) > 1 && to[0] == 1 && r.batch == 1:
		to, hasBatch = to[1:], true
	case hasBatch:
		return nil, errBatch
	}
	op, order, err := regrouped(out, out.shape, to, -1)
	if err != nil {
		return nil, err
	}
	if !hasBatch {
		order = order[1:]
	}
	return []*value{r.row(n, "", op, nil, order, out)}, nil
}

// maxTaken is how many positions may be taken one by one.
const maxTaken = 4096

// take takes some positions of an axis, in any order.
type take struct {
	// Axis is the input's, without the batch.
	Axis int
	// Positions are along it.
	Positions []int
}

// Shape is the input's with as many positions.
func (t take) Shape(inputs ...[]int) ([]int, error) {
	if len(inputs) != 1 || t.Axis >= len(inputs[0]) {
		return nil, fmt.Errorf("it takes one value of more than %d axes", t.Axis)
	}
	if most := slices.Max(t.Positions); most >= inputs[0][t.Axis] {
		return nil, fmt.Errorf("there is no position %d among %d", most, inputs[0][t.Axis])
	}
	out := slices.Clone(inputs[0])
	out[t.Axis] = len(t.Positions)
	return out, nil
}

// Weights are none.
func (take) Weights(...[]int) map[string][]int { return nil }

// Build joins slices, one for each run of positions.
func (t take) Build(_ func(string) *layer.Node, inputs ...*layer.Node) *layer.Node {
	x := inputs[0]
	var parts []*layer.Node
	for at := 0; at < len(t.Positions); {
		from, end := t.Positions[at], at+1
		for end < len(t.Positions) && t.Positions[end] == t.Positions[end-1]+1 {
			end++
		}
		parts = append(parts, graph.SliceAxis(x, t.Axis+1, graph.AxisRange(from, from+end-at)))
		at = end
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return graph.Concatenate(parts, t.Axis+1)
}

// pad is a Pad.
func (r *reader) pad(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	modes := map[string]layer.PadMode{"constant": layer.Constant, "reflect": layer.Reflect, "edge": layer.Edge}
	mode, ok := modes[n.Text("mode", "constant")]
	if !ok {
		return nil, fmt.Errorf("mode %q is not supported", n.Text("mode", ""))
	}
	fill, err := n.number(2, "value", 0)
	if err != nil {
		return nil, err
	}
	out, err := r.sized(n, func(in []*array, shapes [][]int) (layer.Op, []int, error) {
		name := "pads"
		if n.Has("paddings") { // version 1
			name = "paddings"
		}
		pads, err := n.list(in, 1, name)
		if err != nil {
			return nil, nil, err
		}
		axes := natural(len(x.order))
		if len(in) > 3 && in[3] != nil {
			if axes, err = in[3].ints(); err != nil {
				return nil, nil, err
			}
		}
		if axes, err = axesIn(axes, len(x.order)); err != nil {
			return nil, nil, err
		}
		if len(pads) != 2*len(axes) {
			return nil, nil, fmt.Errorf("%d pads for %d axes", len(pads), len(axes))
		}
		op := layer.Pad{Begin: make([]int, len(x.shape)), End: make([]int, len(x.shape)), Mode: mode, Value: fill}
		for i, axis := range axes {
			begin, end := pads[i], pads[i+len(axes)]
			if at := x.order[axis]; at > 0 {
				op.Begin[at-1], op.End[at-1] = begin, end
			} else if begin != 0 || end != 0 {
				return nil, nil, errBatch
			}
		}
		return op, x.order, nil
	}, x)
	return []*value{out}, err
}

// reduce is a ReduceMean or one of its kin.
func (r *reader) reduce(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	in, err := r.sizing.arrays(n)
	if err != nil {
		return nil, err
	}
	axes, err := n.list(in, 1, "axes")
	if err != nil {
		return nil, err
	}
	if len(axes) == 0 {
		if n.Int("noop_with_empty_axes", 0) != 0 {
			return r.identity(n)
		}
		axes = natural(len(x.order))
	}
	if axes, err = axesIn(axes, len(x.order)); err != nil {
		return nil, err
	}
	keep := n.Int("keepdims", 1) != 0
	if r.batch == 1 { // the mean of one picture is the picture
		if at := slices.Index(x.order, 0); at >= 0 && slices.Contains(axes, at) && keep && len(axes) > 1 {
			axes = slices.DeleteFunc(axes, func(axis int) bool { return axis == at })
		}
	}
	stored, err := x.stored(axes)
	if err != nil {
		return nil, err
	}
	order := x.order
	if !keep {
		order = nil
		for i, at := range x.order {
			if slices.Contains(axes, i) {
				continue
			}
			less := 0
			for _, gone := range stored {
				if gone+1 < at {
					less++
				}
			}
			order = append(order, at-less)
		}
	}
	op := layer.Reduce{To: map[string]layer.Reduction{"ReduceMean": layer.Mean, "ReduceSum": layer.Sum, "ReduceL2": layer.Sum,
		"ReduceSumSquare": layer.Sum, "ReduceMax": layer.Maximal, "ReduceMin": layer.Minimal}[n.Op], Axes: stored, Keep: keep}
	switch n.Op {
	case "ReduceL2":
		squared := r.row(n, "squared", layer.Activate{Activation: layer.Square}, nil, x.order, x)
		sum := r.row(n, "sum", op, nil, order, squared)
		if squared.lost || sum.lost {
			return nil, fmt.Errorf("shapes that don't fit")
		}
		return r.activated(n, layer.Sqrt, sum), nil
	case "ReduceSumSquare":
		x = r.row(n, "squared", layer.Activate{Activation: layer.Square}, nil, x.order, x)
	}
	return []*value{r.row(n, "", op, nil, order, x)}, nil
}

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
