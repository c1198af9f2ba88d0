// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"archive/zip"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/weights"
	"convscope/pkg/weights/format"
	"convscope/pkg/weights/internal/sample"
)

// foreign unpacks what other programs wrote, and returns the folder, the tensors, and a manifest that has them as the
// official ones.
func foreign(t *testing.T) (dir string, list []sample.Tensor, m weights.Manifest) {
	t.Helper()
	dir = t.TempDir()
	z, err := zip.OpenReader(filepath.Join("testdata", "foreign.zip"))
	require.NoError(t, err)
	defer z.Close()
	for _, entry := range z.File {
		r, err := entry.Open()
		require.NoError(t, err)
		b, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, entry.Name), b, 0o600))
	}
	f, err := format.Open(filepath.Join(dir, "official.npz"))
	require.NoError(t, err)
	defer f.Close()
	for i := 0; i < len(f.Tensors); i += 2 {
		for _, tensor := range []format.Tensor{f.Tensors[i+1], f.Tensors[i]} { // kernel before bias
			values, err := tensor.Float32s()
			require.NoError(t, err)
			list = append(list, sample.Tensor{Name: tensor.Name, Shape: tensor.Shape, Values: values})
		}
	}
	m = manifest(list)
	m.Input = "caffe"
	m.Relatives = map[string][]int{"a net with one more": {4, 4, 8, 8}, "a net with one less": {4, 4}}
	filters := list[0].Shape[3]
	for channel := range 3 {
		middle := list[0].Values[(4*3+channel)*filters:][:filters]
		var row []float64
		for _, v := range middle {
			row = append(row, float64(v))
		}
		m.Centre = append(m.Centre, row)
	}
	return dir, list, m
}

