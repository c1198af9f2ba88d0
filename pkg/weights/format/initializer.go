// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"

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
	tensorExternal = 13
	tensorLocation = 14
)

// onnxTypes are the names of TensorProto.DataType.
var onnxTypes = [...]string{
	1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "text", 9: "bool",
	10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16", 17: "float8 e4m3fn", 18: "float8 e4m3fnuz",
	19: "float8 e5m2", 20: "float8 e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4",
}

// initializer reads a TensorProto. Its values are raw bytes, a packed list of numbers of their own size, which are the
// same bytes, a list of integers, which halves may be in, or in another file beside the one at path. places keeps what
// was wrong with those.
func initializer(b []byte, path string, places map[string]error) (Tensor, error) {
	t := Tensor{Shape: []int{}, Type: "of no type"}
	var values, integers []byte
	var elsewhere bool
	var place external
	err := fields(b, func(number protowire.Number, b []byte, n uint64) error {
		switch number {
		case tensorDims:
			return varints(b, n, func(d uint64) error {
				if d > math.MaxInt32 || len(t.Shape) >= 16 {
					return fmt.Errorf("%w: a dimension of %d", ErrDamaged, d)
				}
				t.Shape = append(t.Shape, int(d))
				return nil
			})
		case tensorType:
			t.Type = fmt.Sprintf("of ONNX type %d", n)
			if n > 0 && n < uint64(len(onnxTypes)) {
				t.Type = onnxTypes[n]
			}
		case tensorName:
			t.Name = string(b)
		case tensorRaw, tensorFloats, tensorDoubles:
			values = b
		case tensorInt32s:
			integers = b
		case tensorLocation:
			elsewhere = n != 0
		case tensorExternal:
			return place.add(b)
		}
		return nil
	})
	kind, ok := number.Find(t.Type, binary.LittleEndian)
	if err != nil || !ok {
		return t, err
	}
	if elsewhere {
		want, err := bytesOf(t.Shape, kind.Size, math.MaxInt64/2)
		if _, known := places[place.location]; !known && len(places) < maxTensors {
			places[place.location] = place.check(path)
		}
		if err = cmp.Or(err, places[place.location]); err != nil {
			return t, fmt.Errorf("tensor %s: %w", t.Name, err)
		}
		t.read = func() ([]float32, error) { return place.read(path, kind, want) }
		return t, nil
	}
	want, err := bytesOf(t.Shape, kind.Size, 2*int64(len(b)))
	if err == nil && integers != nil && kind.Size == 2 {
		t.read = func() ([]float32, error) {
			values, err := halves(integers, want)
			if err != nil {
				return nil, err
			}
			return kind.Read(bytes.NewReader(values), want/kind.Size)
		}
		return t, nil
	}
	if err == nil && want != int64(len(values)) {
		err = fmt.Errorf("%w: shape %v in %d bytes", ErrDamaged, t.Shape, len(values))
	}
	if err != nil {
		return t, fmt.Errorf("tensor %s: %w", t.Name, err)
	}
	t.read = func() ([]float32, error) { return kind.Read(bytes.NewReader(values), want/kind.Size) }
	return t, nil
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

// check returns an error when the file with the values is not there or may not be opened.
func (e external) check(path string) error {
	file, _, err := e.open(path)
	if err != nil {
		return err
	}
	return file.Close()
}

// read reads values that an external place has.
func (e external) read(path string, kind number.Type, want int64) ([]float32, error) {
	file, size, err := e.open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if e.length >= 0 && e.length != want {
		return nil, fmt.Errorf("%w: %d bytes in %s where %d are needed", ErrDamaged, e.length, e.location, want)
	}
	if e.offset > size || want > size-e.offset {
		return nil, fmt.Errorf("%w: %s has %d bytes, the values are %d bytes from %d on",
			ErrDamaged, e.location, size, want, e.offset)
	}
	return kind.Read(io.NewSectionReader(file, e.offset, want), want/kind.Size)
}
