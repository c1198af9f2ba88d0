// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"convscope/pkg/weights"
	"convscope/pkg/weights/format"
	"convscope/pkg/weights/internal/sample"
)

// names are ways to call the layers.
var names = map[string]func(layer int, part string) string{
	"own names": func(i int, part string) string { return layers[i] + "/" + part },
	"dots":      func(i int, part string) string { return layers[i] + "." + part },
	"underscores": func(i int, part string) string {
		return layers[i] + "_" + part
	},
	"exporter's": func(i int, part string) string {
		return "functional_1/" + layers[i] + "_1/" + map[string]string{"kernel": "convolution/ReadVariableOp:0",
			"bias": "Squeeze:0"}[part]
	},
	"class names": func(i int, part string) string {
		return strings.TrimSuffix(fmt.Sprintf("conv2d_%d", i), "_0") + "/" + part
	},
	"PyTorch's": func(i int, part string) string {
		return fmt.Sprintf("features.%d.%s", 7*i, map[string]string{"kernel": "weight", "bias": "bias"}[part])
	},
	"numbers": func(i int, part string) string {
		return fmt.Sprint("onnx::Conv_", 100+2*i+map[string]int{"kernel": 0, "bias": 1}[part])
	},
}

func TestPath(t *testing.T) {
	fits := map[string][]string{
		".h5":          {"own names", "class names"}, // the writer takes NAME/PART
		".onnx":        {"own names", "dots", "underscores", "exporter's", "class names", "PyTorch's", "numbers"},
		".safetensors": {"own names", "dots", "underscores", "exporter's", "class names", "PyTorch's", "numbers"},
		".npz":         {"own names", "dots", "underscores", "exporter's", "class names", "PyTorch's"},
	}
	for ending, list := range fits {
		for _, name := range list {
			t.Run(ending+" with "+name, func(t *testing.T) {
				emptyCache(t)
				path, err := sample.Write(t.TempDir(), "w"+ending, sample.Rename(official, names[name]))
				if err != nil {
					t.Fatal(err)
				}
				f, said := open(t, manifest(official), path)
				if !f.Official() || f.SHA256() != manifest(official).SHA256() {
					t.Errorf("not official: %s", said)
				}
				wantTensors(t, f, official)
				wantText(t, f.Source(), "the ImageNet weights", path)
				wantText(t, said.String(), f.Source(), "not: \n")
			})
		}
	}
	t.Run("safetensors with PyTorch's axes", func(t *testing.T) {
		emptyCache(t)
		list := sample.OutputFirst(sample.Rename(official, names["PyTorch's"]))
		path, err := sample.Write(t.TempDir(), "w.safetensors", list)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := open(t, manifest(official), path)
		wantTensors(t, f, official)
	})
	t.Run("old Keras", func(t *testing.T) {
		emptyCache(t)
		m := weights.Manifest{Model: "tiny"}
		for i, layer := range layers {
			in, out := []int{3, 2, 2}[i], []int{2, 2, 4}[i]
			hash := official[0].SHA256() // any
			m.Tensors = append(m.Tensors, weights.Spec{Name: layer + "/kernel", Shape: []int{3, 3, in, out}, SHA256: hash},
				weights.Spec{Name: layer + "/bias", Shape: []int{out}, SHA256: hash})
		}
		f, said := open(t, m, filepath.Join("internal", "hdf5", "testdata", "legacy.h5"))
		_, got, err := f.Tensor("block2_conv1/bias")
		if err != nil || !slices.Equal(got, []float32{100, 100.5, 101, 101.5}) {
			t.Errorf("got %v, %v", got, err)
		}
		wantText(t, said.String(), "not the ImageNet weights (6 of 6 tensors differ, the first is block1_conv1/kernel)")
	})
}

func TestOtherWeights(t *testing.T) {
	emptyCache(t)
	m := manifest(official)
	list := slices.Clone(official)
	list[3] = others[3]
	path, err := sample.Write(t.TempDir(), "w.npz", append(list, sample.Net(3, []string{"block9_conv1"}, 2, 2)...))
	if err != nil {
		t.Fatal(err)
	}
	f, said := open(t, m, path)
	wantTensors(t, f, list)
	if f.Official() || f.SHA256() == m.SHA256() {
		t.Error("official")
	}
	wantText(t, said.String(), "not the ImageNet weights (1 of 6 tensors differ, the first is block1_conv2/bias); "+
		"not used: block9_conv1/kernel", "not: \n")
	wantText(t, f.Source(), path, "not the ImageNet weights")
	if s, err := weights.State(m); err != nil || s.Exists {
		t.Errorf("other weights are in the cache: %v, %v", s, err)
	}
}

