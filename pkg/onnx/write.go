// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
)

// Write writes a network with its weights as an ONNX file, which [Read] and other programs read: convolutions, pools
// of the largest value, means over all places, dense layers, and ReLUs. The error names a layer of another kind, before
// anything is written. Layers keep their names and classes theirs; how pictures go in only [Read] finds in it.
func Write(w io.Writer, net *layer.Network) error {
	if err := net.Check(); err != nil {
		return err
	}
	g := &writer{}
	for i := range net.Layers {
		if err := g.add(&net.Layers[i]); err != nil {
			return fmt.Errorf("writing %s as ONNX: %w", net.Layers[i].Name, err)
		}
	}
	in := net.Input
	levels, err := json.Marshal(levels{Mean: in.Mean, Deviation: in.Deviation, BGR: in.BGR})
	if err != nil {
		return err
	}
	metadata := pairMessage(levelsKey, string(levels))
	if net.Classes != nil {
		names, err := json.Marshal(net.Classes)
		if err != nil {
			return err
		}
		metadata = append(metadata, pairMessage("names", string(names))...)
	}
	output := cmp.Or(net.Output, net.Logits, net.Layers[len(net.Layers)-1].Name)
	graph := slices.Concat(textField(2, net.Name), g.nodes, g.weights,
		valueField(11, pictureValue, 0, in.Channels, in.Height, in.Width), valueField(12, output))
	const format, operations = 8, 13 // versions that every reader of today knows
	_, err = w.Write(slices.Concat(numberField(1, format), textField(2, "convscope"), bytesField(7, graph),
		bytesField(8, numberField(2, operations)), metadata))
	return err
}

// pictureValue is what the input is called.
const pictureValue = "picture"

// writer makes the parts of a graph.
type writer struct{ nodes, weights []byte }

// add writes a layer as a node called LAYER/operation, by which Read knows the layer, and one for its ReLU.
func (g *writer) add(l *layer.Layer) error {
	op, attributes, err := operation(l.Op)
	if err != nil {
		return err
	}
	relu, is := l.Activation.(layer.ReLU)
	if l.Activation != nil && (!is || relu != layer.ReLU{}) {
		return fmt.Errorf("its activation %s is not among those that can be written: a plain relu", l.Activation)
	}
	inputs := []string{l.Inputs[0]}
	if l.Inputs[0] == layer.Picture {
		inputs[0] = pictureValue
	}
	for _, role := range []string{"kernel", "bias"} {
		if weight, has := l.Weights[role]; has {
			value, err := weight.Read()
			if err != nil {
				return err
			}
			dims, values := forONNX(value)
			name := l.Name + "." + role
			g.weights = append(g.weights, tensorField(name, dims, values)...)
			inputs = append(inputs, name)
		}
	}
	output := l.Name
	if is {
		output += "/before"
	}
	g.nodes = append(g.nodes, nodeField(op, l.Name+"/"+op, inputs, output, attributes)...)
	if is {
		g.nodes = append(g.nodes, nodeField("Relu", l.Name+"/Relu", []string{output}, l.Name, nil)...)
	}
	return nil
}

// operation is what ONNX calls an operation, and its attributes.
func operation(op layer.Op) (name string, attributes []byte, err error) {
	switch op := op.(type) {
	case layer.Conv:
		return "Conv", append(windowAttributes(op.Kernel, op.Stride, op.Dilation, op.Padding),
			numberAttribute("group", max(op.Groups, 1))...), nil
	case layer.MaxPool:
		if op.Stride == [2]int{} {
			op.Stride = op.Size
		}
		ceil := 0
		if op.Ceil {
			ceil = 1
		}
		return "MaxPool", append(windowAttributes(op.Size, op.Stride, op.Dilation, op.Padding),
			numberAttribute("ceil_mode", ceil)...), nil
	case layer.Reduce:
		if axes := slices.Sorted(slices.Values(op.Axes)); op.To == layer.Mean && slices.Equal(axes, []int{0, 1}) {
			keep := 0
			if op.Keep {
				keep = 1
			}
			return "ReduceMean", append(numbersAttribute("axes", 2, 3), numberAttribute("keepdims", keep)...), nil
		}
	case layer.Dense:
		return "Gemm", nil, nil
	}
	return "", nil, fmt.Errorf("its operation is not among those that can be written: a convolution, a pool of the " +
		"largest value, a mean over all places, a dense layer")
}

// windowAttributes say how a window goes over a picture.
func windowAttributes(kernel, stride, dilation [2]int, padding layer.Padding) []byte {
	for i := range 2 {
		stride[i], dilation[i] = max(stride[i], 1), max(dilation[i], 1)
	}
	b := slices.Concat(numbersAttribute("kernel_shape", kernel[:]...), numbersAttribute("strides", stride[:]...),
		numbersAttribute("dilations", dilation[:]...))
	switch {
	case padding.Same && padding.Lower:
		return append(b, textAttribute("auto_pad", "SAME_LOWER")...)
	case padding.Same:
		return append(b, textAttribute("auto_pad", "SAME_UPPER")...)
	}
	return append(b, numbersAttribute("pads", slices.Concat(padding.Begin[:], padding.End[:])...)...)
}

// forONNX lays a convolution's kernel out as ONNX has it, [filters, in/groups, height, width].
func forONNX(value *tensors.Tensor) (dims []int, values []float32) {
	dims, values = value.Shape().Dimensions, tensors.MustCopyFlatData[float32](value)
	if len(dims) != 4 {
		return dims, values
	}
	height, width, in, filters := dims[0], dims[1], dims[2], dims[3]
	turned := make([]float32, 0, len(values))
	for f := range filters {
		for c := range in {
			for at := range height * width {
				turned = append(turned, values[(at*in+c)*filters+f])
			}
		}
	}
	return []int{filters, in, height, width}, turned
}
