// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/edsrzf/mmap-go"

	"convscope/pkg/weights/onnxfile"
)

// openONNX lists a model's initializers and constants in the order in which the graph's nodes use them, which in a
// chain of convolutions is the order of the layers. The file is mapped, not loaded, so that a classifier's head costs
// nothing. (onnx-gomlx would load the whole file three times over, take memory for any shape that the file declares,
// and add 1.8 MB to each notebook cell's program; the tests compare with it.)
func openONNX(f *os.File, _ int64) (*File, error) {
	mapped, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("map file: %w", err)
	}
	out := &File{Format: "ONNX", OutputFirst: true, Ordered: true, close: func() error {
		err := mapped.Unmap()
		f.Close()
		return err
	}}
	if err = out.readONNX(mapped, f.Name()); err != nil {
		_ = mapped.Unmap()
		return nil, err
	}
	return out, nil
}

// readONNX lists the tensors of an ONNX file's content.
func (f *File) readONNX(content []byte, path string) error {
	m, err := onnxfile.Parse(content, path)
	if err != nil {
		return err
	}
	g := newGraph(m.Nodes)
	for _, n := range m.Nodes {
		if n.Op != "Constant" || len(n.Outputs) != 1 {
			continue
		}
		t, ok, err := m.Tensor(n, "value")
		if err != nil {
			return err
		}
		if t.Name = n.Outputs[0]; ok {
			err = f.add(g, t)
		}
		if err != nil {
			return err
		}
	}
	for _, t := range m.Tensors {
		if err := f.add(g, t); err != nil {
			return err
		}
	}
	if len(f.Tensors) == 0 {
		return fmt.Errorf("%w: no tensor in it", ErrUnknown)
	}
	when := map[string]int{}
	for i := range f.Tensors {
		g.describe(&f.Tensors[i], when)
	}
	slices.SortStableFunc(f.Tensors, func(a, b Tensor) int { return when[a.Name] - when[b.Name] })
	return nil
}

// add lists a tensor.
func (f *File) add(g *graph, t onnxfile.Tensor) error {
	g.keepNumbers(t)
	listed := Tensor{Name: t.Name, Shape: t.Shape, Type: t.Type}
	if t.IsFloat() {
		listed.read = t.Float32s
	}
	if f.Tensors = append(f.Tensors, listed); len(f.Tensors) > maxTensors {
		return fmt.Errorf("%w: more than %d tensors", ErrDamaged, maxTensors)
	}
	return nil
}

// never is the place of a tensor that no node uses.
const never = math.MaxInt32
