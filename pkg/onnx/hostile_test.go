// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package onnx_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/layer"
	"convscope/pkg/onnx"
)

func onnxRead(t testing.TB, content []byte) (*layer.Network, error) {
	t.Helper()
	return onnx.Read(put(t, content))
}

// TestUnreadable gives what is no network an error of one line.
func TestUnreadable(t *testing.T) {
	in, out := input("x", 1, 3, 8, 8), output("y")
	tests := []struct {
		name    string
		content []byte
		want    error
		text    string
	}{
		{"empty", nil, onnx.ErrDamaged, "empty"},
		{"text", []byte("hello"), onnx.ErrUnknown, "torch.onnx.export"},
		{"pickle", []byte("\x80\x02}q"), onnx.ErrUnknown, `torch.onnx.export(model, x, "model.onnx")`},
		{"PyTorch's archive", []byte("PK\x03\x04"), onnx.ErrUnknown, "pickle, which is not read"},
		{"web page", []byte("<html>"), onnx.ErrUnknown, "web page"},
		{"cut", file(13, in, conv("x", "y", "w", 3, 4), out)[:90], onnx.ErrDamaged, ""},
		{"no graph", number(1, 8), onnx.ErrUnread, "no input"},
		{"no input", file(13, conv("x", "y", "w", 3, 4), out), onnx.ErrUnread, "no input"},
		{"three axes", file(13, input("x", 3, 8, 8), conv("x", "y", "w", 3, 4), out), onnx.ErrUnread, "[3 8 8]"},
		{"nothing", file(13, in, out), onnx.ErrUnread, "no operation"},
		{"a circle", file(13, in, node("Add", names("x", "b"), names("a")), node("Relu", names("a"), names("b")), out), onnx.ErrDamaged, "its own output"},
		{"of itself", file(13, in, node("Add", names("x", "a"), names("a")), out), onnx.ErrDamaged, "its own output"},
		{"made twice", file(13, in, node("Relu", names("x"), names("y")), node("Relu", names("x"), names("y")), out), onnx.ErrDamaged, "twice"},
		{"a picture of 40,000", file(13, input("x", 1, 3, 40_000, 8), conv("x", "y", "w", 3, 4), out), onnx.ErrUnread, "at most 32768"},
		{"a size that overflows", file(13, in, tensor("w", float32s, []int{1 << 30, 1 << 30, 1 << 30}, make([]byte, 4)), out), onnx.ErrDamaged, "more bytes"},
		{"a negative size", file(13, in, tensor("w", float32s, []int{-1}, make([]byte, 4)), out), onnx.ErrDamaged, "dimension"},
		{"only an unknown operation", file(13, in, node("NonMaxSuppression", names("x"), names("y"), called("nms")), out), onnx.ErrUnread, "NonMaxSuppression (nms)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := onnxRead(t, test.content)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := onnx.Read(t.TempDir())
	require.ErrorIs(t, err, onnx.ErrUnknown)
	_, err = onnx.Read(filepath.Join(t.TempDir(), "none.onnx"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestUnsupported names what can't be computed; what comes before works, and what comes after says what it needs.
func TestUnsupported(t *testing.T) {
	deep := node("Relu", names("c"), names("z"))
	for range 12 {
		deep = node("If", names("yes"), names("z"), attr("then_branch", slices.Concat(deep, output("z"))))
	}
	tests := []struct {
		name string
		bad  []byte
		text string
	}{
		{"operation", node("Attention", names("c"), names("z"), called("block/attention")), "Attention (block/attention): the operation is not supported"},
		{"domain", node("Fancy", names("c"), names("z"), text(7, "my.ops")), "operations of my.ops are not supported"},
		{"loop", node("Loop", names("c"), names("z"), attr("body", []byte{})), "Loop"},
		{"branches in branches", slices.Concat(ints("yes", 1), deep), "8 branches"},
		{"unknown input", node("Add", names("c", "gone"), names("z")), "gone"},
		{"quantized", slices.Concat(tensor("s", float32s, nil, make([]byte, 4)), node("QuantizeLinear", names("c", "s"), names("z"))), "QuantizeLinear"},
		{"bytes as kernel", slices.Concat(tensor("w8", 8, []int{1}, []byte("a")), node("Conv", names("c", "w8"), names("z"))), "w8"},
		{"kernel of other channels", slices.Concat(floats("w3", []int{4, 3, 3, 3}), node("Conv", names("c", "w3"), names("z"))), "channels"},
		{"groups", slices.Concat(floats("w4", []int{4, 1, 3, 3}), node("Conv", names("c", "w4"), names("z"), attr("group", 1<<40))), "channels"},
		{"stride", slices.Concat(floats("w5", []int{4, 4, 1, 1}), node("Conv", names("c", "w5"), names("z"), attr("strides", []int{-1, 1 << 40}))), "strides"},
		{"pads", node("MaxPool", names("c"), names("z"), attr("kernel_shape", []int{2, 2}), attr("pads", []int{-1, 0, 1 << 50, 0})), "padding"},
		{"one axis", slices.Concat(ints("to", 1, -1), node("Transpose", names("c"), names("z"), attr("perm", []int{0, 1, 1, 2}))), "no order"},
		{"batch", node("Transpose", names("c"), names("z0"), attr("perm", []int{1, 0, 2, 3})), ""},
		{"joined batch", slices.Concat(ints("to", 4, -1), node("Reshape", names("c", "to"), names("z"))), "a batch"},
		{"shape too large", slices.Concat(ints("to", 1, 1<<31-1, 1<<31-1), node("Reshape", names("c", "to"), names("z"))), "hold"},
		{"grown array", slices.Concat(ints("to", 1<<12, 1<<12), node("ConstantOfShape", names("to"), names("k")), node("Add", names("c", "k"), names("z"))), "too large"},
		{"range", slices.Concat(floats("a", nil, 0), floats("b", nil, 1e30), floats("s", nil, 1), node("Range", names("a", "b", "s"), names("k")), node("Add", names("c", "k"), names("z"))), "too long"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			net, err := onnxRead(t, file(13, input("x", 1, 3, 8, 8), conv("x", "c", "w", 3, 4), test.bad, node("Relu", names("z"), names("y")), output("y")))
			require.NoError(t, err)
			require.Equal(t, []int{8, 8, 4}, shapeOf(t, net, "c", 8, 8))
			err = net.CheckSize("y", 8, 8)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "\n")
			if test.text != "" {
				require.Regexp(t, regexp.MustCompile(regexp.QuoteMeta(test.text)), why(net))
			}
		})
	}
}

// why is what the layers say that can't be computed.
func why(net *layer.Network) (all string) {
	for _, l := range net.Layers {
		if _, err := l.Op.Shape([]int{8, 8, 4}); err != nil {
			all += err.Error() + "\n"
		}
	}
	return all
}

// TestBounded opens graphs that would take much memory or time.
func TestBounded(t *testing.T) {
	double := [][]byte{input("x", 1, 3, 8, 8), conv("x", "y", "w", 3, 4), output("y"), ints("a0", slices.Repeat([]int{1}, 64)...)}
	for i := range 60 { // 2^60 numbers
		from, to := string(rune('a'+i%26))+string(rune('0'+i/26)), string(rune('a'+(i+1)%26))+string(rune('0'+(i+1)/26))
		double = append(double, node("Concat", names(from, from), names(to), attr("axis", 0)))
	}
	diamond := [][]byte{input("x", 1, 3, -1, -1), conv("x", "c", "w", 3, 4), output("y"), node("Shape", names("c"), names("a0")), ints("zero", 0)}
	for i := range 60 { // 2^60 ways
		from, to := string(rune('a'+i%26))+string(rune('0'+i/26)), string(rune('a'+(i+1)%26))+string(rune('0'+(i+1)/26))
		diamond = append(diamond, node("Min", names(from, from), names(to)))
	}
	diamond = append(diamond, node("Reshape", names("c", "i2"), names("y")))
	for name, content := range map[string][]byte{
		"doubled arrays": file(13, double...), "diamonds": file(13, diamond...),
		"nodes": file(13, input("x", 1, 3, 8, 8), bytes.Repeat(node("Relu", names("x"), nil), 19_000), conv("x", "y", "w", 3, 4), output("y")),
	} {
		t.Run(name, func(t *testing.T) {
			path := put(t, content)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			net, err := onnx.Read(path)
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			require.NoError(t, net.CheckSize("y", 8, 8))
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(700), "MB")
		})
	}
}

// FuzzRead reads files that were changed at random, and all that they say of themselves.
func FuzzRead(f *testing.F) {
	f.Add(file(13, input("x", 1, 3, 8, 8), conv("x", "c", "w", 3, 4), node("Relu", names("c"), names("y")), output("y")))
	f.Add(file(13, input("x", -1, 8, 8, 3), node("Transpose", names("x"), names("a"), attr("perm", []int{0, 3, 1, 2})), conv("a", "c", "w", 3, 4),
		node("Shape", names("c"), names("s")), node("Reshape", names("c", "s"), names("r")), ints("to", 0, -1), node("Reshape", names("r", "to"), names("y")), output("y")))
	f.Add(file(11, input("x", 1, 3, 8, 8), node("MaxPool", names("x"), names("p"), attr("kernel_shape", []int{2, 2}), attr("strides", []int{2, 2})),
		ints("pads", 0, 0, 1, 1, 0, 0, 1, 1), node("Pad", names("p", "pads"), names("q")), ints("st", 0), ints("en", 3), ints("ax", 2),
		node("Slice", names("q", "st", "en", "ax"), names("s")), node("Concat", names("s", "s"), names("y"), attr("axis", 1)), output("y")))
	f.Fuzz(func(t *testing.T, content []byte) {
		net, err := onnx.Read(put(t, content))
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		_ = net.Check()
		for _, l := range net.Layers {
			for _, w := range l.Weights {
				_, _ = w.Read()
			}
		}
	})
}
