// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package number

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/gomlx/compute/dtypes/float16"
)

// Type is how a file stores a number.
type Type struct {
	// Name is "float16", "bfloat16", "float32" or "float64".
	Name string
	// Size is in bytes.
	Size int64

	decode func(b []byte) float32
}

// Bytes are gray levels from 0 to 255.
var Bytes = Type{"uint8", 1, func(b []byte) float32 { return float32(b[0]) }}

// Readable lists the types, for messages.
const Readable = "float16, bfloat16, float32 or float64"

// Find returns the type of that name in that order of bytes; ok is false for one that is not read.
func Find(name string, order binary.ByteOrder) (t Type, ok bool) {
	switch name {
	case "float16":
		return Type{name, 2, func(b []byte) float32 { return float16.FromBits(order.Uint16(b)).Float32() }}, true
	case "bfloat16":
		return Type{name, 2, func(b []byte) float32 {
			return math.Float32frombits(uint32(order.Uint16(b)) << 16)
		}}, true
	case "float32":
		return Type{name, 4, func(b []byte) float32 { return math.Float32frombits(order.Uint32(b)) }}, true
	case "float64":
		return Type{name, 8, func(b []byte) float32 { return float32(math.Float64frombits(order.Uint64(b))) }}, true
	}
	return Type{}, false
}

// Decode fills out from as many numbers at the start of b.
func (t Type) Decode(out []float32, b []byte) {
	for i := range out {
		out[i] = t.decode(b[int64(i)*t.Size:])
	}
}

// Read reads n numbers. The caller has checked that the file can have so many.
func (t Type) Read(r io.Reader, n int64) ([]float32, error) {
	const some = 32 << 10 // numbers at a time
	out := make([]float32, n)
	b := make([]byte, min(n, some)*t.Size)
	for rest := out; len(rest) > 0; {
		part := rest[:min(len(rest), some)]
		if _, err := io.ReadFull(r, b[:int64(len(part))*t.Size]); err != nil {
			return nil, fmt.Errorf("read values: %w", err)
		}
		t.Decode(part, b)
		rest = rest[len(part):]
	}
	return out, nil
}

// Fault returns the place of the first value that is no finite number, or -1.
func Fault(values []float32) int {
	for i, v := range values {
		if v-v != 0 {
			return i
		}
	}
	return -1
}

// Place turns the place of a value into its index along each axis, the last axis fastest.
func Place(at int, shape []int) []int {
	index := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		index[k], at = at%shape[k], at/shape[k]
	}
	return index
}
