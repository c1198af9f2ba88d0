// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
)

// converters make layers of nodes, by their operations.
var converters map[string]func(r *reader, n *node) ([]*value, error)

func init() {
	converters = map[string]func(r *reader, n *node) ([]*value, error){
		"Conv": (*reader).conv, "ConvTranspose": (*reader).convTranspose,
		"MaxPool": (*reader).pool, "AveragePool": (*reader).pool,
		"GlobalAveragePool": (*reader).globalPool, "GlobalMaxPool": (*reader).globalPool,
		"Gemm": (*reader).gemm, "MatMul": (*reader).matMul,
		"BatchNormalization": (*reader).batchNorm, "InstanceNormalization": (*reader).instanceNorm,
		"LayerNormalization": (*reader).layerNorm, "GroupNormalization": (*reader).groupNorm,
		"MeanVarianceNormalization": (*reader).meanVariance, "LRN": (*reader).lrn,
		"Concat": (*reader).concat, "Pad": (*reader).pad, "Slice": (*reader).slice, "Split": (*reader).split,
		"Transpose": (*reader).transpose, "Reshape": (*reader).reshape, "Flatten": (*reader).reshape,
		"Squeeze": (*reader).squeeze, "Unsqueeze": (*reader).unsqueeze, "Gather": (*reader).gather,
		"Expand": (*reader).expand, "Identity": (*reader).identity, "Dropout": (*reader).identity,
		"Cast": (*reader).cast, "CastLike": (*reader).identity,
		"Resize": (*reader).resize, "Upsample": (*reader).resize,
		"DepthToSpace": (*reader).depthToSpace, "SpaceToDepth": (*reader).depthToSpace,
		"Softmax": (*reader).softmax, "LogSoftmax": (*reader).softmax,
		"PRelu": (*reader).prelu, "Clip": (*reader).clip,
		"Where": (*reader).where, "Erfc": (*reader).erfc,
	}
	for op := range reductions {
		converters[op] = (*reader).reduce
	}
	for op := range comparisons {
		converters[op] = (*reader).compare
	}
	for op := range operations {
		converters[op] = (*reader).arithmetic
	}
	for op := range activations {
		converters[op] = (*reader).activate
	}
}

// held is an array as a layer's weight.
func (r *reader) held(a *array) layer.Weight {
	dims, file := a.dims, r.file
	return layer.Weight{Shape: dims, Read: func() (t *tensors.Tensor, err error) {
		err = file.guard(func() error {
			values, err := a.float32s()
			if err == nil {
				t = tensors.FromFlatDataAndDimensions(values, dims...)
			}
			return err
		})
		return t, err
	}}
}

// weights are arrays by their roles.
func (r *reader) weights(arrays map[string]*array) map[string]layer.Weight {
	out := make(map[string]layer.Weight, len(arrays))
	for role, a := range arrays {
		out[role] = r.held(a)
	}
	return out
}

// padding is what a Conv or a pool puts around its input.
func (n *node) padding() (p layer.Padding, err error) {
	switch auto := n.Text("auto_pad", "NOTSET"); auto {
	case "SAME_UPPER":
		return layer.Padding{Same: true}, nil
	case "SAME_LOWER":
		return layer.Padding{Same: true, Lower: true}, nil
	case "VALID":
		return p, nil
	case "NOTSET", "":
	default:
		return p, fmt.Errorf("there is no auto_pad %q", auto)
	}
	pads, err := n.ints("pads")
	switch {
	case err != nil || len(pads) == 0:
		return p, err
	case len(pads) != 4:
		return p, fmt.Errorf("pads %v: four numbers are needed", pads)
	}
	return layer.Padding{Begin: [2]int{pads[0], pads[1]}, End: [2]int{pads[2], pads[3]}}, nil
}

// window reads what convolutions and pools have in common.
func (n *node) window() (kernel, stride, dilation [2]int, padding layer.Padding, err error) {
	if kernel, err = n.pair("kernel_shape", 0); err != nil {
		return
	}
	if stride, err = n.pair("strides", 1); err != nil {
		return
	}
	if dilation, err = n.pair("dilations", 1); err != nil {
		return
	}
	padding, err = n.padding()
	return
}

// kernel reads a convolution's weights: the kernel with its four axes, and the bias.
func (n *node) kernel() (kernel *array, size [2]int, weights map[string]*array, err error) {
	if kernel, err = n.weight(1); err != nil {
		return nil, size, nil, err
	}
	if len(kernel.dims) != 4 {
		return nil, size, nil, fmt.Errorf("a kernel of %d axes: only pictures, of 4 axes with "+
			"the batch, are supported",
			len(kernel.dims))
	}
	weights = map[string]*array{}
	bias, err := n.array(2)
	if err == nil && bias != nil {
		weights["bias"] = bias
	}
	return kernel, [2]int(kernel.dims[2:]), weights, err
}

// conv is a Conv. One whose groups are single channels is a depthwise one.
func (r *reader) conv(n *node) ([]*value, error) {
	x, err := n.device(0)
	if err != nil {
		return nil, err
	}
	kernel, size, weights, err := n.kernel()
	if err != nil {
		return nil, err
	}
	given, stride, dilation, padding, err := n.window()
	if err == nil && given != [2]int{} && given != size {
		err = fmt.Errorf("kernel_shape is %v, its kernel has %v", given, size)
	}
	if err != nil {
		return nil, err
	}
	if x, err = r.channelsLast(n, x, 4); err != nil || x.lost {
		return []*value{x}, err
	}
	filters, each, groups := kernel.dims[0], kernel.dims[1], int(n.Int("group", 1))
	channels := x.shape[2]
	if groups < 1 || channels != each*groups || filters%groups != 0 {
		return nil, fmt.Errorf("a kernel of shape %v in %d groups doesn't fit %d channels", kernel.dims, groups,
			channels)
	}
	noBias := weights["bias"] == nil
	var op layer.Op
	if each == 1 && groups > 1 {
		shape := []int{channels, filters / channels, size[0], size[1]}
		if kernel, err = r.sizing.budget.reshaped(kernel, shape); err == nil {
			kernel, err = kernel.transposed([]int{2, 3, 0, 1})
		}
		op = layer.DepthwiseConv{Multiplier: filters / channels, Kernel: size, Stride: stride, Dilation: dilation,
			Padding: padding, NoBias: noBias}
	} else {
		kernel, err = kernel.transposed([]int{2, 3, 1, 0})
		op = layer.Conv{Filters: filters, Kernel: size, Stride: stride, Dilation: dilation, Groups: groups,
			Padding: padding, NoBias: noBias}
	}
	if err != nil {
		return nil, err
	}
	weights["kernel"] = kernel
	return r.weighed(n, op, weights, x)
}

// weighed adds a layer with weights whose shapes must be those that it takes, and whose axes lie as its input's.
func (r *reader) weighed(n *node, op layer.Op, weights map[string]*array, x *value) ([]*value, error) {
	want := op.Weights(x.shape)
	for role, shape := range want {
		a := weights[role]
		if a == nil {
			return nil, fmt.Errorf("it has no %s", role)
		}
		if fmt.Sprint(a.dims) != fmt.Sprint(shape) {
			return nil, fmt.Errorf("its %s has shape %v where %v is needed", role, a.dims, shape)
		}
	}
	return []*value{r.row(n, "", op, r.weights(weights), x.order, x)}, nil
}
