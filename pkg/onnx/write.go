// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/layer"
)

// Write writes a network with its weights as an ONNX file, which [Read] and other programs read: convolutions, also
// depthwise ones, pools of the largest value, means over all places, dense layers, and ReLUs; so what [Read] makes of
// such a file can be written again. The error names a layer of another kind,
// before anything is written. Layers keep their names and classes theirs; how pictures go in only [Read] finds in it.
func Write(w io.Writer, net *layer.Network) error {
	if err := net.Check(); err != nil {
		return err
	}
	g := newWriter(net)
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
	shape, err := outputShape(net, output)
	if err != nil {
		return err
	}
	graph := slices.Concat(textField(2, cmp.Or(net.Name, "network")), g.nodes, g.weights,
		valueField(11, g.picture, 0, in.Channels, in.Height, in.Width), valueField(12, output, shape...))
	if len(graph) > mostGraph {
		return fmt.Errorf("writing %s as ONNX: its weights have more than 2 GB, too many for one ONNX file",
			cmp.Or(net.Name, "the network"))
	}
	const format, operations = 8, 13 // versions that every reader of today knows
	_, err = w.Write(slices.Concat(numberField(1, format), textField(2, "convscope"), bytesField(7, graph),
		bytesField(8, numberField(2, operations)), metadata))
	return err
}

// mostGraph is how many bytes a protobuf message may have, less what stands around the graph.
const mostGraph = math.MaxInt32 - 1<<20

// outputShape is what a layer's value is for a picture of the network's own size, as ONNX has it, with 0 for what
// follows the picture's.
func outputShape(net *layer.Network, output string) ([]int, error) {
	height, width := net.Size()
	shape, err := net.ShapeOf(output, height, width)
	if err != nil || len(shape) != 3 {
		return append([]int{0}, shape...), err
	}
	if net.Input.Height == 0 {
		shape[0] = 0
	}
	if net.Input.Width == 0 {
		shape[1] = 0
	}
	return []int{0, shape[2], shape[0], shape[1]}, nil
}

// writer makes the parts of a graph.
type writer struct {
	net            *layer.Network
	taken          map[string]bool // names of values
	picture        string          // what the input is called
	nodes, weights []byte
}

func newWriter(net *layer.Network) *writer {
	g := &writer{net: net, taken: map[string]bool{}}
	for _, l := range net.Layers {
		g.taken[l.Name] = true
	}
	g.picture = g.free("picture")
	return g
}

// free is the name, or one like it, if another value has it.
func (g *writer) free(name string) string {
	for g.taken[name] {
		name += "_"
	}
	g.taken[name] = true
	return name
}

// add writes a layer as a node called LAYER/operation, by which Read knows the layer, and one for its ReLU.
func (g *writer) add(l *layer.Layer) error {
	op, attributes, err := operation(inGroups(l))
	if err != nil {
		return err
	}
	if !utf8.ValidString(l.Name) {
		return fmt.Errorf("its name %q is not UTF-8", l.Name)
	}
	if err := g.checkDense(l); err != nil {
		return err
	}
	relu, is := l.Activation.(layer.ReLU)
	if l.Activation != nil && (!is || relu != layer.ReLU{}) {
		return fmt.Errorf("its activation %s is not among those that can be written: a plain relu", l.Activation)
	}
	inputs := []string{l.Inputs[0]}
	if l.Inputs[0] == layer.Picture {
		inputs[0] = g.picture
	}
	for _, role := range []string{"kernel", "bias"} {
		if weight, has := l.Weights[role]; has {
			value, err := weight.Read()
			if err != nil {
				return err
			}
			dims, values := forONNX(l.Op, value)
			name := g.free(l.Name + "." + role)
			g.weights = append(g.weights, tensorField(name, dims, values)...)
			inputs = append(inputs, name)
		}
	}
	output := l.Name
	if is {
		output = g.free(output + "/before")
	}
	g.nodes = append(g.nodes, nodeField(op, g.nodeName(l, op), inputs, output, attributes)...)
	if is {
		g.nodes = append(g.nodes, nodeField("Relu", l.Name+"/Relu", []string{output}, l.Name, nil)...)
	}
	return nil
}

// nodeName is LAYER/operation. Of what was read from such a file, where a convolution and its ReLU are layers called
// LAYER.Conv and LAYER, it is the name that the node had.
func (g *writer) nodeName(l *layer.Layer, op string) string {
	if own, cut := strings.CutSuffix(l.Name, "."+op); cut {
		if last, err := g.net.Find(own); err == nil && slices.Equal(last.Inputs, []string{l.Name}) {
			if _, is := last.Op.(layer.Activate); is {
				return own + "/" + op
			}
		}
	}
	return l.Name + "/" + op
}

