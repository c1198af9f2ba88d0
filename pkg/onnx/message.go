// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of onnx.proto, as Write writes them.

func bytesField(field protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), b)
}

func textField(field protowire.Number, text string) []byte { return bytesField(field, []byte(text)) }

func numberField(field protowire.Number, n int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), uint64(int64(n)))
}

// nodeField is a NodeProto in a graph.
func nodeField(op, name string, inputs []string, output string, attributes []byte) []byte {
	var b []byte
	for _, input := range inputs {
		b = append(b, textField(1, input)...)
	}
	b = append(b, textField(2, output)...)
	b = append(b, textField(3, name)...)
	b = append(b, textField(4, op)...)
	return bytesField(1, append(b, attributes...))
}

// The kinds of attributes.
const (
	kindInt    = 2
	kindString = 3
	kindInts   = 7
)

func numberAttribute(name string, n int) []byte {
	return attributeField(name, numberField(3, n), kindInt)
}

func textAttribute(name, text string) []byte {
	return attributeField(name, textField(4, text), kindString)
}

func numbersAttribute(name string, numbers ...int) []byte {
	var b []byte
	for _, n := range numbers {
		b = append(b, numberField(8, n)...)
	}
	return attributeField(name, b, kindInts)
}

func attributeField(name string, value []byte, kind int) []byte {
	return bytesField(5, append(append(textField(1, name), value...), numberField(20, kind)...))
}

const float32s = 1 // of the kinds of elements

// tensorField is an initializer of float32.
func tensorField(name string, dims []int, values []float32) []byte {
	var b, raw []byte
	for _, d := range dims {
		b = append(b, numberField(1, d)...)
	}
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	b = append(b, numberField(2, float32s)...)
	b = append(b, textField(8, name)...)
	return bytesField(5, append(b, bytesField(9, raw)...))
}

// valueField is an input or output of float32; a size of 0 is left open.
func valueField(field protowire.Number, name string, dims ...int) []byte {
	var shape []byte
	for i, d := range dims {
		size := numberField(1, d)
		if d == 0 {
			size = textField(2, []string{"batch", "", name + " height", name + " width"}[i])
		}
		shape = append(shape, bytesField(1, size)...)
	}
	kind := append(numberField(1, float32s), bytesField(2, shape)...)
	return bytesField(field, append(textField(1, name), bytesField(2, bytesField(1, kind))...))
}

// pairMessage is a text in a model's metadata.
func pairMessage(key, value string) []byte {
	return bytesField(14, append(textField(1, key), textField(2, value)...))
}
