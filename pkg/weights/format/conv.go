// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"cmp"
	"encoding/binary"
	"strings"

	"convscope/internal/progress"

	"google.golang.org/protobuf/encoding/protowire"
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
func (g *graph) conv(n *node) *Conv {
	c := &Conv{Op: n.op, Strides: n.pair("strides"), Dilations: n.pair("dilations"), Size: n.lists["kernel_shape"],
		Groups: 1, Before: make([]int, 4), Activation: strings.ToLower(n.texts["activation"])}
	if group := n.lists["group"]; len(group) == 1 {
		c.Groups = group[0]
	}
	auto := n.texts["auto_pad"]
	c.Same = strings.HasPrefix(auto, "SAME")
	if c.Pads = n.lists["pads"]; c.Pads == nil || auto == "VALID" {
		c.Pads = make([]int, 4)
	}
	if pad := g.padding(n); pad != nil {
		c.Before = g.amounts(pad)
		if mode := pad.texts["mode"]; mode != "constant" {
			c.PadMode = mode
		}
	}
	return c
}

// pair is a list of two numbers, which are 1 where the node has none.
func (n *node) pair(name string) []int {
	if list, ok := n.lists[name]; ok {
		return list
	}
	return []int{1, 1}
}

// padding is the Pad node that makes a node's input, if one does.
func (g *graph) padding(n *node) *node {
	for range maxSteps {
		if len(n.inputs) == 0 {
			break
		}
		if n = g.maker[n.inputs[0]]; n == nil {
			break
		}
		switch n.op {
		case "Pad":
			return n
		case "Identity", "Cast", "Transpose", "Dropout":
		default:
			return nil
		}
	}
	return nil
}

// amounts are the rows and columns that a Pad node adds at the top, left, bottom and right, whether it has the channels
// first or last; nil if they are not known.
func (g *graph) amounts(pad *node) []int {
	list := pad.lists["pads"]
	if list == nil && len(pad.inputs) > 1 {
		list = g.numbers[pad.inputs[1]]
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

// attributes are those that say how a convolution or its padding is done.
var attributes = map[string]bool{"strides": true, "dilations": true, "kernel_shape": true, "group": true, "pads": true,
	"auto_pad": true, "mode": true, "activation": true}

// keep notes an attribute of a convolution or its padding.
func (n *node) keep(name string, list []int64, text []byte) {
	if !attributes[name] {
		return
	}
	if text != nil {
		if n.texts == nil {
			n.texts = map[string]string{}
		}
		n.texts[name] = progress.Printable(string(text[:min(len(text), 40)]))
		return
	}
	if n.lists == nil {
		n.lists = map[string][]int{}
	}
	numbers := make([]int, len(list))
	for i, v := range list {
		numbers[i] = int(v)
	}
	n.lists[name] = numbers
}

// keepNumbers notes the values of a short list of 64-bit integers, of which the pads of a Pad node may be one.
func (g *graph) keepNumbers(name string, tensor []byte) {
	if len(tensor) > 1024 || len(g.numbers) >= maxTensors {
		return
	}
	var list []int
	kind := uint64(0)
	_ = fields(tensor, func(number protowire.Number, b []byte, n uint64) error {
		switch number {
		case tensorType:
			kind = n
		case tensorName:
			name = cmp.Or(name, string(b))
		case tensorRaw:
			for ; len(b) >= 8 && len(list) < maxSteps; b = b[8:] {
				list = append(list, int(int64(binary.LittleEndian.Uint64(b))))
			}
		case tensorInt64s:
			return varints(b, n, func(v uint64) error {
				if len(list) < maxSteps {
					list = append(list, int(int64(v)))
				}
				return nil
			})
		}
		return nil
	})
	const int64s = 7
	if kind == int64s && len(list) > 0 {
		g.numbers[name] = list
	}
}
