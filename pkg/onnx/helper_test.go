// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"convscope/pkg/layer"
	"convscope/pkg/onnx"
)

// The messages of onnx.proto, as tests write them.

func field(number protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
}

func number(field protowire.Number, n int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), uint64(int64(n)))
}

func text(field_ protowire.Number, s string) []byte { return field(field_, []byte(s)) }

// names are several in one slice.
func names(all ...string) []string { return all }

func node(op string, inputs, outputs []string, more ...[]byte) []byte {
	var b []byte
	for _, name := range inputs {
		b = append(b, text(1, name)...)
	}
	for _, name := range outputs {
		b = append(b, text(2, name)...)
	}
	return field(1, slices.Concat(b, text(4, op), slices.Concat(more...)))
}

func called(name string) []byte { return text(3, name) }

func scoped(scopes string) []byte {
	return field(9, append(text(1, "pkg.torch.onnx.name_scopes"), text(2, scopes)...))
}

func attr(name string, value any) []byte {
	b := text(1, name)
	switch v := value.(type) {
	case int:
		b = append(b, number(3, v)...)
	case float64:
		b = protowire.AppendFixed32(protowire.AppendTag(b, 2, protowire.Fixed32Type), math.Float32bits(float32(v)))
	case string:
		b = append(b, text(4, v)...)
	case []int:
		for _, n := range v {
			b = append(b, number(8, n)...)
		}
	case []byte: // a graph
		b = append(b, field(6, v)...)
	}
	return field(5, b)
}

const (
	float32s = 1
	int8s    = 3
	int64s   = 7
	float16s = 10
	float64s = 11
	bfloats  = 16
)

func tensor(name string, kind int, dims []int, raw []byte) []byte {
	var b []byte
	for _, d := range dims {
		b = append(b, number(1, d)...)
	}
	return field(5, slices.Concat(b, number(2, kind), text(8, name), field(9, raw)))
}

func floats(name string, dims []int, values ...float32) []byte {
	n := 1
	for _, d := range dims {
		n *= d
	}
	var raw []byte
	for i := range n {
		v := float32(i%7)/7 - 0.3
		if i < len(values) {
			v = values[i]
		}
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return tensor(name, float32s, dims, raw)
}

func ints(name string, values ...int) []byte {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(int64(v)))
	}
	return tensor(name, int64s, []int{len(values)}, raw)
}

// value is an input or output of floats; a size of -1 has a name.
func value(field_ protowire.Number, name string, dims ...int) []byte {
	var shape []byte
	for _, d := range dims {
		if d < 0 {
			shape = append(shape, field(1, text(2, "any"))...)
		} else {
			shape = append(shape, field(1, number(1, d))...)
		}
	}
	return field(field_, slices.Concat(text(1, name), field(2, field(1, slices.Concat(number(1, float32s), field(2, shape))))))
}

func input(name string, dims ...int) []byte { return value(11, name, dims...) }
func output(name string) []byte             { return value(12, name) }

// file is a model of the parts of a graph.
func file(opset int, graph ...[]byte) []byte {
	return slices.Concat(number(1, 8), field(7, slices.Concat(graph...)), field(8, number(2, opset)))
}

func put(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "net.onnx")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func read(t testing.TB, opset int, graph ...[]byte) *layer.Network {
	t.Helper()
	net, err := onnx.Read(put(t, file(opset, graph...)))
	require.NoError(t, err)
	return net
}

func layerNames(net *layer.Network) (all []string) {
	for _, l := range net.Layers {
		all = append(all, l.Name)
	}
	return all
}

// shapeOf is a layer's output for pictures of that size.
func shapeOf(t testing.TB, net *layer.Network, name string, height, width int) []int {
	t.Helper()
	require.NoError(t, net.CheckSize(name, height, width))
	for i, shape := range net.Shapes(height, width) {
		if net.Layers[i].Name == name {
			return shape
		}
	}
	require.Fail(t, "no layer "+name)
	return nil
}
