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
	nodeInput        = 1
	tensorDims       = 1
	tensorType       = 2
	tensorFloats     = 4
	tensorName       = 8
	tensorRaw        = 9
	tensorLocation   = 14
	typeFloat        = 1
)

// openONNX lists a model's initializers in the order in which the graph's nodes use them, which in a chain of
// convolutions is the order of the layers. The file is mapped, not loaded, so that a classifier's head costs
// nothing. (onnx-gomlx would load the whole file three times over, take memory for any shape that the file
// declares, and add 1.8 MB to each notebook cell's program; the tests compare with it.)
func openONNX(f *os.File, _ int64) (*File, error) {
	mapped, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("map file: %w", err)
	}
	out := &File{Format: "ONNX", OutputFirst: true, close: func() error {
		err := mapped.Unmap()
		f.Close()
		return err
	}}
	used := map[string]int{} // name -> when first used
	g := &graph{maker: map[string]*node{}, user: map[string]*node{}}
	err = fields(mapped, func(number protowire.Number, model []byte, _ uint64) error {
		if number != modelGraph {
			return nil
		}
		return fields(model, func(number protowire.Number, b []byte, _ uint64) error {
			switch number {
			case graphNode:
				if err := g.add(b); err != nil {
					return err
				}
				return fields(b, func(number protowire.Number, name []byte, _ uint64) error {
					if _, again := used[string(name)]; number == nodeInput && !again && len(used) < 100*maxTensors {
						used[string(name)] = len(used)
					}
					return nil
				})
			case graphInitializer:
				t, err := initializer(b)
				if out.Tensors = append(out.Tensors, t); len(out.Tensors) > maxTensors {
					return fmt.Errorf("%w: more than %d tensors", ErrDamaged, maxTensors)
				}
				return err
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
	for i, t := range out.Tensors {
		if len(t.Shape) == 2 {
			out.Tensors[i].Axes, out.Tensors[i].Rows = g.product(t.Name)
		}
	}
	slices.SortStableFunc(out.Tensors, func(a, b Tensor) int { return when(used, a) - when(used, b) })
	return out, nil
}

func when(used map[string]int, t Tensor) int {
	if n, ok := used[t.Name]; ok {
		return n
	}
	return math.MaxInt32
}

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

// initializer reads a TensorProto, whose values are either raw bytes or a packed list of floats: the same
// bytes in both.
func initializer(b []byte) (Tensor, error) {
	t := Tensor{Type: "float32", Shape: []int{}}
	var values []byte
	err := fields(b, func(number protowire.Number, b []byte, n uint64) error {
		switch number {
		case tensorDims:
			dims := []uint64{n}
			if b != nil { // packed
				dims = nil
				for len(b) > 0 {
					d, n := protowire.ConsumeVarint(b)
					if n < 0 {
						return fmt.Errorf("%w: %s", ErrDamaged, protowire.ParseError(n))
					}
					dims, b = append(dims, d), b[n:]
				}
			}
			for _, d := range dims {
				if d > math.MaxInt32 || len(t.Shape) >= 16 {
					return fmt.Errorf("%w: a dimension of %d", ErrDamaged, d)
				}
				t.Shape = append(t.Shape, int(d))
			}
		case tensorType:
			if n != typeFloat {
				t.Type = fmt.Sprintf("ONNX type %d", n)
			}
		case tensorName:
			t.Name = string(b)
		case tensorRaw, tensorFloats:
			values = b
		case tensorLocation:
			if n != 0 {
				t.Type = "in another file"
			}
		}
		return nil
	})
	if err != nil || t.Type != "float32" {
		return t, err
	}
	want, err := bytesOf(t.Shape, int64(len(b)))
	if err == nil && want != int64(len(values)) {
		err = fmt.Errorf("%w: shape %v in %d bytes", ErrDamaged, t.Shape, len(values))
	}
	if err != nil {
		return t, fmt.Errorf("tensor %s: %w", t.Name, err)
	}
	t.read = func() ([]float32, error) {
		out := make([]float32, want/4)
		decodeFloat32s(out, values)
		return out, nil
	}
	return t, nil
}
