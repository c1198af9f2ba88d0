// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"convscope/internal/level"
	"convscope/pkg/weights/format"
)

// field writes one field of a message.
func field(number protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
}

// TestHungry opens files of 8 MB that hold as many small things as they can, each of which takes many times its bytes
// in memory.
func TestHungry(t *testing.T) {
	level.Real(t, "writes and opens 18 files of 8 MB")
	const size = 8 << 20
	fill := func(b []byte) []byte { return bytes.Repeat(b, size/len(b)) }
	graph := func(graph []byte) []byte { return append([]byte{8, 8}, field(7, graph)...) }
	attribute := func(b []byte) []byte { return graph(field(1, field(5, append(field(1, []byte("perm")), b...)))) }
	var entries bytes.Buffer
	z := zip.NewWriter(&entries)
	for i := range 200_000 {
		_, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i)})
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	header := func(text string) []byte { return safetensors(text, "") }
	for name, file := range map[string][]byte{
		"onnx: nodes":                   graph(fill(field(1, nil))),
		"onnx: nodes with an input":     graph(fill(field(1, field(1, nil)))),
		"onnx: nodes with a name":       graph(fill(field(1, field(1, []byte("abcdefgh"))))),
		"onnx: inputs of a node":        graph(field(1, fill(field(1, nil)))),
		"onnx: outputs of a node":       graph(field(1, fill(field(2, []byte("a"))))),
		"onnx: one long name":           graph(field(1, field(1, fill([]byte("a"))))),
		"onnx: numbers of an attribute": attribute(field(8, fill([]byte{1}))),
		"onnx: single numbers":          attribute(fill([]byte{8 << 3, 1})),
		"onnx: axes":                    graph(field(5, field(1, fill([]byte{1})))),
		"onnx: single axes":             graph(field(5, fill([]byte{1 << 3, 1}))),
		"onnx: initializers":            graph(fill(field(5, nil))),
		"onnx: halves in a list": graph(field(5, append([]byte{1 << 3, 2, 2 << 3, 10},
			field(5, fill([]byte{1}))...))),
		"onnx: places of data": graph(field(5, append([]byte{14 << 3, 1, 2 << 3, 1}, fill(field(13, nil))...))),
		"onnx: constants": graph(fill(field(1, append(field(4, []byte("Constant")),
			append(field(2, []byte("a")), field(5, append(field(1, []byte("value")), field(5, nil)...))...)...)))),
		"zip: entries":         entries.Bytes(),
		"safetensors: tensors": header("{" + strings.Repeat(`"":0,`, 300_000) + `"a":0}`),
		"safetensors: axes": header(`{"a":{"dtype":"F32","shape":[` + strings.Repeat("1,", 1_000_000) +
			`1],"data_offsets":[0,4]}}`),
		"safetensors: nothing but text": header(strings.Repeat(" ", size)),
	} {
		t.Run(name, func(t *testing.T) {
			path := put(t, "w", file)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			f, err := format.Open(path)
			runtime.ReadMemStats(&after)
			if err == nil {
				f.Close()
			} else {
				require.NotContains(t, err.Error(), "\n")
			}
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(48), "MB")
		})
	}
}

// TestHungryEnd cuts and stretches the numbers at the end of a zip archive, which say how many entries there are.
func TestHungryEnd(t *testing.T) {
	whole := zipped("w.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "1234"))
	end := bytes.LastIndex(whole, []byte("PK\x05\x06"))
	for _, at := range []int{8, 10, 12, 16} { // entries here, in all, bytes of the list, its place
		b := bytes.Clone(whole)
		binary.LittleEndian.PutUint16(b[end+at:], 0xfffe)
		f, err := format.Open(put(t, "w", b))
		if err == nil {
			f.Close()
		}
	}
}
