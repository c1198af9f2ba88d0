// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"

	"convscope/pkg/layer"
)

// pool is a MaxPool or an AveragePool.
func (r *reader) pool(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	if n.Op == "AveragePool" && len(x.order) != 4 {
		return r.slidingMean(n, x)
	}
	size, stride, dilation, padding, err := n.window()
	if err != nil {
		return nil, err
	}
	if x, err = r.channelsLast(n, x, 4); err != nil || x.lost {
		return []*value{x}, err
	}
	ceil := n.Int("ceil_mode", 0) != 0
	var op layer.Op = layer.MaxPool{Size: size, Stride: stride, Dilation: dilation, Padding: padding, Ceil: ceil}
	if n.Op == "AveragePool" {
		op = layer.AveragePool{Size: size, Stride: stride, Dilation: dilation, Padding: padding, Ceil: ceil,
			CountPadding: n.Int("count_include_pad", 0) != 0}
	}
	return []*value{r.row(n, "", op, nil, x.order, x)}, nil
}

// globalPool is one of all positions.
func (r *reader) globalPool(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	if x, err = r.channelsLast(n, x, 0); err != nil || x.lost {
		return []*value{x}, err
	}
	op := layer.Reduce{To: layer.Mean, Axes: natural(len(x.shape) - 1), Keep: true}
	if n.Op == "GlobalMaxPool" {
		op.To = layer.Maximal
	}
	if len(op.Axes) == 0 {
		return nil, fmt.Errorf("it takes a picture, not %d axes", len(x.order))
	}
	return []*value{r.row(n, "", op, nil, x.order, x)}, nil
}
