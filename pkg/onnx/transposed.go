// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"

	"convscope/pkg/layer"
)

// convTranspose is a ConvTranspose.
func (r *reader) convTranspose(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	kernel, size, weights, err := n.kernel()
	if err != nil {
		return nil, err
	}
	_, stride, dilation, padding, err := n.window()
	if err != nil {
		return nil, err
	}
	more, err := n.pair("output_padding", 0)
	if err != nil {
		return nil, err
	}
	if x, err = r.channelsLast(n, x, 4); err != nil || x.lost {
		return []*value{x}, err
	}
	groups := int(n.Int("group", 1))
	if groups < 1 || groups > maxGrown || kernel.dims[0] != x.shape[2] {
		return nil, fmt.Errorf("a kernel of shape %v in %d groups doesn't fit %d channels", kernel.dims, groups,
			x.shape[2])
	}
	op := layer.ConvTranspose{Filters: kernel.dims[1] * groups, Kernel: size, Stride: stride, Dilation: dilation,
		Groups: groups, Padding: padding, OutputPadding: more, NoBias: weights["bias"] == nil}
	if n.Has("output_shape") {
		if op.Padding, err = n.cropped(op, x.shape); err != nil {
			return nil, err
		}
	}
	if weights["kernel"], err = kernel.transposed([]int{2, 3, 1, 0}); err != nil {
		return nil, err
	}
	return r.weighed(n, op, weights, x)
}

// cropped is the padding that gives a transposed convolution the output shape that it asks for.
func (n *node) cropped(op layer.ConvTranspose, in []int) (layer.Padding, error) {
	want, err := n.ints("output_shape")
	if err != nil || len(want) < 2 {
		return layer.Padding{}, fmt.Errorf("output_shape %v: two numbers are needed", want)
	}
	upper := op.Padding.Same && !op.Padding.Lower
	whole := op
	whole.Padding = layer.Padding{}
	out, err := whole.Shape(in)
	if err != nil {
		return layer.Padding{}, err
	}
	var p layer.Padding
	for i := range 2 {
		total := out[i] - want[len(want)-2+i]
		if p.Begin[i] = total - total/2; upper {
			p.Begin[i] = total / 2
		}
		p.End[i] = total - p.Begin[i]
	}
	return p, nil
}