// TestForeign opens what numpy, h5py, onnx and safetensors wrote: each file gives the official tensors, or nearly, or
// is refused by what it is.
func TestForeign(t *testing.T) {
	dir, list, m := foreign(t)
	emptyCache(t)
	require.NoError(t, os.Symlink(filepath.Join("testdata", "foreign.zip"), filepath.Join(dir, "link.data")))
	if err := exec.Command("mkfifo", filepath.Join(dir, "pipe.data"), filepath.Join(dir, "pipe.h5")).Run(); err != nil {
		t.Log("no pipes here: ", err)
	}
	// How far the values may be from the official ones.
	const exact, rounded, refolded, other = 0, 0.005, 1e-4, math.MaxFloat32
	read := []struct {
		file string
		far  float64
		said []string
	}{
		{"official.npz", exact, []string{"the ImageNet weights, from", "not: ;"}},
		{"float64.npz", exact, []string{"the ImageNet weights"}},
		{"big-endian.npz", exact, []string{"the ImageNet weights"}},
		{"fortran.npz", exact, []string{"the ImageNet weights"}},
		{"unnamed.npz", exact, []string{"the ImageNet weights"}},
		{"torch's axes.npz", exact, []string{"the ImageNet weights"}},
		{"height and width exchanged.npz", exact, []string{"the ImageNet weights",
			"height and width of the kernels exchanged"}},
		{"red first.npz", exact, []string{"the ImageNet weights", "taken to caffe from caffe-rgb"}},
		{"one more, after the last.npz", exact, []string{"the ImageNet weights", "not used: block3_conv1/kernel"}},
		{"only one normalization, of another width.npz", exact, []string{"the ImageNet weights",
			"not used: head_bn/beta, head_bn/gamma"}},
		{"float16.npz", rounded, []string{"not the ImageNet weights bit by bit: they are stored as float16",
			"not: careful"}},
		{"torch.safetensors", exact, []string{"the ImageNet weights", "not: ;"}},
		{"data parallel.safetensors", exact, []string{"the ImageNet weights"}},
		{"double.safetensors", exact, []string{"the ImageNet weights"}},
		{"empty tensors.safetensors", exact, []string{"the ImageNet weights"}},
		{"head of convolutions.safetensors", exact, []string{"the ImageNet weights", "not used: classifier.1.weight"}},
		{"normalization in the head.safetensors", exact, []string{"the ImageNet weights",
			"not used: classifier.1.running_mean"}},
		{"half.safetensors", rounded, []string{"stored as float16", "not: careful"}},
		{"bfloat16.safetensors", 8 * rounded, []string{"stored as bfloat16", "not: careful"}},
		{"unknown input.safetensors", other, []string{"careful: its kernels are laid out as PyTorch has them",
			"given blue, green, red", "--weights-input or CONVSCOPE_WEIGHTS_INPUT"}},
		{"input torch.safetensors", refolded, []string{"taken to caffe from torch",
			"(2 of 6 tensors differ", "not: careful"}},
		{"input tf.safetensors", refolded, []string{"taken to caffe from tf", "not: careful"}},
		{"input unit.safetensors", refolded, []string{"taken to caffe from unit", "not: careful"}},
		{"input torch, half.safetensors", 0.5, []string{"taken to caffe from torch", "not: careful"}},
		{"keras.h5", exact, []string{"the ImageNet weights", "not: ;"}},
		{"theano.h5", exact, []string{"the ImageNet weights", "turned by 180 degrees, as Theano has them"}},
		{"theano kernels.h5", exact, []string{"the ImageNet weights", "turned by 180 degrees, as Theano has them"}},
		{"theano order.h5", exact, []string{"the ImageNet weights", "not: turned"}},
		{"theano of other values.h5", other, []string{"turned by 180 degrees", "careful: nothing tells the pictures"}},
		{"normalization after.h5", exact, []string{"the ImageNet weights", "not used: batch_normalization"}},
		{"whole model.h5", exact, []string{"the ImageNet weights"}},
		{"gzip.h5", exact, []string{"the ImageNet weights"}},
		{"latest, gzip.h5", exact, []string{"the ImageNet weights"}},
		{"user block.h5", exact, []string{"the ImageNet weights"}},
		{"float16 keras.h5", rounded, []string{"stored as float16"}},
		{"big-endian keras.h5", exact, []string{"the ImageNet weights"}},
		{"torch in h5.h5", exact, []string{"the ImageNet weights"}},
		{"archive.keras", exact, []string{"the ImageNet weights", "(Keras .keras)", "not used: layers/batch_normalization"}},
		{"onnx.onnx", exact, []string{"the ImageNet weights"}},
		{"constants.onnx", exact, []string{"the ImageNet weights"}},
		{"turned by the graph.onnx", exact, []string{"the ImageNet weights"}},
		{"beside.onnx", exact, []string{"the ImageNet weights"}},
		{"padded.onnx", exact, []string{"the ImageNet weights"}},
		{"padded, constants.onnx", exact, []string{"the ImageNet weights"}},
		{"float16.onnx", rounded, []string{"stored as float16"}},
	}
	for _, test := range read {
		t.Run(test.file, func(t *testing.T) {
			f, said := open(t, m, filepath.Join(dir, test.file))
			wantText(t, said.String(), test.said...)
			require.Equal(t, test.far == exact, f.Official())
			for _, want := range list {
				_, got, err := f.Tensor(want.Name)
				require.NoError(t, err)
				for i, v := range got {
					if d := math.Abs(float64(v - want.Values[i])); d > test.far {
						t.Fatalf("%s: value %d is %g, want %g", want.Name, i, v, want.Values[i])
					}
				}
			}
		})
	}
	refused := []struct {
		file string
		want error
		said []string
	}{
		{"int8.npz", format.ErrUnread, []string{"it is int8, needed are float16"}},
		{"integers.safetensors", format.ErrUnread, []string{"it is int8"}},
		{"output, height, width, input.npz", weights.ErrUnfit, []string{"is [4 3 3 3]"}},
		{"input, output, height, width.npz", weights.ErrUnfit, []string{"is [3 4 3 3]"}},
		{"gray.npz", weights.ErrUnfit, []string{"is [3 3 1 4], block1_conv1/kernel needs [3 3 3 4]"}},
		{"nan.npz", weights.ErrNotFinite, []string{"the value of block1_conv2/kernel at [1 2 3 0] is NaN"}},
		{"infinity.npz", weights.ErrNotFinite, []string{"the value of block1_conv2/bias at [2] is -Inf"}},
		{"too large for float32.npz", weights.ErrNotFinite, []string{"the value of block1_conv2/kernel at [0 0 0 0] is"}},
		{"batch normalization.npz", weights.ErrUnfit, []string{"but those of a network with batch normalization",
			"block1_conv1_bn/beta"}},
		{"one more.npz", weights.ErrUnfit,
			[]string{"one more convolution after block1_conv2/kernel: block1_conv3/kernel [3 3 4 4]"}},
		{"dictionary.npy", format.ErrUnknown, []string{"a single .npy array"}},
		{"vgg_bn.safetensors", weights.ErrUnfit, []string{"but those of a network with batch normalization",
			"features.1.bias"}},
		{"vgg_bn, no other bias.safetensors", weights.ErrUnfit, []string{"but those of a network with batch normalization"}},
		{"group normalization.safetensors", weights.ErrUnfit, []string{"features.1.bias [4] among its convolutions"}},
		{"network with one more.safetensors", weights.ErrUnfit,
			[]string{"not this model's weights, but those of a net with one more: it has 4 convolution kernels"}},
		{"network with one less.safetensors", weights.ErrUnfit,
			[]string{"not this model's weights, but those of a net with one less: it has 2 convolution kernels"}},
		{"theano order of other values.h5", weights.ErrUnfit,
			[]string{"nothing tells whether they are turned by 180 degrees"}},
		{"normalization between.h5", weights.ErrUnfit, []string{"but those of a network with batch normalization",
			"batch_normalization/batch_normalization/gamma:0 [4] among"}},
		{"whole model, strides.h5", weights.ErrUnfit,
			[]string{"its convolution block1_conv1 has strides 2x2, this model's have 1x1"}},
		{"lzf.h5", format.ErrUnread, []string{"compressed with LZF", "not: damaged"}},
		{"compressed archive.keras", format.ErrUnread, []string{"unzip model.weights.h5"}},
		{"normalization.onnx", weights.ErrUnfit, []string{"its graph has BatchNormalization after block1_conv1/kernel"}},
		{"another activation.onnx", weights.ErrUnfit, []string{"its graph has LeakyRelu after block1_conv1/kernel"}},
		{"another pooling.onnx", weights.ErrUnfit, []string{"its graph has AveragePool after block1_conv1/kernel"}},
		{"padded by two.onnx", weights.ErrUnfit,
			[]string{"its convolution block1_conv1 has pads 2x2x2x2, this model's have 1x1x1x1"}},
		{"padded by two, constants.onnx", weights.ErrUnfit, []string{"has pads 2x2x2x2"}},
		{"data up.onnx", format.ErrDamaged, []string{`"../beside.onnx.data", which is outside the file's folder`}},
		{"data absolute.onnx", format.ErrDamaged, []string{"outside the file's folder"}},
		{"data folder.onnx", format.ErrDamaged, []string{"outside the file's folder"}},
		{"data missing.onnx", os.ErrNotExist, []string{"nothing.data, which is missing beside it", "not: damaged"}},
		{"data short.onnx", format.ErrDamaged, []string{"short.data has 500 bytes"}},
		{"data link.onnx", nil, nil},
		{"data pipe.onnx", nil, nil},
		{"pipe.h5", nil, nil},
		{"short.data", nil, nil},
	}
	for _, test := range refused {
		t.Run(test.file, func(t *testing.T) {
			path := filepath.Join(dir, test.file)
			_, err := weights.Open(t.Context(), m, weights.Options{Path: path, Report: func(string) {}})
			wantError(t, err, test.want, append(test.said, path)...)
		})
	}
	t.Run("every file was opened", func(t *testing.T) {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			opened := slices.ContainsFunc(read, func(test struct {
				file string
				far  float64
				said []string
			}) bool {
				return test.file == e.Name()
			}) || slices.ContainsFunc(refused, func(test struct {
				file string
				want error
				said []string
			}) bool {
				return test.file == e.Name()
			})
			require.True(t, opened || filepath.Ext(e.Name()) == ".data", e.Name())
		}
	})
}

