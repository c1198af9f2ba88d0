// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnxfile

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"convscope/pkg/weights/internal/number"
)

// Field numbers of a TensorProto in onnx.proto.
const (
	tensorDims     = 1
	tensorType     = 2
	tensorFloats   = 4
	tensorInt32s   = 5
	tensorInt64s   = 7
	tensorName     = 8
	tensorRaw      = 9
	tensorDoubles  = 10
	tensorUint64s  = 11
	tensorExternal = 13
	tensorLocation = 14
)

// onnxTypes are the names of TensorProto.DataType.
var onnxTypes = [...]string{
	1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "text", 9: "bool",
	10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
	17: "float8 e4m3fn", 18: "float8 e4m3fnuz",
	19: "float8 e5m2", 20: "float8 e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4",
}

// maxAxes is how many axes an array may have.
const maxAxes = 16

func typeName(n uint64) string {
	if n > 0 && n < uint64(len(onnxTypes)) {
		return onnxTypes[n]
	}
	return fmt.Sprintf("of ONNX type %d", n)
}

// Tensor is an array of numbers in the file or beside it.
type Tensor struct {
	Name  string
	Shape []int
	// Type is that of its elements: "float32", "int64".
	Type string

	values, integers []byte
	place            *external
	path             string
	size             int64 // of an element in values, 0 for a type that isn't read
}

// bytes is the message of an option that is a tensor, nil where the node has none.
func (n *Node) bytes(name string) []byte { a, _ := n.find(name); return a.tensor }

// Tensor is an option of the node that is an array, as a Constant's "value" is; ok is false where the node has none.
func (m *Model) Tensor(n *Node, name string) (t Tensor, ok bool, err error) {
	b := n.bytes(name)
	if b == nil {
		return Tensor{}, false, nil
	}
	t, err = m.tensor(b)
	return t, true, err
}

// tensor reads a TensorProto. Its values are raw bytes, a packed list of numbers of their own size, which are the
// same bytes, a list of integers, which halves may be in, or in another file beside the model's.
func (m *Model) tensor(b []byte) (Tensor, error) {
	t := Tensor{Shape: []int{}, Type: "of no type", path: m.path}
	var elsewhere bool
	var place external
	err := fields(b, func(number protowire.Number, b []byte, n uint64) error {
		switch number {
		case tensorDims:
			return varints(b, n, func(d uint64) error {
				if d > math.MaxInt32 || len(t.Shape) >= maxAxes {
					return fmt.Errorf("%w: a dimension of %d", ErrDamaged, d)
				}
				t.Shape = append(t.Shape, int(d))
				return nil
			})
		case tensorType:
			t.Type = typeName(n)
		case tensorName:
			return m.text(&t.Name, b)
		case tensorRaw, tensorFloats, tensorDoubles:
			t.values = b
		case tensorInt32s, tensorInt64s, tensorUint64s:
			if b == nil { // one number of several fields
				b = protowire.AppendVarint(nil, n)
				if err := m.take(len(b)); err != nil {
					return err
				}
				b = append(slices.Clip(t.integers), b...)
			}
			t.integers = b
		case tensorLocation:
			elsewhere = n != 0
		case tensorExternal:
			return place.add(b)
		}
		return nil
	})
	kind, isReal := number.Find(t.Type, binary.LittleEndian)
	if t.size = kind.Size; !isReal {
		t.size = integerSize[t.Type]
	}
	if err != nil || t.size == 0 {
		return t, err
	}
	if elsewhere {
		_, err := BytesOf(t.Shape, t.size, math.MaxInt64/2)
		if _, known := m.places[place.location]; !known && len(m.places) < maxTensors {
			var size int64
			size, m.places[place.location] = place.check(m.path)
			m.size += size
		}
		if err = cmp.Or(err, m.places[place.location]); err != nil {
			return t, fmt.Errorf("tensor %s: %w", t.Name, err)
		}
		t.place = &place
		return t, nil
	}
	// A list of integers may have an element in each byte of the message, however many bytes that would be in raw.
	want, err := BytesOf(t.Shape, t.size, max(8, t.size)*int64(len(b)))
	if listed := t.integers != nil && (!isReal || t.size == 2); err == nil && !listed && want != int64(len(t.values)) {
		err = fmt.Errorf("%w: shape %v in %d bytes", ErrDamaged, t.Shape, len(t.values))
	}
	if err != nil {
		return t, fmt.Errorf("tensor %s: %w", t.Name, err)
	}
	return t, nil
}

// IsFloat says whether Float32s reads the elements.
func (t Tensor) IsFloat() bool {
	_, ok := number.Find(t.Type, binary.LittleEndian)
	return ok
}

// Float32s reads values that are floats, the last axis fastest, widened or narrowed to float32. The error wraps
// [ErrUnread] for those of another type.
func (t Tensor) Float32s() ([]float32, error) {
	kind, ok := number.Find(t.Type, binary.LittleEndian)
	if !ok {
		return nil, fmt.Errorf("%w: it is %s, needed are %s", ErrUnread, t.Type, number.Readable)
	}
	want, err := BytesOf(t.Shape, kind.Size, math.MaxInt64/2)
	if err != nil {
		return nil, err
	}
	if t.place != nil {
		return t.place.read(t.path, kind, want)
	}
	values := t.values
	if t.integers != nil && kind.Size == 2 {
		if values, err = halves(t.integers, want); err != nil {
			return nil, err
		}
	}
	return kind.Read(bytes.NewReader(values), want/kind.Size)
}

// halves turns a list of integers, each the bits of a number of two bytes, into those bytes.
func halves(b []byte, want int64) ([]byte, error) {
	out := make([]byte, 0, want)
	err := varints(b, 0, func(n uint64) error {
		if n > math.MaxUint16 || len(out) == cap(out) {
			return fmt.Errorf("%w: a list of halves that is too long, or has %d", ErrDamaged, n)
		}
		out = binary.LittleEndian.AppendUint16(out, uint16(n))
		return nil
	})
	if err == nil && int64(len(out)) != want {
		err = fmt.Errorf("%w: %d bytes of halves where %d are needed", ErrDamaged, len(out), want)
	}
	return out, err
}