func TestUnfit(t *testing.T) {
	emptyCache(t)
	torch := sample.Rename(official, names["PyTorch's"])
	edit := func(list []sample.Tensor, f func(l []sample.Tensor) []sample.Tensor) []sample.Tensor {
		return f(slices.Clone(list))
	}
	tests := []struct {
		name string
		list []sample.Tensor
		text string
	}{
		{"another shape", sample.Net(1, layers, 3, 8, 16, 31),
			"block2_conv1/kernel is [3 3 16 31], block2_conv1/kernel needs [3 3 16 32]"},
		{"one missing", official[:5], "no tensor for block2_conv1/bias [32]"},
		{"two for one", edit(official, func(l []sample.Tensor) []sample.Tensor {
			return append(l, sample.Tensor{Name: "ema/block1_conv1/kernel", Shape: l[0].Shape, Values: l[0].Values})
		}), "could be block1_conv1/kernel"},
		{"other names, a kernel more", append(slices.Clone(torch), sample.Rename(sample.Net(3, []string{"x"},
			2, 2), func(_ int, part string) string { return "features.99." + part })...), "4 convolution " +
			"kernels, the model has 3"},
		{"other names, no bias", edit(torch, func(l []sample.Tensor) []sample.Tensor {
			return slices.Delete(l, 1, 2)
		}), "no tensor for block1_conv1/bias"},
		{"other names, other order", edit(torch, func(l []sample.Tensor) []sample.Tensor {
			l[0].Name, l[2].Name = l[2].Name, l[0].Name
			return l
		}), "is [3 3 8 16] where block1_conv1/kernel needs [3 3 3 8]"},
		{"nothing", nil, "0 convolution kernels"},
	}
	for _, test := range tests {
		for _, ending := range []string{".safetensors", ".onnx"} {
			if ending == ".onnx" && (len(test.list)%2 == 1 || len(test.list) == 0 ||
				strings.Contains(test.name, "shape") || strings.Contains(test.name, "order")) {
				continue // the texts are for the axes of .safetensors; the writer wants pairs
			}
			t.Run(test.name+ending, func(t *testing.T) {
				path, err := sample.Write(t.TempDir(), "w"+ending, test.list)
				if err != nil {
					t.Fatal(err)
				}
				_, err = weights.Open(t.Context(), manifest(official), weights.Options{Path: path, Report: func(string) {}})
				wantError(t, err, weights.ErrUnfit, path, test.text)
			})
		}
	}
}

func TestBadPath(t *testing.T) {
	emptyCache(t)
	dir := t.TempDir()
	good, err := sample.Write(dir, "w.h5", official)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.h5")
	if err := os.WriteFile(cut, whole[:len(whole)-1000], 0o600); err != nil {
		t.Fatal(err)
	}
	quiet := func(string) {}
	for name, test := range map[string]struct {
		path string
		want error
	}{
		"missing":   {filepath.Join(dir, "none.h5"), os.ErrNotExist},
		"directory": {dir, format.ErrUnknown},
		"truncated": {cut, format.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := weights.Open(t.Context(), manifest(official), weights.Options{Path: test.path, Report: quiet})
			wantError(t, err, test.want, "weights given by option", test.path)
		})
		t.Run(name+" by variable", func(t *testing.T) {
			t.Setenv(weights.EnvPath, test.path)
			_, err := weights.Open(t.Context(), manifest(official), weights.Options{Report: quiet})
			wantError(t, err, test.want, "weights given by CONVSCOPE_WEIGHTS", test.path)
		})
	}
	t.Run("the option comes before the variable", func(t *testing.T) {
		t.Setenv(weights.EnvPath, cut)
		f, _ := open(t, manifest(official), good)
		wantTensors(t, f, official)
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("stop")
		cancel(stop)
		_, err := weights.Open(ctx, manifest(official), weights.Options{Path: good, Report: quiet})
		wantError(t, err, stop)
	})
	t.Run("bad manifest", func(t *testing.T) {
		_, err := weights.Open(t.Context(), weights.Manifest{}, weights.Options{})
		wantError(t, err, nil, "model name")
	})
}
