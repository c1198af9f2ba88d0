// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"

	"convscope/pkg/layer"
)

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
