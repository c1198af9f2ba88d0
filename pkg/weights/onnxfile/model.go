// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnxfile

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"convscope/internal/progress"
)

// Model is what an ONNX file says, but for graphs in graphs.
type Model struct {
	// Producer is the program that wrote it.
	Producer string
	// Opset is the version of ONNX's own operations, 0 if unsaid.
	Opset int
	// Metadata are what its author wrote beside the graph.
	Metadata map[string]string
	// Inputs and Outputs are the graph's; older files list tensors among the inputs.
	Inputs, Outputs []Value
	// Nodes are the operations in the file's order.
	Nodes []*Node
	// Tensors are the initializers in the file's order.
	Tensors []Tensor

	path   string
	places map[string]error // what is wrong with other files that have values
	size   int64
	memory int
}

// Size is how many bytes the file has, with those beside it that have values.
func (m *Model) Size() int64 { return m.size }

// Value is an input or an output of a graph.
type Value struct {
	Name string
	// Type is that of its elements, "float32".
	Type string
	// Shape has -1 for each size that the file leaves open. It is nil if there is none.
	Shape []int
}

// Field numbers of onnx.proto for models, graphs and their inputs.
const (
	modelProducer = 2
	modelGraph    = 7
	modelOpset    = 8
	modelMetadata = 14

	graphNode        = 1
	graphInitializer = 5
	graphInput       = 11
	graphOutput      = 12
)

const (
	maxTensors  = 10_000  // that a file may list
	maxMetadata = 1 << 20 // bytes of a text in it
)

// Parse reads the content of the ONNX file at path, which is where files beside it are looked for. What it returns
// refers to content. Errors are one line and wrap [ErrDamaged] or [ErrUnread].
func Parse(content []byte, path string) (*Model, error) {
	m := &Model{Metadata: map[string]string{}, path: path, places: map[string]error{}, size: int64(len(content))}
	err := fields(content, func(number protowire.Number, b []byte, _ uint64) error {
		switch number {
		case modelProducer:
			m.Producer = progress.Printable(string(b[:min(len(b), 80)]))
		case modelGraph:
			return m.addGraph(b)
		case modelOpset:
			return m.addOpset(b)
		case modelMetadata:
			key, value, err := pair(b)
			if err != nil || len(key) > 80 || len(value) > maxMetadata || len(m.Metadata) > 100 {
				return err
			}
			m.Metadata[string(key)] = string(value)
			return m.take(len(value))
		}
		return nil
	})
	return m, err
}

// addOpset reads an OperatorSetIdProto.
func (m *Model) addOpset(b []byte) error {
	var domain []byte
	var version uint64
	err := fields(b, func(number protowire.Number, b []byte, n uint64) error {
		switch number {
		case 1:
			domain = b
		case 2:
			version = n
		}
		return nil
	})
	if len(domain) == 0 || string(domain) == "ai.onnx" {
		m.Opset = int(min(version, math.MaxInt32))
	}
	return err
}

// addGraph reads a GraphProto.
func (m *Model) addGraph(b []byte) error {
	return fields(b, func(number protowire.Number, b []byte, _ uint64) error {
		switch number {
		case graphNode:
			return m.addNode(b)
		case graphInitializer:
			if len(m.Tensors) == maxTensors {
				return fmt.Errorf("%w: more than %d tensors", ErrDamaged, maxTensors)
			}
			t, err := m.tensor(b)
			m.Tensors = append(m.Tensors, t)
			return err
		case graphInput:
			return m.addValue(&m.Inputs, b)
		case graphOutput:
			return m.addValue(&m.Outputs, b)
		}
		return nil
	})
}

// Branch is an option of a node that is a graph, such as what an If does when its condition is true: its nodes,
// tensors and outputs. It returns nil where the node has none.
func (m *Model) Branch(n *Node, name string) (*Model, error) {
	a, _ := n.find(name)
	if a.graph == nil {
		return nil, nil
	}
	inner := &Model{Producer: m.Producer, Opset: m.Opset, path: m.path, places: m.places, memory: m.memory}
	err := inner.addGraph(a.graph)
	m.memory = inner.memory
	return inner, err
}

// addValue reads a ValueInfoProto, whose type may be one of a tensor.
func (m *Model) addValue(to *[]Value, b []byte) error {
	if len(*to) == maxTensors {
		return fmt.Errorf("%w: more than %d inputs or outputs", ErrDamaged, maxTensors)
	}
	var v Value
	tensorShape := func(b []byte) error {
		v.Shape = []int{}
		return fields(b, func(number protowire.Number, b []byte, _ uint64) error {
			if number != 1 {
				return nil
			}
			size := -1
			err := fields(b, func(number protowire.Number, _ []byte, n uint64) error {
				if number == 1 && n > 0 && n <= math.MaxInt32 {
					size = int(n)
				}
				return nil
			})
			if v.Shape = append(v.Shape, size); len(v.Shape) > maxAxes {
				return fmt.Errorf("%w: %d axes", ErrDamaged, len(v.Shape))
			}
			return err
		})
	}
	err := fields(b, func(number protowire.Number, b []byte, _ uint64) error {
		switch number {
		case 1:
			return m.text(&v.Name, b)
		case 2:
			return fields(b, func(number protowire.Number, b []byte, _ uint64) error {
				if number != 1 {
					return nil
				}
				return fields(b, func(number protowire.Number, b []byte, n uint64) error {
					switch number {
					case 1:
						v.Type = typeName(n)
					case 2:
						return tensorShape(b)
					}
					return nil
				})
			})
		}
		return nil
	})
	*to = append(*to, v)
	return err
}
