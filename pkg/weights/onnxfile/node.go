// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnxfile

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"convscope/internal/progress"
)

// Node is one operation of an ONNX graph.
type Node struct {
	// Op is what it does, "Conv". Domain is whose operation it is, "" for ONNX's own.
	Op, Domain string
	// Name is the node's own, often "".
	Name string
	// Inputs and Outputs name the values it takes and gives; "" stands for one that is left out.
	Inputs, Outputs []string
	// Scopes are the modules it belongs to as PyTorch writes them, "['', 'layer1', 'layer1.0', 'add']", "" if unsaid.
	Scopes string

	attributes []attribute
}

// attribute is an option of a node. Those that aren't set are zero.
type attribute struct {
	name    string
	number  int64
	real    float32
	text    string
	numbers []int64
	reals   []float32
	tensor  []byte
	graph   []byte
	long    bool // a list of more than maxList, which isn't kept
}

// Field numbers of onnx.proto for nodes and their attributes.
const (
	nodeInput     = 1
	nodeOutput    = 2
	nodeName      = 3
	nodeOp        = 4
	nodeAttribute = 5
	nodeDomain    = 7
	nodeMetadata  = 9

	attributeName   = 1
	attributeFloat  = 2
	attributeInt    = 3
	attributeText   = 4
	attributeTensor = 5
	attributeGraph  = 6
	attributeFloats = 7
	attributeInts   = 8
)

const (
	maxNodes      = 20_000  // of a graph: the largest public networks have a few thousand
	maxMemory     = 8 << 20 // bytes that a graph's names, lists and options may take
	maxList       = 4096    // numbers of a list, and names and options of a node
	nameCost      = 16      // bytes of a name beside its letters
	attributeCost = 160     // bytes of an option beside its name and lists
)

// scopes is the key under which PyTorch writes a node's modules.
const scopes = "pkg.torch.onnx.name_scopes"

// take counts memory against what a graph may take.
func (m *Model) take(bytes int) error {
	if m.memory += bytes; m.memory > maxMemory {
		return fmt.Errorf("%w: the names and options in the graph take more than %d MB", ErrDamaged, maxMemory>>20)
	}
	return nil
}

// text copies a name out of the file.
func (m *Model) text(to *string, b []byte) error {
	if err := m.take(nameCost + len(b)); err != nil {
		return err
	}
	*to = string(b)
	return nil
}

// list adds a name to a node's.
func (m *Model) list(to *[]string, b []byte) error {
	if len(*to) == maxList {
		return fmt.Errorf("%w: a node with more than %d names", ErrDamaged, maxList)
	}
	*to = append(*to, "")
	return m.text(&(*to)[len(*to)-1], b)
}

// addNode reads a NodeProto.
func (m *Model) addNode(b []byte) error {
	if len(m.Nodes) == maxNodes {
		return fmt.Errorf("%w: a graph of more than %d nodes", ErrDamaged, maxNodes)
	}
	n := &Node{}
	m.Nodes = append(m.Nodes, n)
	return fields(b, func(number protowire.Number, b []byte, _ uint64) error {
		switch number {
		case nodeInput:
			return m.list(&n.Inputs, b)
		case nodeOutput:
			return m.list(&n.Outputs, b)
		case nodeName:
			return m.text(&n.Name, b)
		case nodeOp:
			n.Op = progress.Printable(string(b[:min(len(b), 40)]))
		case nodeDomain:
			if n.Domain = progress.Printable(string(b[:min(len(b), 80)])); n.Domain == "ai.onnx" {
				n.Domain = ""
			}
		case nodeMetadata:
			key, value, err := pair(b)
			if err == nil && string(key) == scopes {
				err = m.text(&n.Scopes, value)
			}
			return err
		case nodeAttribute:
			return m.addAttribute(n, b)
		}
		return nil
	})
}

// addAttribute reads an AttributeProto.
func (m *Model) addAttribute(n *Node, b []byte) error {
	if len(n.attributes) == maxList {
		return fmt.Errorf("%w: a node with more than %d options", ErrDamaged, maxList)
	}
	if err := m.take(attributeCost); err != nil {
		return err
	}
	var a attribute
	err := fields(b, func(number protowire.Number, b []byte, v uint64) error {
		switch number {
		case attributeName:
			return m.text(&a.name, b)
		case attributeFloat:
			a.real = math.Float32frombits(uint32(v))
		case attributeInt:
			a.number = int64(v)
		case attributeText:
			return m.text(&a.text, b[:min(len(b), maxList)])
		case attributeTensor:
			a.tensor = b
		case attributeGraph:
			a.graph = b
		case attributeFloats:
			return a.addReals(m, b, v)
		case attributeInts:
			return varints(b, v, func(v uint64) error {
				if a.long = a.long || len(a.numbers) == maxList; a.long {
					a.numbers = nil
					return nil
				}
				a.numbers = append(a.numbers, int64(v))
				return m.take(8)
			})
		}
		return nil
	})
	n.attributes = append(n.attributes, a)
	return err
}

// addReals reads a list of floats, packed or one of several fields.
func (a *attribute) addReals(m *Model, b []byte, bits uint64) error {
	if b == nil {
		b = binary.LittleEndian.AppendUint32(nil, uint32(bits))
	}
	if a.long = a.long || len(a.reals)+len(b)/4 > maxList; a.long {
		a.reals = nil
		return nil
	}
	for ; len(b) >= 4; b = b[4:] {
		a.reals = append(a.reals, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return m.take(4 * len(a.reals))
}

func (n *Node) find(name string) (attribute, bool) {
	for _, a := range n.attributes {
		if a.name == name {
			return a, true
		}
	}
	return attribute{}, false
}

// Has says whether the node has an option of that name.
func (n *Node) Has(name string) bool { _, ok := n.find(name); return ok }

// HasGraph says whether one of the node's options is a graph, as the branches of an If are.
func (n *Node) HasGraph() bool {
	for _, a := range n.attributes {
		if a.graph != nil {
			return true
		}
	}
	return false
}

// Int is an option that is a number, or what stands for it where the node has none.
func (n *Node) Int(name string, absent int64) int64 {
	if a, ok := n.find(name); ok {
		return a.number
	}
	return absent
}

// Float is an option that is a real number, or what stands for it where the node has none.
func (n *Node) Float(name string, absent float32) float32 {
	if a, ok := n.find(name); ok {
		return a.real
	}
	return absent
}

// Text is an option that is a text, or what stands for it where the node has none.
func (n *Node) Text(name, absent string) string {
	if a, ok := n.find(name); ok {
		return progress.Printable(a.text)
	}
	return absent
}

// Ints is an option that is a list of numbers, nil where the node has none; ok is false for one too long to be kept.
func (n *Node) Ints(name string) (list []int64, ok bool) {
	a, _ := n.find(name)
	return a.numbers, !a.long
}

// Floats is an option that is a list of real numbers, nil where the node has none; ok is false for one too long to be
// kept.
func (n *Node) Floats(name string) (list []float32, ok bool) {
	a, _ := n.find(name)
	return a.reals, !a.long
}
