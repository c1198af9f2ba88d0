// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"slices"
	"strings"

	"convscope/internal/progress"

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
	nodeInput       = 1
	nodeOutput      = 2
	nodeOp          = 4
	nodeAttribute   = 5
	attributeName   = 1
	attributeInt    = 3
	attributeText   = 4
	attributeTensor = 5
	attributeInts   = 8
)

const (
	maxNodes = 2 * maxTensors // of a graph: the largest public networks have a few thousand
	maxNames = 8 << 20        // bytes that the names in a graph may take in memory
	maxSteps = 16             // how far along a graph is looked
	nameCost = 16             // bytes of a name beside its letters
)

// node is one operation of an ONNX graph.
type node struct {
	op              string
	inputs, outputs []string
	perm            []int64           // of a Transpose
	transB          bool              // of a Gemm
	lists           map[string][]int  // of a convolution or its padding
	texts           map[string]string // of the same
	value           []byte            // of a Constant
	at              int               // its place in the graph
}

// graph knows which node makes a value, and which is the first to use it.
type graph struct {
	maker, user  map[string]*node
	numbers      map[string][]int // short lists of integers among the initializers and constants
	nodes, names int
}

// add reads a NodeProto.
func (g *graph) add(b []byte) (*node, error) {
	if g.nodes++; g.nodes > maxNodes {
		return nil, fmt.Errorf("%w: a graph of more than %d nodes", ErrDamaged, maxNodes)
	}
	n := &node{at: g.nodes}
	name := func(to *[]string, b []byte) error {
		if g.names += nameCost + len(b); g.names > maxNames {
			return fmt.Errorf("%w: the names in the graph take more than %d MB", ErrDamaged, maxNames>>20)
		}
		*to = append(*to, string(b))
		return nil
	}
	err := fields(b, func(number protowire.Number, b []byte, _ uint64) error {
		switch number {
		case nodeInput:
			return name(&n.inputs, b)
		case nodeOutput:
			return name(&n.outputs, b)
		case nodeOp:
			n.op = progress.Printable(string(b[:min(len(b), 40)]))
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
	return n, err
}

// attribute reads an AttributeProto.
func (n *node) attribute(b []byte) error {
	var name string
	var tensor, text []byte
	var value uint64
	var list []int64
	err := fields(b, func(number protowire.Number, b []byte, v uint64) error {
		switch number {
		case attributeName:
			name = string(b)
		case attributeInt:
			value = v
			list = append(list[:0], int64(v))
		case attributeText:
			text = b
		case attributeTensor:
			tensor = b
		case attributeInts:
			return varints(b, v, func(v uint64) error {
				if len(list) < maxSteps {
					list = append(list, int64(v))
				}
				return nil
			})
		}
		return nil
	})
	switch name {
	case "value":
		n.value = tensor
	case "perm":
		n.perm = list
	case "transB":
		n.transB = value != 0
	default:
		n.keep(name, list, text)
	}
	return err
}

// describe notes where a tensor is first used and, of a kernel or matrix, how.
func (g *graph) describe(t *Tensor, when map[string]int) {
	when[t.Name] = never
	name := t.Name
	var turned []int64
	for range maxSteps {
		n := g.user[name]
		if n == nil {
			break
		}
		when[t.Name] = n.at<<8 + slices.Index(n.inputs, name)&0xff
		if strings.Contains(n.op, "Conv") && len(t.Shape) == 4 {
			if slices.Equal(turned, []int64{3, 2, 0, 1}) {
				t.Axes = InputFirst // the graph itself turns [height, width, in, out]
			}
			t.Conv = g.conv(n)
			var end bool
			if t.Then, end = g.then(n); !end && t.Conv.Activation == "" && !slices.Contains(t.Then, "Relu") {
				t.Conv.Activation = "linear"
			}
			break
		}
		if n.op == "Transpose" && turned == nil {
			turned = n.perm
		} else if n.op != "Identity" && n.op != "Cast" && n.op != "DequantizeLinear" {
			break
		}
		if len(n.outputs) == 0 {
			break
		}
		name = n.outputs[0]
	}
	if len(t.Shape) == 2 {
		t.Axes, t.Rows = g.product(t.Name)
	}
}

// then lists the operations after a convolution, up to the next one. An addition to a convolution without a bias is
// its bias. isEnd says that there was no next one.
func (g *graph) then(n *node) (ops []string, isEnd bool) {
	ops = []string{}
	biased := len(n.inputs) > 2
	for range maxSteps {
		if len(n.outputs) == 0 {
			break
		}
		if n = g.user[n.outputs[0]]; n == nil {
			break
		}
		if strings.Contains(n.op, "Conv") {
			return ops, false
		}
		if n.op == "Add" && !biased {
			biased = true
			continue
		}
		ops = append(ops, n.op)
	}
	return ops, true
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
