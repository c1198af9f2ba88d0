// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"convscope/internal/level"
	"convscope/pkg/weights"
	"convscope/pkg/weights/internal/sample"
)

// real is the one copy of the real weights that the tests of this process share.
var real struct {
	once sync.Once
	dir  string
	err  error
}

// realCache points the test at a cache that has the real weights: a copy of the usual one, which they are fetched into
// if need be.
func realCache(t *testing.T) weights.Manifest {
	level.Real(t, "needs the weights (59 MB)")
	m := vgg16(t)
	real.once.Do(func() { real.dir, real.err = copyCache(t, m) })
	if real.err != nil {
		t.Fatal(real.err)
	}
	t.Setenv("CONVSCOPE_CACHE", real.dir)
	t.Setenv(weights.EnvPath, "")
	return m
}

func copyCache(t *testing.T, m weights.Manifest) (dir string, err error) {
	t.Setenv(weights.EnvPath, "")
	f, err := weights.Open(context.Background(), m, weights.Options{Report: func(line string) { t.Log(line) }})
	if err != nil {
		return "", err
	}
	defer f.Close()
	whole, err := os.ReadFile(cacheFile(t, m))
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp("", "convscope-real-"); err != nil {
		return "", err
	}
	t.Setenv("CONVSCOPE_CACHE", dir)
	path := cacheFile(t, m)
	return dir, errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, whole, 0o600))
}

// realTensors copies the real weights into a sample.
func realTensors(t *testing.T) (weights.Manifest, []sample.Tensor) {
	m := realCache(t)
	f, _ := open(t, m, "")
	var list []sample.Tensor
	for _, s := range m.Tensors {
		shape, data, err := f.Tensor(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, sample.Tensor{Name: s.Name, Shape: shape, Values: slices.Clone(data)})
	}
	return m, list
}

