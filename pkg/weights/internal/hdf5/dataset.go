// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Shape returns a dataset's dimensions (specification, IV.A.2.b).
func (o *Object) Shape() ([]int, error) {
	m, ok := o.first(msgDataspace)
	if !ok || m.shared {
		return nil, fmt.Errorf("%w: a dataset without a shape", ErrFormat)
	}
	return parseShape(m.data)
}

func parseShape(b []byte) ([]int, error) {
	c := cursor{b: b}
	version, rank, _ := c.u8(), c.u8(), c.u8()
	switch version {
	case 1:
		c.skip(5)
	case 2:
		if kind := c.u8(); kind == 2 { // null: no element at all
			return []int{0}, c.err("shape")
		}
	default:
		return nil, fmt.Errorf("%w: shape version %d", ErrFormat, version)
	}
	shape := make([]int, 0, 4)
	for range rank {
		n := c.u64()
		if n > math.MaxInt32 {
			return nil, fmt.Errorf("%w: a dimension of %d", ErrFormat, n)
		}
		shape = append(shape, int(n))
	}
	return shape, c.err("shape")
}

// elements multiplies a shape, up to a bound that the file's size sets.
func elements(shape []int, most uint64) (uint64, error) {
	n := uint64(1)
	for _, d := range shape {
		n *= uint64(d) // both below 2^32
		if n > most || n > math.MaxInt32 {
			return 0, fmt.Errorf("%w: shape %v has more elements than the file has bytes", ErrFormat, shape)
		}
	}
	return n, nil
}

// Float32s reads a dataset's values. It must be little-endian float32, in one piece.
func (o *Object) Float32s() ([]float32, error) {
	shape, err := o.Shape()
	if err != nil {
		return nil, err
	}
	n, err := elements(shape, o.f.size/4)
	if err != nil {
		return nil, err
	}
	if t, ok := o.first(msgDatatype); !ok || t.shared || !isFloat32(t.data) {
		return nil, fmt.Errorf("%w: not little-endian float32", ErrFormat)
	}
	if _, filtered := o.first(msgFilter); filtered {
		return nil, fmt.Errorf("%w: compressed; write the file again without compression", ErrFormat)
	}
	if n == 0 {
		return []float32{}, nil
	}
	data, err := o.data(n * 4)
	if err != nil {
		return nil, err
	}
	out := make([]float32, n)
	buf := make([]byte, min(n*4, 256<<10))
	for done := uint64(0); done < n; {
		part := buf[:min(uint64(len(buf)), (n-done)*4)]
		if _, err := io.ReadFull(data, part); err != nil {
			return nil, fmt.Errorf("read values: %w", err)
		}
		for i := 0; i < len(part); i += 4 {
			out[done] = math.Float32frombits(binary.LittleEndian.Uint32(part[i:]))
			done++
		}
	}
	return out, nil
}

// data returns where a dataset's bytes are (specification, IV.A.2.i).
func (o *Object) data(want uint64) (io.Reader, error) {
	m, _ := o.first(msgLayout)
	c := cursor{b: m.data}
	version, class := c.u8(), c.u8()
	switch {
	case version < 3 || version > 5 || class > 1:
		return nil, fmt.Errorf("%w: values not in one piece (layout %d.%d); write the file again without chunks",
			ErrFormat, version, class)
	case class == 0: // in the header itself
		n := uint64(c.u16())
		b := c.take(n)
		if c.short || n != want {
			return nil, fmt.Errorf("%w: %d bytes for values that need %d", ErrFormat, n, want)
		}
		return bytes.NewReader(b), nil
	}
	address, n := c.u64(), c.u64()
	switch {
	case c.short:
		return nil, c.err("layout")
	case address == undefined:
		return nil, fmt.Errorf("%w: values were never written", ErrFormat)
	case n < want:
		return nil, fmt.Errorf("%w: %d bytes for values that need %d", ErrFormat, n, want)
	case address > o.f.size || want > o.f.size-address:
		return nil, fmt.Errorf("%w: values are beyond the end of the file", ErrFormat)
	}
	return io.NewSectionReader(o.f.r, int64(address), int64(want)), nil
}

// isFloat32 reports whether a datatype is IEEE 754 single precision, little-endian (specification, IV.A.2.d).
func isFloat32(b []byte) bool {
	c := cursor{b: b}
	class, order := c.u8()&0xf, c.u16() // order: byte order in bits 0 and 6, the sign's place in bits 8 to 15
	c.skip(1)
	size := c.u32()
	offset, precision := c.u16(), c.u16()
	expAt, expBits, manAt, manBits, bias := c.u8(), c.u8(), c.u8(), c.u8(), c.u32()
	return !c.short && class == 1 && order&0x41 == 0 && order>>8 == 31 && size == 4 && offset == 0 && precision == 32 &&
		expAt == 23 && expBits == 8 && manAt == 0 && manBits == 23 && bias == 127
}
