// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"bytes"
	"fmt"
)

// Strings returns a string attribute, one element or a list of them. ok is false when the object has no such
// attribute, or has one of another type. (An empty Python list becomes an empty list of float64, and so a list
// of none here.)
func (o *Object) Strings(name string) (list []string, ok bool, err error) {
	for _, m := range o.messages {
		if m.kind != msgAttribute || m.shared {
			continue
		}
		a, err := parseAttribute(m.data)
		if err != nil {
			return nil, false, err
		}
		if a.name != name {
			continue
		}
		list, ok, err = o.f.strings(a)
		if err != nil {
			return nil, false, fmt.Errorf("attribute %s: %w", name, err)
		}
		return list, ok, nil
	}
	return nil, false, nil
}

type attribute struct {
	name          string
	kind          []byte // datatype message
	shape         []int
	data          []byte
	sharedMessage bool
}

// parseAttribute reads an attribute message (specification, IV.A.2.m).
func parseAttribute(b []byte) (a attribute, err error) {
	c := cursor{b: b}
	version, flags := c.u8(), c.u8()
	if !c.short && (version < 1 || version > 3) {
		return a, fmt.Errorf("%w: attribute version %d", ErrFormat, version)
	}
	sizes := [3]uint64{uint64(c.u16()), uint64(c.u16()), uint64(c.u16())}
	if version == 3 {
		c.skip(1) // character set
	}
	var parts [3][]byte
	for i, n := range sizes {
		parts[i] = c.take(n)
		if version == 1 {
			c.skip(-n & 7) // padded to eight bytes
		}
	}
	if err := c.err("attribute"); err != nil {
		return a, err
	}
	name, _, _ := bytes.Cut(parts[0], []byte{0})
	a = attribute{name: string(name), kind: parts[1], data: c.b, sharedMessage: version > 1 && flags&3 != 0}
	if !a.sharedMessage {
		a.shape, _, err = parseShape(parts[2])
	}
	return a, err
}

func (f *File) strings(a attribute) (list []string, ok bool, err error) {
	if a.sharedMessage {
		return nil, false, nil
	}
	n, err := elements(a.shape, f.size)
	if err != nil {
		return nil, false, err
	}
	c := cursor{b: a.kind}
	class, variable := c.u8()&0xf, c.u8()&0xf == 1
	c.skip(2)
	size := uint64(c.u32())
	const fixedString, variableLength = 3, 9
	isString := class == fixedString && size > 0 || class == variableLength && variable && size == 16
	if n == 0 {
		return nil, true, nil
	} else if !isString {
		return nil, false, nil
	}
	data := cursor{b: a.data}
	for range n {
		text := data.take(size)
		if data.short {
			return nil, false, data.err("list of strings")
		}
		if class == variableLength {
			if text, err = f.global(text); err != nil {
				return nil, false, err
			}
		}
		text, _, _ = bytes.Cut(text, []byte{0})
		list = append(list, string(bytes.TrimRight(text, " ")))
	}
	return list, true, nil
}

// global follows a reference to a variable-length value: a length, the address of a collection, an index
// (specification, III.E).
func (f *File) global(reference []byte) ([]byte, error) {
	c := cursor{b: reference}
	n, address, index := uint64(c.u32()), c.u64(), c.u32()
	if n == 0 {
		return nil, nil
	}
	head, err := f.signed(address, 16, "GCOL", "global heap")
	if err != nil {
		return nil, err
	}
	head.skip(4)
	size := head.u64()
	if size < 16 {
		return nil, fmt.Errorf("%w: global heap of %d bytes", ErrFormat, size)
	}
	b, err := f.read(address+16, size-16, "global heap")
	if err != nil {
		return nil, err
	}
	c = cursor{b: b}
	for len(c.b) >= 16 {
		at := c.u16()
		c.skip(2 + 4)
		length := c.u64()
		if at == 0 {
			break // free space, always last
		}
		value := c.take(length)
		c.skip(-length & 7)
		if uint32(at) == index && !c.short && n <= length {
			return value[:n], nil
		}
	}
	return nil, fmt.Errorf("%w: global heap object %d is missing", ErrFormat, index)
}