// checkDense refuses a dense layer of anything but a list, which ONNX's Gemm does not take.
func (g *writer) checkDense(l *layer.Layer) error {
	if _, is := l.Op.(layer.Dense); !is {
		return nil
	}
	if l.Inputs[0] != layer.Picture {
		height, width := g.net.Size()
		if shape, err := g.net.ShapeOf(l.Inputs[0], height, width); err != nil || len(shape) == 1 {
			return err
		}
	}
	return errors.New("it is a dense layer of places of a picture: put a mean over all places before it")
}

// inGroups is the layer's operation, of a depthwise convolution one whose groups are single channels.
func inGroups(l *layer.Layer) layer.Op {
	d, is := l.Op.(layer.DepthwiseConv)
	if !is {
		return l.Op
	}
	kernel := l.Weights["kernel"].Shape
	return layer.Conv{Filters: kernel[2] * kernel[3], Groups: kernel[2], Kernel: d.Kernel, Stride: d.Stride,
		Dilation: d.Dilation, Padding: d.Padding, NoBias: d.NoBias}
}

// operation is what ONNX calls an operation, and its attributes.
func operation(op layer.Op) (name string, attributes []byte, err error) {
	switch op := op.(type) {
	case layer.Conv:
		window, err := windowAttributes(op.Kernel, op.Stride, op.Dilation, op.Padding)
		return "Conv", append(window, numberAttribute("group", max(op.Groups, 1))...), err
	case layer.MaxPool:
		for i := range op.Stride {
			op.Stride[i] = cmp.Or(op.Stride[i], op.Size[i])
		}
		ceil := 0
		if op.Ceil {
			ceil = 1
		}
		window, err := windowAttributes(op.Size, op.Stride, op.Dilation, op.Padding)
		return "MaxPool", append(window, numberAttribute("ceil_mode", ceil)...), err
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
	case layer.Activate:
		if op.Activation == (layer.ReLU{}) {
			return "Relu", nil, nil
		}
	}
	return "", nil, errors.New("its operation is not among those that can be written: a convolution, a pool of the " +
		"largest value, a mean over all places, a dense layer, a ReLU")
}

// windowAttributes say how a window goes over a picture. Not all programs take a spread window with padding that goes
// by the size of the picture, so that is written in numbers.
func windowAttributes(kernel, stride, dilation [2]int, padding layer.Padding) ([]byte, error) {
	spread := false
	for i := range 2 {
		stride[i], dilation[i] = max(stride[i], 1), max(dilation[i], 1)
		spread = spread || dilation[i] > 1
	}
	b := slices.Concat(numbersAttribute("kernel_shape", kernel[:]...), numbersAttribute("strides", stride[:]...),
		numbersAttribute("dilations", dilation[:]...))
	switch {
	case padding.Same && spread && stride != [2]int{1, 1}:
		return nil, errors.New("its window has both strides and dilation, and padding that goes by the size of the picture")
	case padding.Same && spread:
		for i := range 2 { // the same for each size, as there are no strides
			all := (kernel[i] - 1) * dilation[i]
			padding.Begin[i], padding.End[i] = all/2, all-all/2
			if padding.Lower {
				padding.Begin[i], padding.End[i] = padding.End[i], padding.Begin[i]
			}
		}
	case padding.Same && padding.Lower:
		return append(b, textAttribute("auto_pad", "SAME_LOWER")...), nil
	case padding.Same:
		return append(b, textAttribute("auto_pad", "SAME_UPPER")...), nil
	}
	return append(b, numbersAttribute("pads", slices.Concat(padding.Begin[:], padding.End[:])...)...), nil
}

// forONNX lays a convolution's kernel out as ONNX has it, [filters, in/groups, height, width]. A depthwise one's
// filters are those of its first channel, then those of the next.
func forONNX(op layer.Op, value *tensors.Tensor) (dims []int, values []float32) {
	dims, values = value.Shape().Dimensions, tensors.MustCopyFlatData[float32](value)
	if len(dims) != 4 {
		return dims, values
	}
	height, width, in, filters := dims[0], dims[1], dims[2], dims[3]
	places := height * width
	dims = []int{filters, in, height, width}
	first, second := in, 1 // how far apart filters and channels lie
	if _, is := op.(layer.DepthwiseConv); is {
		dims = []int{in * filters, 1, height, width}
		first, second = 1, filters
	}
	turned := make([]float32, len(values))
	for i, v := range values {
		at, c, f := i/(in*filters), i/filters%in, i%filters
		turned[(f*first+c*second)*places+at] = v
	}
	return dims, turned
}