// TestRealValues compares with what Keras publishes.
func TestRealValues(t *testing.T) {
	m := realCache(t)
	f, _ := open(t, m, "")
	_, data, err := f.Tensor("block1_conv1/kernel")
	if err != nil || len(data) != 1728 || data[0] != 0.42947057 || data[1] != 0.117273867 || data[2] != 0.034012958 {
		t.Errorf("%v, %v", err, data[:min(3, len(data))])
	}
	s, err := weights.State(m)
	if err != nil || !s.Complete || s.Bytes > 58_900_000 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestRealReadsWhatIsNeeded opens the cache and reads what block3_conv1 needs: nothing of the deeper layers is
// touched.
func TestRealReadsWhatIsNeeded(t *testing.T) {
	m := realCache(t)
	last := slices.IndexFunc(m.Tensors, func(s weights.Spec) bool { return s.Name == "block3_conv1/bias" })
	f, said := open(t, m, "")
	for _, s := range m.Tensors[:last+1] {
		if _, _, err := f.Tensor(s.Name); err != nil {
			t.Fatal(err)
		}
	}
	wantMapped(t, m, last)
	if said.String() != "" {
		t.Errorf("reported %s", said)
	}
}

// wantMapped checks that no page of the cache beyond the given tensor's is mapped.
func wantMapped(t *testing.T, m weights.Manifest, last int) {
	if runtime.GOOS != "linux" {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	limit := int64(2 * os.Getpagesize()) // the header, and the rest of the last page
	for _, s := range m.Tensors[:last+1] {
		limit += s.Bytes()
	}
	seen := 0
	for line := range strings.Lines(string(maps)) {
		field := strings.Fields(line)
		if len(field) < 6 || field[5] != cacheFile(t, m) {
			continue
		}
		seen++
		from, to, _ := strings.Cut(field[0], "-")
		start, _ := strconv.ParseInt(from, 16, 64)
		end, _ := strconv.ParseInt(to, 16, 64)
		offset, _ := strconv.ParseInt(field[2], 16, 64)
		if offset+end-start > limit {
			t.Errorf("mapped up to byte %d, needed %d", offset+end-start, limit)
		}
	}
	if seen == 0 {
		t.Error("nothing is mapped")
	}
}

// TestRealFormats converts the real weights to every format that can be written here, and takes them back.
func TestRealFormats(t *testing.T) {
	m, list := realTensors(t)
	for _, name := range []string{"vgg16.weights.h5", "vgg16.npz", "vgg16.safetensors", "vgg16.onnx"} {
		t.Run(name, func(t *testing.T) {
			path, err := sample.Write(t.TempDir(), name, list)
			if err != nil {
				t.Fatal(err)
			}
			f, said := open(t, m, path)
			if !f.Official() || f.SHA256() != m.SHA256() {
				t.Errorf("not official: %s", said)
			}
		})
	}
}

// TestRealCentre compares what the manifest has of the first kernel with the kernel.
func TestRealCentre(t *testing.T) {
	m := realCache(t)
	f, _ := open(t, m, "")
	_, kernel, err := f.Tensor("block1_conv1/kernel")
	if err != nil {
		t.Fatal(err)
	}
	for channel, row := range m.Centre {
		for filter, v := range row {
			if got := kernel[(4*3+channel)*64+filter]; math.Abs(float64(got)-v) > 1e-5 {
				t.Errorf("channel %d, filter %d: %g, in the manifest %g", channel, filter, got, v)
			}
		}
	}
}

// TestRealForeign gives the real weights as others keep them.
func TestRealForeign(t *testing.T) {
	level.OnlyFull(t, "writes and reads 59 MB five times")
	m, list := realTensors(t)
	change := func(part string, f func(t sample.Tensor) []float32) []sample.Tensor {
		all := slices.Clone(list)
		for i, t := range all {
			if strings.HasSuffix(t.Name, part) {
				all[i].Values = f(t)
			}
		}
		return all
	}
	turned := change("/kernel", func(t sample.Tensor) []float32 {
		row := len(t.Values) / 9
		var out []float32
		for place := range 9 {
			out = append(out, t.Values[(8-place)*row:][:row]...)
		}
		return out
	})
	scaled := func(scale [3]float32) []sample.Tensor { // by blue, green, red
		return change("block1_conv1/kernel", func(t sample.Tensor) []float32 {
			out := slices.Clone(t.Values)
			for i := range out {
				color := i / 64 % 3
				out[i] = t.Values[i+(2-2*color)*64] * scale[2-color] // red comes first
			}
			return out
		})
	}
	more := append(slices.Clone(list), sample.Rename(sample.Net(1, []string{"x"}, 256, 256),
		func(_ int, part string) string { return "block3_conv4/" + part })...)
	for name, test := range map[string]struct {
		list []sample.Tensor
		said string
	}{
		"turned.npz":    {turned, "the ImageNet weights, from"},
		"red first.npz": {scaled([3]float32{1, 1, 1}), "taken to caffe from caffe-rgb"},
		"torch.safetensors": {sample.OutputFirst(scaled([3]float32{255 * .225, 255 * .224, 255 * .229})),
			"taken to caffe from torch"},
		"tf.weights.h5":      {scaled([3]float32{127.5, 127.5, 127.5}), "taken to caffe from tf"},
		"unknown.npz":        {scaled([3]float32{1, 2, 3}), "careful: nothing tells the pictures"},
		"one more layer.npz": {more, "one more convolution after block3_conv3/kernel: block3_conv4/kernel"},
	} {
		t.Run(name, func(t *testing.T) {
			path, err := sample.Write(t.TempDir(), name, test.list)
			if err != nil {
				t.Fatal(err)
			}
			said := &lines{}
			f, err := weights.Open(t.Context(), m, weights.Options{Path: path, Report: said.add})
			if err != nil {
				said.add(err.Error())
			} else {
				defer f.Close()
			}
			wantText(t, said.String(), test.said)
		})
	}
}

// TestRealDamage damages the real cache near its end, and lets the official file, from a local server, mend it.
func TestRealDamage(t *testing.T) {
	m, list := realTensors(t)
	path, err := sample.Write(t.TempDir(), "vgg16.h5", list)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(path))))
	defer server.Close()
	m.Keras = weights.Download{URL: server.URL + "/vgg16.h5", Bytes: int64(len(b)), MD5: fmt.Sprintf("%x", md5.Sum(b))}
	m.Wheel = weights.Wheel{}

	damage(t, m, -3_000_000)
	f, said := open(t, m, "")
	if _, _, err := f.Tensor("block3_conv1/kernel"); err != nil || said.String() != "" {
		t.Errorf("%v, %s", err, said)
	}
	if s, err := weights.State(m); err != nil || !slices.Equal(s.Damaged, []string{"block5_conv3/kernel"}) {
		t.Errorf("state %v, %v", s, err)
	}
	_, data, err := f.Tensor("block5_conv3/kernel")
	if err != nil || !slices.Equal(data, list[24].Values) {
		t.Errorf("%v", err)
	}
	wantText(t, said.String(), "tensor block5_conv3/kernel has another hash; fetching them again",
		"26 tensors, all hashes right")
}
