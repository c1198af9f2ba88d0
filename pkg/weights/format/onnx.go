// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/edsrzf/mmap-go"
	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of onnx.proto.
const (
	modelGraph       = 7
	graphNode        = 1
	graphInitializer = 5
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
	add := func(t Tensor, err error) error {
		if out.Tensors = append(out.Tensors, t); len(out.Tensors) > maxTensors {
			return fmt.Errorf("%w: more than %d tensors", ErrDamaged, maxTensors)
		}
		return err
	}
	places := map[string]error{} // of values in other files
	g := &graph{maker: map[string]*node{}, user: map[string]*node{}, numbers: map[string][]int{}}
	err = fields(mapped, func(number protowire.Number, model []byte, _ uint64) error {
		if number != modelGraph {
			return nil
		}
		return fields(model, func(number protowire.Number, b []byte, _ uint64) error {
			switch number {
			case graphNode:
				n, err := g.add(b)
				if err != nil || n.op != "Constant" || n.value == nil || len(n.outputs) != 1 {
					return err
				}
				g.keepNumbers(n.outputs[0], n.value)
				t, err := initializer(n.value, f.Name(), places)
				t.Name = n.outputs[0]
				return add(t, err)
			case graphInitializer:
				g.keepNumbers("", b)
				return add(initializer(b, f.Name(), places))
			}
			return nil
		})
	})
	if err == nil && len(out.Tensors) == 0 {
		err = fmt.Errorf("%w: no tensor in it", ErrUnknown)
	}
	if err != nil {
		_ = mapped.Unmap()
		return nil, err
	}
	when := map[string]int{}
	for i := range out.Tensors {
		g.describe(&out.Tensors[i], when)
	}
	slices.SortStableFunc(out.Tensors, func(a, b Tensor) int { return when[a.Name] - when[b.Name] })
	return out, nil
}

// never is the place of a tensor that no node uses.
const never = math.MaxInt32

// fields calls use for each field of a message: with the bytes of a string, message or packed list, or with
// the number of a varint.
func fields(b []byte, use func(number protowire.Number, b []byte, n uint64) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return fmt.Errorf("%w: %s", ErrDamaged, protowire.ParseError(n))
		}
		b = b[n:]
		var data []byte
		var value uint64
		switch kind {
		case protowire.BytesType:
			data, n = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			value, n = protowire.ConsumeVarint(b)
		default:
			n = protowire.ConsumeFieldValue(number, kind, b)
		}
		if n < 0 {
			return fmt.Errorf("%w: %s", ErrDamaged, protowire.ParseError(n))
		}
		b = b[n:]
		if err := use(number, data, value); err != nil {
			return err
		}
	}
	return nil
}

// varints calls use for each number of a list, which is a packed one or, where b is nil, one number of several fields.
func varints(b []byte, n uint64, use func(n uint64) error) error {
	if b == nil {
		return use(n)
	}
	for len(b) > 0 {
		n, size := protowire.ConsumeVarint(b)
		if size < 0 {
			return fmt.Errorf("%w: %s", ErrDamaged, protowire.ParseError(size))
		}
		if err := use(n); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}
