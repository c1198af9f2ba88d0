// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"bytes"
	"fmt"
	"io"
	"math"
)

// Shape returns a dataset's dimensions (specification, IV.A.2.b).
func (o *Object) Shape() ([]int, error) {
	shape, _, err := o.shapes()
	return shape, err
}

// shapes returns the dimensions and up to which they may grow, nil where one has no bound.
func (o *Object) shapes() (shape, most []int, err error) {
	m, ok := o.first(msgDataspace)
	if !ok || m.shared {
		return nil, nil, fmt.Errorf("%w: a dataset without a shape", ErrFormat)
	}
	return parseShape(m.data)
}

func parseShape(b []byte) (shape, most []int, err error) {
	c := cursor{b: b}
	version, rank, flags := c.u8(), c.u8(), c.u8()
	switch version {
	case 1:
		c.skip(5)
	case 2:
		if kind := c.u8(); kind == 2 { // null: no element at all
			return []int{0}, nil, c.err("shape")
		}
	default:
		return nil, nil, fmt.Errorf("%w: shape version %d", ErrFormat, version)
	}
	shape = make([]int, 0, 4)
	for range rank {
		n := c.u64()
		if n > math.MaxInt32 {
			return nil, nil, fmt.Errorf("%w: a dimension of %d", ErrFormat, n)
		}
		shape = append(shape, int(n))
	}
	if flags&1 == 0 {
		return shape, shape, c.err("shape")
	}
	most = make([]int, 0, 4)
	for k := range rank {
		n := c.u64()
		if n > math.MaxInt32 {
			return shape, nil, c.err("shape")
		} else if int(n) < shape[k] {
			return nil, nil, fmt.Errorf("%w: a dimension of %d, at most %d", ErrFormat, shape[k], n)
		}
		most = append(most, int(n))
	}
	return shape, most, c.err("shape")
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

// Float32s reads a dataset's values as float32: floating-point numbers of 2, 4 or 8 bytes in any order, in one piece
// or in chunks.
func (o *Object) Float32s() ([]float32, error) {
	shape, err := o.Shape()
	if err != nil {
		return nil, err
	}
	kind, err := o.numberType()
	if err != nil {
		return nil, err
	}
	steps, err := o.filters()
	if err != nil {
		return nil, err
	}
	most := o.f.size
	if steps.deflates() {
		most *= deflateRatio
	}
	n, err := elements(shape, most/uint64(kind.Size))
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return []float32{}, nil
	}
	m, _ := o.first(msgLayout)
	c := cursor{b: m.data}
	version, class := c.u8(), c.u8()
	switch {
	case version < 3 || version > 5:
		return nil, fmt.Errorf("%w: a layout of version %d", ErrUnread, version)
	case class == 2:
		return o.chunked(shape, kind, version, c, steps)
	case class > 2:
		return nil, fmt.Errorf("%w: a virtual dataset, whose values are in others", ErrUnread)
	}
	data, err := o.data(class, c, n*uint64(kind.Size))
	if err != nil {
		return nil, err
	}
	return kind.Read(data, int64(n))
}

// data returns where the bytes of a dataset in one piece are (specification, IV.A.2.i).
func (o *Object) data(class uint8, c cursor, want uint64) (io.Reader, error) {
	if class == 0 { // in the header itself
		n := uint64(c.u16())
		b := c.take(n)
		if c.short || n != want {
			return nil, fmt.Errorf("%w: %d bytes for values that need %d", ErrFormat, n, want)
		}
		return bytes.NewReader(b), nil
	}
	if _, external := o.first(msgExternal); external {
		return nil, fmt.Errorf("%w: its values are in another file", ErrUnread)
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