// TestInput says what pictures the weights take, instead of letting the kernel tell.
func TestInput(t *testing.T) {
	dir, list, m := foreign(t)
	emptyCache(t)
	path := filepath.Join(dir, "unknown input.safetensors")
	plain, _ := open(t, m, path)
	_, before, err := plain.Tensor("block1_conv1/kernel")
	require.NoError(t, err)
	_, bias, err := plain.Tensor("block1_conv1/bias")
	require.NoError(t, err)

	f, err := weights.Open(t.Context(), m, weights.Options{Path: path, Input: "torch", Report: func(line string) {
		wantText(t, line, "taken to caffe from torch", "not: careful")
	}})
	require.NoError(t, err)
	defer f.Close()
	_, after, err := f.Tensor("block1_conv1/kernel")
	require.NoError(t, err)
	_, shifted, err := f.Tensor("block1_conv1/bias")
	require.NoError(t, err)
	// A picture of one gray level in each colour, away from the edge: both ways of giving it must come to the same.
	means, mean, deviation := []float64{123.68, 116.779, 103.939}, []float64{0.485, 0.456, 0.406},
		[]float64{0.229, 0.224, 0.225}
	gray := []float64{200, 30, 117}
	for o := range list[0].Shape[3] {
		want, got := float64(bias[o]), float64(shifted[o])
		for place := range 9 {
			for color := range 3 {
				want += float64(before[(place*3+color)*4+o]) * (gray[color]/255 - mean[color]) / deviation[color]
				got += float64(after[(place*3+2-color)*4+o]) * (gray[color] - means[color])
			}
		}
		require.InDelta(t, want, got, 1e-4)
	}
	require.NotEqual(t, plain.SHA256(), f.SHA256())

	t.Setenv(weights.EnvInput, "torch")
	same, _ := open(t, m, path)
	require.Equal(t, f.SHA256(), same.SHA256())
	same.Close()
	t.Run("caffe, though the kernel tells otherwise", func(t *testing.T) {
		f, err := weights.Open(t.Context(), m, weights.Options{Path: filepath.Join(dir, "red first.npz"),
			Input: "caffe", Report: func(line string) {
				wantText(t, line, "not the ImageNet weights (1 of 6", "not: taken")
			}})
		require.NoError(t, err)
		require.NoError(t, f.Close())
	})
	t.Run("none of the names", func(t *testing.T) {
		t.Setenv(weights.EnvInput, "rgb")
		_, err := weights.Open(t.Context(), m, weights.Options{Path: path})
		wantError(t, err, nil, `"rgb"`, "caffe, caffe-rgb, torch, tf, unit")
		wantError(t, weights.Check(m, weights.Options{Path: path}), nil, `"rgb"`)
	})
}

