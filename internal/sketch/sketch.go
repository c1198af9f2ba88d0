// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package sketch writes small networks with made-up weights, for tests of what opens networks from files.
//
//	err := os.WriteFile("my.onnx", sketch.ONNX(sketch.Options{Channels: 1, Side: 12, Seed: 1}), 0o600)
package sketch

import (
	"encoding/binary"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Options of a network.
type Options struct {
	// Channels and Side are those of its pictures.
	Channels, Side int
	// Seed chooses the weights.
	Seed float64
}

// ONNX is a file with such a network: a convolution of four filters with a ReLU, named a.conv:1 and a.relu, a pool,
// and scores of three classes, which only pictures of its own size reach.
func ONNX(o Options) []byte {
	var dims []byte
	for _, dim := range []int{1, o.Channels, o.Side, o.Side} {
		dims = append(dims, packed(1, whole(1, dim))...)
	}
	half := o.Side / 2
	graph := slices.Concat(
		node("Conv", "/a/conv:1/Conv", []string{"x", "stem.c:1.weight", "stem.c:1.bias"}, "/a/conv:1/Conv_output_0",
			list("kernel_shape", 3, 3), list("pads", 1, 1, 1, 1)),
		node("Relu", "/a/relu/Relu", []string{"/a/conv:1/Conv_output_0"}, "/a/relu/Relu_output_0"),
		node("MaxPool", "/pool", []string{"/a/relu/Relu_output_0"}, "/pool_output",
			list("kernel_shape", 2, 2), list("strides", 2, 2)),
		node("Flatten", "/flat", []string{"/pool_output"}, "/flat_output"),
		node("Gemm", "/head", []string{"/flat_output", "head.weight", "head.bias"}, "scores"),
		text(2, "small"), o.weights("stem.c:1.weight", 4, o.Channels, 3, 3), o.weights("stem.c:1.bias", 4),
		o.weights("head.weight", 4*half*half, 3), o.weights("head.bias", 3),
		packed(11, slices.Concat(text(1, "x"), packed(2, packed(1, slices.Concat(whole(1, 1), packed(2, dims)))))),
		packed(12, text(1, "scores")),
	)
	return slices.Concat(whole(1, 8), packed(7, graph), packed(8, whole(2, 17)))
}

// weights are a tensor of the graph.
func (o Options) weights(name string, dims ...int) []byte {
	var b, raw []byte
	count := 1
	for _, dim := range dims {
		b, count = append(b, whole(1, dim)...), count*dim
	}
	for i := range count {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(math.Sin(o.Seed+float64(i*i)))))
	}
	return packed(5, slices.Concat(b, whole(2, 1), text(8, name), packed(9, raw)))
}

// node is a node of the graph.
func node(op, name string, inputs []string, output string, attributes ...[]byte) []byte {
	var b []byte
	for _, in := range inputs {
		b = append(b, text(1, in)...)
	}
	return packed(1, slices.Concat(b, text(2, output), text(3, name), text(4, op), slices.Concat(attributes...)))
}

// list is an attribute.
func list(name string, values ...int) []byte {
	b := text(1, name)
	for _, v := range values {
		b = append(b, whole(8, v)...)
	}
	return packed(5, append(b, whole(20, 7)...))
}

// packed, text and whole are fields of a protocol buffer.
func packed(number protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
}

func text(number protowire.Number, s string) []byte { return packed(number, []byte(s)) }

func whole(number protowire.Number, n int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), uint64(n))
}
