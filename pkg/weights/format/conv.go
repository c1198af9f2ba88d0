// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"strings"

	"convscope/pkg/weights/onnxfile"
)

// Conv says how a file's network moves a kernel over its picture. Lists that are nil are not told.
type Conv struct {
	// Op is the operation's name: "Conv" in ONNX, "Conv2D" in Keras.
	Op string
	// Size, Strides and Dilations are of rows and columns.
	Size, Strides, Dilations []int
	// Groups is into how many parts the channels are split; 0 is not told.
	Groups int
	// Pads are the rows and columns of zeros that it adds at the top, left, bottom and right.
	Pads []int
	// Same means that it adds, instead of Pads, what keeps the picture's size.
	Same bool
	// Before are the pads of a layer before that does nothing else: all zero if there is none.
	Before []int
	// PadMode is what that layer pads with, "" for zeros: "reflect", "edge".
	PadMode string
	// Activation is the function after it, in lower case, "" if it is not known; "linear" is none before the next
	// convolution.
	Activation string

	filters int // as Keras says it
}

// conv reads a node's attributes, where those that are absent are as ONNX defines them, and the padding before it.
func (g *graph) conv(n *onnxfile.Node) *Conv {
	c := &Conv{Op: n.Op, Strides: pair(n, "strides"), Dilations: pair(n, "dilations"), Size: ints(n, "kernel_shape"),
		Groups: int(n.Int("group", 1)), Before: make([]int, 4), Activation: strings.ToLower(n.Text("activation", ""))}
	auto := n.Text("auto_pad", "")
	c.Same = strings.HasPrefix(auto, "SAME")
	if c.Pads = ints(n, "pads"); c.Pads == nil || auto == "VALID" {
		c.Pads = make([]int, 4)
	}
	if pad := g.padding(n); pad != nil {
		c.Before = g.amounts(pad)
		if mode := pad.Text("mode", ""); mode != "constant" {
			c.PadMode = mode
		}
	}
	return c
}

// pair is a list of two numbers, which are 1 where the node has none.
func pair(n *onnxfile.Node, name string) []int {
	if n.Has(name) {
		return ints(n, name)
	}
	return []int{1, 1}
}

// padding is the Pad node that makes a node's input, if one does.
func (g *graph) padding(n *onnxfile.Node) *onnxfile.Node {
	for range maxSteps {
		if len(n.Inputs) == 0 {
			break
		}
		if n = g.maker[n.Inputs[0]]; n == nil {
			break
		}
		switch n.Op {
		case "Pad":
			return n
		case "Identity", "Cast", "Transpose", "Dropout":
		default:
			return nil
		}
	}
	return nil
}

// amounts are the rows and columns that a Pad node adds at the top, left, bottom and right, whether it has the
// channels first or last; nil if they are not known.
func (g *graph) amounts(pad *onnxfile.Node) []int {
	list := ints(pad, "pads")
	if list == nil && len(pad.Inputs) > 1 {
		list = g.numbers[pad.Inputs[1]]
	}
	switch {
	case len(list) == 4:
		return list
	case len(list) != 8 || list[0] != 0 || list[4] != 0:
		return nil
	case list[1] == 0 && list[5] == 0:
		return []int{list[2], list[3], list[6], list[7]}
	case list[3] == 0 && list[7] == 0:
		return []int{list[1], list[2], list[5], list[6]}
	}
	return nil
}

// ints is a list that a node has as an option, nil if it has none.
func ints(n *onnxfile.Node, name string) []int {
	list, _ := n.Ints(name)
	if list == nil {
		return nil
	}
	out := make([]int, len(list))
	for i, v := range list {
		out[i] = int(v)
	}
	return out
}

// keepNumbers notes the values of a short list of 64-bit integers, of which the pads of a Pad node may be one.
func (g *graph) keepNumbers(t onnxfile.Tensor) {
	if t.Type != "int64" || len(t.Shape) != 1 || t.Shape[0] > maxSteps || len(g.numbers) >= maxTensors {
		return
	}
	values, err := t.Int64s()
	if err != nil || len(values) == 0 {
		return
	}
	list := make([]int, len(values))
	for i, v := range values {
		list[i] = int(v)
	}
	g.numbers[t.Name] = list
}
