// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package hdf5

import (
	"encoding/binary"
	"fmt"

	"convscope/pkg/weights/internal/number"
)

// classes name the classes of datatypes (specification, IV.A.2.d).
var classes = [...]string{"integer", "float", "time", "text", "bits", "bytes", "records",
	"references", "an enumeration",
	"lists", "arrays", "complex"}

// floatLayout is that of a floating-point number: bytes, the places and widths of exponent and fraction, and the
// exponent's bias.
type floatLayout struct {
	size                           uint32
	expAt, expBits, manAt, manBits uint8
	bias                           uint32
}

var floats = map[floatLayout]string{
	{2, 10, 5, 0, 10, 15}:    "float16",
	{2, 7, 8, 0, 7, 127}:     "bfloat16",
	{4, 23, 8, 0, 23, 127}:   "float32",
	{8, 52, 11, 0, 52, 1023}: "float64",
}

// Type names the type of a dataset's elements: "float32", "int64", "text".
func (o *Object) Type() string {
	name, _ := o.datatype()
	return name
}

// datatype reads the datatype message. The order is nil for what is no number.
func (o *Object) datatype() (name string, order binary.ByteOrder) {
	m, ok := o.first(msgDatatype)
	if !ok || m.shared {
		return "of a type that is kept elsewhere", nil
	}
	c := cursor{b: m.data}
	// bits has the byte order in 0 and 6, and the sign's place from 8 on or, for integers, whether there is one in 3.
	class, bits := c.u8()&0xf, c.u16()
	c.skip(1)
	l := floatLayout{size: c.u32()}
	offset, precision := c.u16(), c.u16()
	switch {
	case class == 0 && !c.short:
		if bits&8 == 0 {
			return fmt.Sprintf("uint%d", precision), nil
		}
		return fmt.Sprintf("int%d", precision), nil
	case int(class) >= len(classes):
		return fmt.Sprintf("of class %d", class), nil
	case class != 1:
		return classes[class], nil
	}
	l.expAt, l.expBits, l.manAt, l.manBits, l.bias = c.u8(), c.u8(), c.u8(), c.u8(), c.u32()
	name, ok = floats[l]
	if !ok || c.short || offset != 0 || uint32(precision) != 8*l.size || uint32(bits>>8) != 8*l.size-1 {
		return fmt.Sprintf("floats of %d bits in an unusual form", precision), nil
	}
	switch bits & 0x41 {
	case 0:
		return name, binary.LittleEndian
	case 1:
		return name, binary.BigEndian
	}
	return "VAX floats", nil
}

// numberType is how the dataset's numbers are read.
func (o *Object) numberType() (number.Type, error) {
	name, order := o.datatype()
	if order != nil {
		if t, ok := number.Find(name, order); ok {
			return t, nil
		}
	}
	return number.Type{}, fmt.Errorf("%w: its elements are %s, needed are %s", ErrUnread, name, number.Readable)
}
