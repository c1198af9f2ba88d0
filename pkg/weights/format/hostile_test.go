// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"convscope/pkg/weights/format"
	"convscope/pkg/weights/internal/sample"
)

func safetensors(header, data string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+data...)
}

func npy(header, data string) string {
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header + data
}

// oneTensor returns an ONNX model with one initializer of the given dimensions and raw bytes.
func oneTensor(raw string, dims ...uint64) []byte { return onnxTensor(1, 9, []byte(raw), dims...) }

// onnxTensor is oneTensor for any type, with the values in that field.
func onnxTensor(kind uint64, field protowire.Number, values []byte, dims ...uint64) []byte {
	var t []byte
	for _, d := range dims {
		t = protowire.AppendVarint(protowire.AppendTag(t, 1, protowire.VarintType), d)
	}
	t = protowire.AppendVarint(protowire.AppendTag(t, 2, protowire.VarintType), kind)
	return onnxGraph(5, protowire.AppendBytes(protowire.AppendTag(t, field, protowire.BytesType), values))
}

// onnxGraph returns an ONNX model whose graph has one field.
func onnxGraph(field protowire.Number, b []byte) []byte {
	graph := protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), b)
	model := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 8)
	return protowire.AppendBytes(protowire.AppendTag(model, 7, protowire.BytesType), graph)
}

// TestLies opens files whose sizes, offsets and shapes are not true. None may cost memory, time or a panic.
func TestLies(t *testing.T) {
	one := `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	tests := []struct {
		name string
		file []byte
		text string
	}{
		{"safetensors: header longer than the file", append(binary.LittleEndian.AppendUint64(nil, 1<<39), "{}"...),
			"a header of 549755813888 bytes"},
		{"safetensors: no JSON", safetensors("{nonsense", ""), "header"},
		{"safetensors: deep JSON", safetensors(strings.Repeat(`{"a":`, 200_000), ""), "header"},
		{"safetensors: truncated", safetensors(one, "1234"), "truncated"},
		{"safetensors: more than declared", safetensors(one, "123456789"), "1 bytes after the last tensor"},
		{"safetensors: negative offset", safetensors(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}`, ""),
			"not where"},
		{"safetensors: offsets reversed", safetensors(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,-8]}}`, ""),
			"not where"},
		{"safetensors: overlap", safetensors(`{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},`+
			`"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, "0123456789ab"), "not where"},
		{"safetensors: giant shape",
			safetensors(`{"w":{"dtype":"F32","shape":[2147483648,2147483648,4294967296],"data_offsets":[0,8]}}`,
				"12345678"), "more bytes than the file"},
		{"safetensors: negative shape", safetensors(`{"w":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}`,
			"12345678"), "shape"},
		{"safetensors: shape and offsets differ", safetensors(`{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}`,
			"12345678"), "has 8 bytes"},
		{"safetensors: float dimension", safetensors(`{"w":{"dtype":"F32","shape":[1e99],"data_offsets":[0,8]}}`,
			"12345678"), "tensor w"},
		{"npz: truncated", zipped("w.npy", npy("{'descr': '<f4', 'shape': (2,), }", "12345678"))[:60], "zip"},
		{"npz: giant shape", zipped("w.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, "+
			"1000000, 1000000), }", "1234")), "more bytes than the file"},
		{"npz: overflowing shape", zipped("w.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': "+
			"(4294967296, 4294967296), }", "1234")), "more bytes than the file"},
		{"npz: negative shape", zipped("w.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
			"1234")), "dimension"},
		{"npz: too short", zipped("w.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234")), ""},
		{"npz: too long", zipped("w.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", "1234")),
			"in 4 bytes"},
		{"npz: no header", zipped("w.npy", "hello"), "array w"},
		{"npz: header of another kind", zipped("w.npy", npy("{}", "")), "header without"},
		{"onnx: giant shape", oneTensor("1234", 1<<30, 1<<30, 1<<30), "more bytes than the file"},
		{"onnx: overflowing dimension", oneTensor("1234", 1<<63), "a dimension of"},
		{"onnx: too short", oneTensor("1234", 2), ""},
		{"onnx: truncated", oneTensor("12345678", 2)[:15], ""},
		{"onnx: cut field", []byte{8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := format.Open(put(t, "w", test.file))
			runtime.ReadMemStats(&after)
			wantError(t, err, format.ErrDamaged, test.text)
			if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
				t.Errorf("took %d MB", took>>20)
			}
		})
	}
}

