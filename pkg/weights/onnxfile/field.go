// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnxfile

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"convscope/pkg/weights/internal/hdf5"
)

var (
	// ErrDamaged means that a file is truncated, damaged, or larger than any model's.
	ErrDamaged = errors.New("damaged weights file")
	// ErrUnread means that a file may well be whole, but in a way that is not read.
	ErrUnread = hdf5.ErrUnread
)

// fields calls use for each field of a message: with the bytes of a string, message or packed list, or with
// the number of a varint or the bits of a fixed one.
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
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(b)
			value = uint64(bits)
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

// pair reads a StringStringEntryProto: a key and its value.
func pair(b []byte) (key, value []byte, err error) {
	err = fields(b, func(number protowire.Number, b []byte, _ uint64) error {
		switch number {
		case 1:
			key = b
		case 2:
			value = b
		}
		return nil
	})
	return key, value, err
}

// BytesOf returns how many bytes numbers of that size in that shape take, and an error when that is more than limit.
func BytesOf(shape []int, size, limit int64) (int64, error) {
	if slices.ContainsFunc(shape, func(d int) bool { return d < 0 }) {
		return 0, fmt.Errorf("%w: shape %v", ErrDamaged, shape)
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	n := size
	for _, d := range shape {
		if n > limit/int64(d) {
			return 0, fmt.Errorf("%w: shape %v needs more bytes than the file has", ErrDamaged, shape)
		}
		n *= int64(d)
	}
	return n, nil
}
