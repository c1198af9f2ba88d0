// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnxfile

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"convscope/pkg/weights/internal/number"
)

// integerSize is how many bytes an element of each type of whole numbers takes.
var integerSize = map[string]int64{"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
	"int64": 8, "uint64": 8}

// IsInteger says whether the elements are whole numbers, or true and false.
func (t Tensor) IsInteger() bool { return integerSize[t.Type] > 0 }

// Int64s reads values that are whole numbers, the last axis fastest. The error wraps [ErrUnread] for those of another
// type.
func (t Tensor) Int64s() ([]int64, error) {
	size := integerSize[t.Type]
	if size == 0 {
		return nil, fmt.Errorf("%w: it is %s, needed are whole numbers", ErrUnread, t.Type)
	}
	want, err := BytesOf(t.Shape, size, math.MaxInt64/2)
	if err != nil {
		return nil, err
	}
	b := t.values
	switch {
	case t.place != nil:
		if b, err = t.place.bytes(t.path, want); err != nil {
			return nil, err
		}
	case t.integers != nil:
		return t.listed(want / size)
	}
	list := make([]int64, want/size)
	for i := range list {
		list[i] = integer(t.Type, b[int64(i)*size:])
	}
	return list, nil
}

// listed reads a list of n integers.
func (t Tensor) listed(n int64) ([]int64, error) {
	list := make([]int64, 0, min(n, int64(len(t.integers))))
	err := varints(t.integers, 0, func(v uint64) error {
		if len(list) == cap(list) {
			return fmt.Errorf("%w: more than the %d numbers of shape %v", ErrDamaged, n, t.Shape)
		}
		list = append(list, int64(v))
		return nil
	})
	if err == nil && int64(len(list)) != n {
		err = fmt.Errorf("%w: %d numbers for shape %v", ErrDamaged, len(list), t.Shape)
	}
	return list, err
}

// integer reads one whole number.
func integer(kind string, b []byte) int64 {
	switch kind {
	case "int8":
		return int64(int8(b[0]))
	case "int16":
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case "uint16":
		return int64(binary.LittleEndian.Uint16(b))
	case "int32":
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case "uint32":
		return int64(binary.LittleEndian.Uint32(b))
	case "int64", "uint64":
		return int64(binary.LittleEndian.Uint64(b))
	}
	return int64(b[0])
}

// bytes reads the bytes that an external place has.
func (e external) bytes(path string, want int64) ([]byte, error) {
	section, closer, err := e.section(path, want)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	b := make([]byte, want)
	_, err = io.ReadFull(section, b)
	return b, err
}

// read reads values that an external place has.
func (e external) read(path string, kind number.Type, want int64) ([]float32, error) {
	section, closer, err := e.section(path, want)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return kind.Read(section, want/kind.Size)
}