// TestFarOffset opens a model whose values are said to lie at the end of all offsets in a file of a few bytes.
func TestFarOffset(t *testing.T) {
	for _, offset := range []string{"9", "9223372036854775807", "9223372036854775800"} {
		tensor := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 2)
		tensor = protowire.AppendVarint(protowire.AppendTag(tensor, 2, protowire.VarintType), 1)
		tensor = protowire.AppendVarint(protowire.AppendTag(tensor, 14, protowire.VarintType), 1)
		for _, entry := range [][2]string{{"location", "w.data"}, {"offset", offset}, {"length", "8"}} {
			var pair []byte
			for i, text := range entry {
				pair = protowire.AppendString(protowire.AppendTag(pair, protowire.Number(i+1), protowire.BytesType), text)
			}
			tensor = protowire.AppendBytes(protowire.AppendTag(tensor, 13, protowire.BytesType), pair)
		}
		path := put(t, "w", onnxGraph(5, tensor))
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "w.data"), []byte("12345678"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := format.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Tensors[0].Float32s()
		wantError(t, err, format.ErrDamaged, "w.data has 8 bytes, the values are 8 bytes from "+offset+" on")
		if strings.Contains(err.Error(), "-") {
			t.Errorf("a negative number: %v", err)
		}
		f.Close()
	}
}

// TestZipBomb opens an archive that unpacks to a thousand times its size. Its header is true, so that only
// reading the tensor would take the memory, and a tensor is only read when its shape is one that was asked for.
func TestZipBomb(t *testing.T) {
	const size = 32 << 20
	header := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }", size/4)
	path := put(t, "w", zipped("bomb.npy", npy(header, strings.Repeat("\x00", size))))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := format.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("took %d kB to list a file of %d bytes", took>>10, size)
	}
}

// TestOtherTypes lists tensors of types that are not read, and names them when they are asked for.
func TestOtherTypes(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		text string
	}{
		{"safetensors", safetensors(`{"w":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}`, "12"), "F8_E4M3"},
		{"safetensors, quantized", safetensors(`{"w":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}`, "12"), "int8"},
		{"npz", zipped("w.npy", npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", "12345678")), "int64"},
		{"npz, bfloat16", zipped("w.npy", npy("{'descr': '|V2', 'fortran_order': False, 'shape': (1,), }", "12")),
			"bfloat16 becomes that"},
		{"onnx", onnxTensor(3, 9, []byte("12"), 2), "int8"},
		{"onnx, of a type to come", onnxTensor(99, 9, []byte("12"), 2), "ONNX type 99"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := format.Open(put(t, "w", test.file))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			_, err = f.Tensors[0].Float32s()
			wantError(t, err, format.ErrUnread, test.text)
			wantError(t, err, format.ErrUnread, "needed are float16, bfloat16, float32 or float64")
		})
	}
}

// TestFloats reads 1 and -2 in every type of every format.
func TestFloats(t *testing.T) {
	const f2, bf2, f4, f8 = "\x00\x3c\x00\xc0", "\x80\x3f\x00\xc0", "\x00\x00\x80\x3f\x00\x00\x00\xc0",
		"\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\xc0"
	head := func(kind string, size int) string {
		return fmt.Sprintf(`{"w":{"dtype":"%s","shape":[2],"data_offsets":[0,%d]}}`, kind, 2*size)
	}
	array := func(kind, data string) []byte {
		return zipped("w.npy", npy("{'descr': '"+kind+"', 'fortran_order': False, 'shape': (2,), }", data))
	}
	list := []byte{0x80, 0x78, 0x80, 0x80, 0x03} // 0x3c00 and 0xc000
	for name, file := range map[string][]byte{
		"safetensors F16": safetensors(head("F16", 2), f2), "safetensors BF16": safetensors(head("BF16", 2), bf2),
		"safetensors F32": safetensors(head("F32", 4), f4), "safetensors F64": safetensors(head("F64", 8), f8),
		"npz f2": array("<f2", f2), "npz f4": array("<f4", f4), "npz f8": array("<f8", f8),
		"npz big f2": array(">f2", "\x3c\x00\xc0\x00"), "npz big f4": array(">f4", "\x3f\x80\x00\x00\xc0\x00\x00\x00"),
		"onnx float raw": onnxTensor(1, 9, []byte(f4), 2), "onnx float list": onnxTensor(1, 4, []byte(f4), 2),
		"onnx half raw": onnxTensor(10, 9, []byte(f2), 2), "onnx half list": onnxTensor(10, 5, list, 2),
		"onnx double raw": onnxTensor(11, 9, []byte(f8), 2), "onnx double list": onnxTensor(11, 10, []byte(f8), 2),
		"onnx bfloat16 raw": onnxTensor(16, 9, []byte(bf2), 2),
	} {
		t.Run(name, func(t *testing.T) {
			f, err := format.Open(put(t, "w", file))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got, err := f.Tensors[0].Float32s(); err != nil || !slices.Equal(got, []float32{1, -2}) {
				t.Errorf("%s: got %v, %v", f.Tensors[0].Type, got, err)
			}
		})
	}
}

