// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"slices"
	"strings"

	"convscope/pkg/weights/onnxfile"
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

// maxSteps is how far along a graph is looked.
const maxSteps = 16

// graph knows which node makes a value, and which is the first to use it.
type graph struct {
	maker, user map[string]*onnxfile.Node
	numbers     map[string][]int // short lists of integers among the initializers and constants
	at          map[*onnxfile.Node]int
}

func newGraph(nodes []*onnxfile.Node) *graph {
	g := &graph{map[string]*onnxfile.Node{}, map[string]*onnxfile.Node{}, map[string][]int{}, map[*onnxfile.Node]int{}}
	for i, n := range nodes {
		g.at[n] = i + 1
		for _, name := range n.Inputs {
			if g.user[name] == nil {
				g.user[name] = n
			}
		}
		for _, name := range n.Outputs {
			g.maker[name] = n
		}
	}
	return g
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
		when[t.Name] = g.at[n]<<8 + slices.Index(n.Inputs, name)&0xff
		if strings.Contains(n.Op, "Conv") && len(t.Shape) == 4 {
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
		if n.Op == "Transpose" && turned == nil {
			turned, _ = n.Ints("perm")
		} else if n.Op != "Identity" && n.Op != "Cast" && n.Op != "DequantizeLinear" {
			break
		}
		if len(n.Outputs) == 0 {
			break
		}
		name = n.Outputs[0]
	}
	if len(t.Shape) == 2 {
		t.Axes, t.Rows = g.product(t.Name)
	}
}

// then lists the operations after a convolution, up to the next one. An addition to a convolution without a bias is
// its bias. isEnd says that there was no next one.
func (g *graph) then(n *onnxfile.Node) (ops []string, isEnd bool) {
	ops = []string{}
	biased := len(n.Inputs) > 2
	for range maxSteps {
		if len(n.Outputs) == 0 {
			break
		}
		if n = g.user[n.Outputs[0]]; n == nil {
			break
		}
		if strings.Contains(n.Op, "Conv") {
			return ops, false
		}
		if n.Op == "Add" && !biased {
			biased = true
			continue
		}
		ops = append(ops, n.Op)
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
		isRight := len(n.Inputs) > 1 && n.Inputs[1] == name
		switch {
		case (n.Op == "MatMul" || n.Op == "Gemm") && isRight:
			axes := InputFirst
			if (n.Int("transB", 0) != 0) != turned {
				axes = OutputFirst
			}
			return axes, g.flattened(n.Inputs[0])
		case n.Op == "Transpose" && (!n.Has("perm") || slices.Equal(ints(n, "perm"), []int{1, 0})):
			turned = !turned
		case n.Op != "Identity":
			return AxesUnknown, RowsUnknown
		}
		if len(n.Outputs) == 0 {
			break
		}
		name = n.Outputs[0]
	}
	return AxesUnknown, RowsUnknown
}

// flattened tells how a value that was flattened counts what it was before.
func (g *graph) flattened(name string) Rows {
	for range maxSteps {
		n := g.maker[name]
		if n == nil || len(n.Inputs) == 0 {
			break
		}
		switch n.Op {
		case "Reshape", "Flatten", "Squeeze", "Identity", "Dropout":
			name = n.Inputs[0]
		case "Transpose":
			switch {
			case slices.Equal(ints(n, "perm"), []int{0, 2, 3, 1}):
				return ChannelsLast
			case slices.Equal(ints(n, "perm"), []int{0, 3, 1, 2}):
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
