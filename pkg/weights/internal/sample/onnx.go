// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package sample

import (
	"cmp"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// ONNX writes a model as exporters of Keras do: a Conv node for each kernel and bias, then the picture turned to have
// its channels last, flattened, and MatMul and Add for each matrix and bias. The initializers stand in reverse, as a
// file may have them, and the kernels are [out, in, height, width].
func ONNX(list []Tensor) []byte {
	tensors := make([]Tensor, len(list))
	for i, t := range list {
		tensors[i] = outputFirst(t)
	}
	return onnxModel(tensors, func(c *chain, weight, bias string, first bool) {
		if first {
			c.node("Transpose", nil, attribute("perm", 0, 2, 3, 1))
			c.node("Reshape", []string{"shape"})
		}
		c.node("MatMul", []string{weight})
		c.node("Add", []string{bias})
	})
}

// TorchONNX writes a model as PyTorch does: Conv nodes, Flatten, and a Gemm for each matrix [out, in]. The tensors are
// as [OutputFirst] returns them.
func TorchONNX(list []Tensor) []byte {
	return onnxModel(list, func(c *chain, weight, bias string, first bool) {
		if first {
			c.node("Flatten", nil)
		}
		c.node("Gemm", []string{weight, bias}, attribute("transB", 1))
	})
}

// TurnedONNX writes a model whose graph turns each matrix [out, in] itself before it multiplies. The tensors are as
// [OutputFirst] returns them.
func TurnedONNX(list []Tensor) []byte {
	return onnxModel(list, func(c *chain, weight, bias string, first bool) {
		if first {
			c.node("Flatten", nil)
		}
		turned := c.weight("Transpose", c.weight("Identity", weight), attribute("perm", 1, 0))
		c.node("MatMul", []string{turned})
		c.node("Add", []string{bias})
	})
}

// FoldedONNX writes a model as an exporter that turned PyTorch's matrices beforehand: MatMul with [in, out], whose
// rows count channels first. The tensors are as [OutputFirst] returns them.
func FoldedONNX(list []Tensor) []byte {
	tensors := make([]Tensor, len(list))
	for i, t := range list {
		tensors[i] = turn(t)
	}
	return onnxModel(tensors, func(c *chain, weight, bias string, first bool) {
		if first {
			c.node("Flatten", nil)
		}
		c.node("MatMul", []string{weight})
		c.node("Add", []string{bias})
	})
}

// OddONNX writes a model whose graph does something unusual before it multiplies by the first matrix.
func OddONNX(list []Tensor) []byte {
	return onnxModel(list, func(c *chain, weight, bias string, first bool) {
		if first {
			c.node("Flatten", nil)
			c.node("Softsign", nil)
		}
		c.node("Gemm", []string{weight, bias}, attribute("transB", 1))
	})
}

// Usage says how a graph uses a kernel. The zero value is as Keras and PyTorch write VGG16's, but without its pads.
type Usage struct {
	Op   string   // instead of Conv
	Conv [][]byte // the convolution's attributes
	Pad  [][]byte // those of a Pad node before it, nil if there is none
	Bare bool     // no ReLU follows
}

// UsageONNX writes convolutions whose first is used so; the others are plain.
func UsageONNX(list []Tensor, first Usage) []byte {
	tensors := make([]Tensor, len(list))
	for i, t := range list {
		tensors[i] = outputFirst(t)
	}
	c := &chain{}
	for i := 0; i+1 < len(list); i += 2 {
		use := Usage{Conv: [][]byte{Attribute("pads", 1, 1, 1, 1)}}
		if i == 0 {
			use = first
		}
		if use.Pad != nil {
			c.node("Pad", nil, use.Pad...)
		}
		c.node(cmp.Or(use.Op, "Conv"), []string{list[i].Name, list[i+1].Name}, use.Conv...)
		if !use.Bare {
			c.node("Relu", nil)
		}
	}
	return c.model(tensors)
}

// Attribute writes an AttributeProto of integers for UsageONNX.
func Attribute(name string, values ...int) []byte { return attribute(name, values...) }

// Text writes an AttributeProto of a string.
func Text(name, value string) []byte { return message(message(nil, 1, []byte(name)), 4, []byte(value)) }

// chain writes nodes of which each takes what the one before gives, x0, x1 and so on.
type chain struct {
	graph []byte
	at    int
}

func (c *chain) node(op string, weights []string, attributes ...[]byte) {
	node := message(nil, 1, fmt.Appendf(nil, "x%d", c.at))
	for _, w := range weights {
		node = message(node, 1, []byte(w))
	}
	c.at++
	node = message(message(node, 2, fmt.Appendf(nil, "x%d", c.at)), 4, []byte(op))
	for _, a := range attributes {
		node = message(node, 5, a)
	}
	c.graph = message(c.graph, 1, node)
}

// weight writes a node that makes another weight of one.
func (c *chain) weight(op, name string, attributes ...[]byte) string {
	node := message(message(message(nil, 1, []byte(name)), 2, []byte(op+" of "+name)), 4, []byte(op))
	for _, a := range attributes {
		node = message(node, 5, a)
	}
	c.graph = message(c.graph, 1, node)
	return op + " of " + name
}

// attribute writes an AttributeProto: one number as an integer, several as a packed list.
func attribute(name string, values ...int) []byte {
	b := message(nil, 1, []byte(name))
	if len(values) == 1 {
		return integer(b, 3, values[0])
	}
	var packed []byte
	for _, v := range values {
		packed = protowire.AppendVarint(packed, uint64(v))
	}
	return message(b, 8, packed)
}

func onnxModel(list []Tensor, dense func(c *chain, weight, bias string, first bool)) []byte {
	c := &chain{}
	first := true
	for i := 0; i+1 < len(list); i += 2 {
		weight, bias := list[i].Name, list[i+1].Name
		if len(list[i].Shape) == 2 {
			dense(c, weight, bias, first)
			first = false
			continue
		}
		c.node("Conv", []string{weight, bias}, attribute("pads", 1, 1, 1, 1))
		c.node("Relu", nil)
	}
	return c.model(list)
}

// model ends the graph with the tensors, the last one first.
func (c *chain) model(list []Tensor) []byte {
	graph := message(c.graph, 2, []byte("chain"))
	for i := range list {
		t := list[len(list)-1-i]
		var b []byte
		for _, d := range t.Shape {
			b = integer(b, 1, d)
		}
		b = integer(b, 2, 1)
		b = message(b, 8, []byte(t.Name))
		graph = message(graph, 5, message(b, 9, littleEndian(t.Values)))
	}
	return message(integer(nil, 1, 8), 7, graph)
}

func message(b []byte, number protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, number, protowire.BytesType), m)
}

func integer(b []byte, number protowire.Number, n int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), uint64(n))
}