// TestEmptyTensors opens a file with several tensors that begin in the same place, many times: the order of a map
// differs each time.
func TestEmptyTensors(t *testing.T) {
	path := put(t, "w", safetensors(
		`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},`+
			`"c":{"dtype":"F32","shape":[3,0],"data_offsets":[4,4]},"d":{"dtype":"F32","shape":[],"data_offsets":[4,8]},`+
			`"e":{"dtype":"I64","shape":[0],"data_offsets":[8,8]}}`,
		"\x00\x00\x80\x3f\x00\x00\x00\x40"))
	for range 50 {
		f, err := format.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range [][]float32{{}, {1}, {}, {2}} {
			if got, err := f.Tensors[i].Float32s(); err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s: got %v, %v", f.Tensors[i].Name, got, err)
			}
		}
		f.Close()
	}
}

// TestFortranOrder reads an array that NumPy stored column by column.
func TestFortranOrder(t *testing.T) {
	data := make([]byte, 0, 24)
	for _, bits := range []uint32{0x3f800000, 0x40800000, 0x40000000, 0x40a00000, 0x40400000, 0x40c00000} { // 1 4 2 5 3 6
		data = binary.LittleEndian.AppendUint32(data, bits)
	}
	f, err := format.Open(put(t, "w", zipped("w.npy",
		npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", string(data)))))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := f.Tensors[0].Float32s()
	if err != nil || !slices.Equal(got, []float32{1, 2, 3, 4, 5, 6}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestShrinking maps a file that is cut short before it is read.
func TestShrinking(t *testing.T) {
	raw := strings.Repeat("1234", 8192)
	path := put(t, "w", oneTensor(raw, 8192))
	f, err := format.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Tensors[0].Float32s(); err == nil {
		t.Error("no error")
	} else {
		wantError(t, err, format.ErrDamaged, "")
	}
}

// TestTruncation cuts files of every format at many places.
func TestTruncation(t *testing.T) {
	for _, ending := range []string{".safetensors", ".npz", ".onnx", ".h5"} {
		t.Run(ending, func(t *testing.T) {
			whole := content(t, ending, net)
			for cut := 0; cut < len(whole); cut += 1 + len(whole)/40 {
				if err := readAll(put(t, "w", whole[:cut])); err == nil {
					t.Errorf("no error at %d of %d bytes", cut, len(whole))
				} else if strings.Contains(err.Error(), "\n") {
					t.Errorf("more than one line: %q", err)
				}
			}
		})
	}
}

// readAll opens a file and reads its tensors, as long as they are small.
func readAll(path string) error {
	f, err := format.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, t := range f.Tensors {
		n := 1
		for _, d := range t.Shape {
			n *= max(d, 1)
		}
		if n > 1<<20 {
			return fmt.Errorf("%s is too large for a test", t.Name)
		}
		if _, err := t.Float32s(); err != nil {
			return err
		}
	}
	return nil
}

// fuzz runs a parser on mutations of a good file. Every error is one line; a panic or a hang fails by itself.
func fuzz(f *testing.F, ending string, more ...[]byte) {
	f.Add(content(f, ending, net))
	for _, b := range more {
		f.Add(b)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, "w")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readAll(path); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("more than one line: %q", err)
		}
	})
}

func FuzzSafetensors(f *testing.F) {
	fuzz(f, ".safetensors", safetensors(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, "12345678"))
}

func FuzzNpz(f *testing.F) {
	fuzz(f, ".npz", zipped("w.npy", npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", "12345678")))
}

func FuzzONNX(f *testing.F) {
	fuzz(f, ".onnx", oneTensor("12345678", 2), sample.ONNX(withTop), sample.TurnedONNX(sample.OutputFirst(withTop)))
}

func FuzzKeras(f *testing.F) {
	legacy, err := os.ReadFile(filepath.Join("..", "internal", "hdf5", "testdata", "legacy.h5"))
	if err != nil {
		f.Fatal(err)
	}
	fuzz(f, ".h5", legacy)
}
