// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package format_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"convscope/pkg/weights/format"
	"convscope/pkg/weights/internal/sample"
)

var net = sample.Net(1, []string{"block1_conv1", "block1_conv2", "block2_conv1"}, 3, 4, 2, 5)

// put writes a file and returns its path.
func put(t testing.TB, name string, content []byte) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// content writes the tensors in a format and returns the file's bytes.
func content(t testing.TB, ending string, list []sample.Tensor) []byte {
	path, err := sample.Write(t.TempDir(), "w"+ending, list)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFormats(t *testing.T) {
	snake := func(layer int, part string) string {
		return strings.TrimSuffix(fmt.Sprintf("conv2d_%d", layer), "_0") + "/" + part
	}
	tests := []struct {
		name, ending, format string
		list                 []sample.Tensor
		want                 []string // names in order
	}{
		{
			"safetensors", ".safetensors", "safetensors", net,
			[]string{
				"block1_conv1/bias", "block1_conv1/kernel", "block1_conv2/bias", "block1_conv2/kernel",
				"block2_conv1/bias", "block2_conv1/kernel",
			},
		},
		{
			"npz", ".npz", "NumPy .npz", net,
			[]string{
				"block1_conv1/bias", "block1_conv1/kernel", "block1_conv2/bias", "block1_conv2/kernel",
				"block2_conv1/bias", "block2_conv1/kernel",
			},
		},
		{
			"onnx, in the order of use", ".onnx", "ONNX", net,
			[]string{
				"block1_conv1/kernel", "block1_conv1/bias", "block1_conv2/kernel", "block1_conv2/bias",
				"block2_conv1/kernel", "block2_conv1/bias",
			},
		},
		{
			"weights.h5", ".weights.h5", "Keras .weights.h5", net,
			[]string{
				"layers/block1_conv1/vars/0", "layers/block1_conv1/vars/1", "layers/block1_conv2/vars/0",
				"layers/block1_conv2/vars/1", "layers/block2_conv1/vars/0", "layers/block2_conv1/vars/1",
			},
		},
		{
			"weights.h5 with class names", ".weights.h5", "Keras .weights.h5", sample.Rename(net, snake),
			[]string{
				"layers/conv2d/vars/0", "layers/conv2d/vars/1", "layers/conv2d_1/vars/0",
				"layers/conv2d_1/vars/1", "layers/conv2d_2/vars/0", "layers/conv2d_2/vars/1",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			// The name says nothing, and need not.
			f, err := format.Open(put(t, "weights", content(t, test.ending, test.list)))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.Format != test.format {
				t.Errorf("format %q, want %q", f.Format, test.format)
			}
			var names []string
			for _, got := range f.Tensors {
				names = append(names, got.Name)
				i := slices.IndexFunc(test.list, func(s sample.Tensor) bool { return sameTensor(got.Name, s.Name) })
				want := test.list[i]
				if f.OutputFirst {
					want = sample.OutputFirst(test.list)[i]
				}
				values, err := got.Float32s()
				if err != nil || !slices.Equal(values, want.Values) || !slices.Equal(got.Shape, want.Shape) {
					t.Errorf("%s: %v, shape %v, want %v; equal values: %t",
						got.Name, err, got.Shape, want.Shape, slices.Equal(values, want.Values))
				}
			}
			if !slices.Equal(names, test.want) {
				t.Errorf("got %q, want %q", names, test.want)
			}
		})
	}
}

// sameTensor compares a name in a file with a sample's, which .weights.h5 writes as layers/NAME/vars/0.
func sameTensor(inFile, name string) bool {
	inFile = strings.TrimPrefix(inFile, "layers/")
	inFile = strings.Replace(inFile, "/vars/0", "/kernel", 1)
	return strings.Replace(inFile, "/vars/1", "/bias", 1) == name
}

func TestOldKeras(t *testing.T) {
	for _, name := range []string{"legacy.h5", "latest.h5", "variable.h5"} {
		t.Run(name, func(t *testing.T) {
			f, err := format.Open(filepath.Join("..", "internal", "hdf5", "testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var got []string
			for _, tensor := range f.Tensors {
				got = append(got, fmt.Sprint(tensor.Name, tensor.Shape))
			}
			want := []string{
				"block1_conv1/block1_conv1_W_1:0[3 3 3 2]", "block1_conv1/block1_conv1_b_1:0[2]",
				"block1_conv2/block1_conv2_W_1:0[3 3 2 2]", "block1_conv2/block1_conv2_b_1:0[2]",
				"block2_conv1/block2_conv1_W_1:0[3 3 2 4]", "block2_conv1/block2_conv1_b_1:0[4]",
			}
			if f.Format != "Keras .h5" || !slices.Equal(got, want) {
				t.Errorf("%s: got %q", f.Format, got)
			}
			values, err := f.Tensors[5].Float32s()
			if err != nil || !slices.Equal(values, []float32{100, 100.5, 101, 101.5}) {
				t.Errorf("got %v, %v", values, err)
			}
		})
	}
}

// TestKeras3 reads what Keras 3 itself wrote, with a head and an optimizer's state beside the convolutions.
func TestKeras3(t *testing.T) {
	tests := []struct {
		file, format string
		want         []string
	}{
		{"keras3.h5.gz", "Keras .h5", []string{
			"model_weights/block1_conv1/block1_conv1/kernel[3 3 3 2]", "model_weights/block1_conv1/block1_conv1/bias[2]",
			"model_weights/block2_conv1/block2_conv1/kernel[3 3 2 4]", "model_weights/block2_conv1/block2_conv1/bias[4]",
			"model_weights/head/head/kernel[100 2]", "model_weights/head/head/bias[2]",
		}},
		{"keras3.weights.h5.gz", "Keras .weights.h5", []string{
			"layers/conv2d/vars/0[3 3 3 2]", "layers/conv2d/vars/1[2]",
			"layers/conv2d_1/vars/0[3 3 2 4]", "layers/conv2d_1/vars/1[4]",
			"layers/dense/vars/0[100 2]", "layers/dense/vars/1[2]",
		}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			f, err := format.Open(put(t, "w.h5", unpacked(t, test.file)))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var got []string
			for i, tensor := range f.Tensors {
				got = append(got, fmt.Sprint(tensor.Name, tensor.Shape))
				if values, err := tensor.Float32s(); err != nil || values[0] != float32(100*i) || values[1] != float32(100*i+1) {
					t.Errorf("%s begins with %v, %v", tensor.Name, values[:2], err)
				}
			}
			if f.Format != test.format || !slices.Equal(got, test.want) {
				t.Errorf("%s: got %q", f.Format, got)
			}
		})
	}
}

// unpacked returns a file of testdata.
func unpacked(t *testing.T, name string) []byte {
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name, path string
		want       error
		text       string
	}{
		{"missing", filepath.Join(dir, "none.h5"), fs.ErrNotExist, format.Accepted},
		{"directory", dir, format.ErrUnknown, "it is a folder"},
		{"device", os.DevNull, format.ErrUnknown, "it is a device"},
		{"picture", put(t, "w.png", []byte("\x89PNG\r\n")), format.ErrUnknown, "a PNG picture"},
		{"empty", put(t, "w.h5", nil), format.ErrDamaged, "empty"},
		{"text", put(t, "w.h5", []byte("hello, this is text")), format.ErrUnknown, format.Accepted},
		{"web page", put(t, "w.h5", []byte("\n<!DOCTYPE html><html>")), format.ErrUnknown, "a web page"},
		{"LFS pointer", put(t, "w.onnx", []byte("version https://git-lfs.github.com/spec/v1\n")),
			format.ErrUnknown, "git lfs pull"},
		{"pickle", put(t, "w.pth", []byte("\x80\x02}q\x00")), format.ErrUnknown, "pickle"},
		{"single array", put(t, "w.npy", []byte("\x93NUMPY\x01\x00")), format.ErrUnknown, "one .npz"},
		{"keras archive", put(t, "m.keras", zipped("config.json", "{}", "model.weights.h5", "x")), format.ErrUnread,
			"unzip model.weights.h5"},
		{"torch archive", put(t, "m.pt", zipped("m/data.pkl", "x")), format.ErrUnknown, "PyTorch"},
		{"zip", put(t, "m.zip", zipped("a.txt", "x")), format.ErrUnknown, "no array"},
		{"one byte", put(t, "m", []byte{8}), format.ErrDamaged, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := format.Open(test.path)
			wantError(t, err, test.want, test.text)
			if !strings.Contains(err.Error(), test.path) {
				t.Errorf("%v does not name %s", err, test.path)
			}
		})
	}
}

func wantError(t *testing.T, err, want error, text string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q, want one line with %q", err, text)
	}
}

// zipped returns an archive of names and contents.
func zipped(files ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