// TestCheck asks what is wrong before anything is fetched: there is no source, so that fetching would be an error.
func TestCheck(t *testing.T) {
	dir, _, m := foreign(t)
	cache := emptyCache(t)
	require.NoError(t, weights.Check(m, weights.Options{}))
	require.NoError(t, weights.Check(m, weights.Options{Path: filepath.Join(dir, "torch.safetensors")}))
	for file, want := range map[string]error{
		"none.h5": os.ErrNotExist, ".": format.ErrUnknown, "vgg_bn.safetensors": weights.ErrUnfit,
		"data missing.onnx": os.ErrNotExist, "int8.npz": format.ErrUnread,
	} {
		path := filepath.Join(dir, file)
		wantError(t, weights.Check(m, weights.Options{Path: path}), want, "weights given by option")
		t.Setenv(weights.EnvPath, path)
		wantError(t, weights.Check(m, weights.Options{}), want, "weights given by CONVSCOPE_WEIGHTS")
		t.Setenv(weights.EnvPath, "")
	}
	_, err := os.Stat(cache)
	require.ErrorIs(t, err, os.ErrNotExist, "looking made the cache")
}

// TestOtherOrder gives the tensors in an order that fits their shapes and is not the layers'.
func TestOtherOrder(t *testing.T) {
	emptyCache(t)
	list := sample.Net(1, []string{"a", "b", "c"}, 3, 3, 3, 3)
	m := manifest(list)
	swapped := sample.Rename([]sample.Tensor{list[0], list[1], list[4], list[5], list[2], list[3]}, names["PyTorch's"])
	path, err := sample.Write(t.TempDir(), "w.safetensors", swapped)
	require.NoError(t, err)
	_, err = weights.Open(t.Context(), m, weights.Options{Path: path, Report: func(string) {}})
	wantError(t, err, weights.ErrUnfit, "in the place of b/kernel it has the values of c/kernel", "another order")
}
