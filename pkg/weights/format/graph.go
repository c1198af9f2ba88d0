// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Axes says in which order a matrix has its axes, as far as the file tells.
type Axes int

// The orders of a matrix's axes.
const (
	AxesUnknown Axes = iota
	InputFirst       // [in, out], as Keras has it
	OutputFirst      // [out, in], as PyTorch has it
)

// Rows says how the input of a matrix counts what was a picture before, as far as the file tells.
type Rows int

// The orders of a flattened picture.
const (
	RowsUnknown   Rows = iota
	ChannelsLast       // height, width, channels, as Keras flattens
	ChannelsFirst      // channels, height, width, as PyTorch flattens
)

// Field numbers of onnx.proto for nodes.
const (
	nodeOutput    = 2
	nodeOp        = 4
	nodeAttribute = 5
	attributeName = 1
	attributeInt  = 3
	attributeInts = 8
)

// maxNodes is how many nodes of a graph are looked at, maxSteps how far along it.
const (
	maxNodes = 100 * maxTensors
	maxSteps = 16
)

// node is one operation of an ONNX graph.
type node struct {
	op              string
	inputs, outputs []string
	perm            []int64 // of a Transpose
	transB          bool    // of a Gemm
}

// graph knows which node makes a value, and which is the first to use it.
type graph struct {
	maker, user map[string]*node
	nodes       int
}

// add reads a NodeProto. Nodes beyond maxNodes are not looked at, so what they do with a tensor is not known.
func (g *graph) add(b []byte) error {
	if g.nodes++; g.nodes > maxNodes {
		return nil
	}
	n := &node{}
	err := fields(b, func(number protowire.Number, b []byte, _ uint64) error {
		switch number {
		case nodeInput:
			n.inputs = append(n.inputs, string(b))
		case nodeOutput:
			n.outputs = append(n.outputs, string(b))
		case nodeOp:
			n.op = string(b)
		case nodeAttribute:
			return n.attribute(b)
		}
		return nil
	})
	for _, name := range n.inputs {
		if g.user[name] == nil {
			g.user[name] = n
		}
	}
	for _, name := range n.outputs {
		g.maker[name] = n
	}
	return err
}

// attribute reads an AttributeProto.
func (n *node) attribute(b []byte) error {
	var name string
	var value uint64
	var list []int64
	err := fields(b, func(number protowire.Number, b []byte, v uint64) error {
		switch number {
		case attributeName:
			name = string(b)
		case attributeInt:
			value = v
		case attributeInts:
			if b == nil {
				list = append(list, int64(v))
			}
			for len(b) > 0 { // packed
				v, n := protowire.ConsumeVarint(b)
				if n < 0 {
					return fmt.Errorf("%w: %s", ErrDamaged, protowire.ParseError(n))
				}
				list, b = append(list, int64(v)), b[n:]
			}
		}
		return nil
	})
	switch name {
	case "perm":
		n.perm = list
	case "transB":
		n.transB = value != 0
	}
	return err
}

// product tells how the graph multiplies by a matrix: its axes, and how the rows of its input are counted.
func (g *graph) product(name string) (Axes, Rows) {
	turned := false
	for range maxSteps {
		n := g.user[name]
		if n == nil {
			break
		}
		isRight := len(n.inputs) > 1 && n.inputs[1] == name
		switch {
		case (n.op == "MatMul" || n.op == "Gemm") && isRight:
			axes := InputFirst
			if n.transB != turned {
				axes = OutputFirst
			}
			return axes, g.flattened(n.inputs[0])
		case n.op == "Transpose" && (n.perm == nil || slices.Equal(n.perm, []int64{1, 0})):
			turned = !turned
		case n.op != "Identity":
			return AxesUnknown, RowsUnknown
		}
		if len(n.outputs) == 0 {
			break
		}
		name = n.outputs[0]
	}
	return AxesUnknown, RowsUnknown
}

// flattened tells how a value that was flattened counts what it was before.
func (g *graph) flattened(name string) Rows {
	for range maxSteps {
		n := g.maker[name]
		if n == nil || len(n.inputs) == 0 {
			break
		}
		switch n.op {
		case "Reshape", "Flatten", "Squeeze", "Identity", "Dropout":
			name = n.inputs[0]
		case "Transpose":
			switch {
			case slices.Equal(n.perm, []int64{0, 2, 3, 1}):
				return ChannelsLast
			case slices.Equal(n.perm, []int64{0, 3, 1, 2}):
				return ChannelsFirst
			}
			return RowsUnknown
		case "MaxPool", "AveragePool", "Relu", "Conv":
			return ChannelsFirst
		default:
			return RowsUnknown
		}
	}
	return RowsUnknown
}
