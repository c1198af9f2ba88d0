// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"context"
	"crypto/md5"
	"fmt"
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
	"time"

	"convscope/pkg/weights"
	"convscope/pkg/weights/internal/sample"
)

// real is the one download of the real weights that the tests of this process share.
var real struct {
	once sync.Once
	dir  string
	err  error
}

// realCache points the test at a cache that has the real weights.
func realCache(t *testing.T) weights.Manifest {
	if testing.Short() {
		t.Skip("needs the real weights from the network")
	}
	m := vgg16(t)
	real.once.Do(func() {
		if real.dir, real.err = os.MkdirTemp("", "convscope-real-"); real.err != nil {
			return
		}
		t.Setenv("CONVSCOPE_CACHE", real.dir)
		t.Setenv(weights.EnvPath, "")
		var f *weights.File
		if f, real.err = weights.Open(context.Background(), m, weights.Options{Report: func(line string) { t.Log(line) }}); real.err == nil {
			real.err = f.Close()
		}
	})
	if real.err != nil {
		t.Fatal(real.err)
	}
	t.Setenv("CONVSCOPE_CACHE", real.dir)
	t.Setenv(weights.EnvPath, "")
	return m
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

// TestRealSpeed opens the cache and reads what block3_conv1 needs.
func TestRealSpeed(t *testing.T) {
	m := realCache(t)
	last := slices.IndexFunc(m.Tensors, func(s weights.Spec) bool { return s.Name == "block3_conv1/bias" })
	var times []time.Duration
	for range 5 {
		start := time.Now()
		f, _ := open(t, m, "")
		for _, s := range m.Tensors[:last+1] {
			if _, _, err := f.Tensor(s.Name); err != nil {
				t.Fatal(err)
			}
		}
		times = append(times, time.Since(start))
		if len(times) == 1 {
			wantMapped(t, m, last)
		}
	}
	slices.Sort(times)
	t.Logf("open and read block1_conv1 to block3_conv1: %v to %v", times[0], times[4])
	if times[2] > 50*time.Millisecond {
		t.Errorf("took %v", times[2])
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
			start := time.Now()
			f, said := open(t, m, path)
			t.Logf("read and checked in %v: %s", time.Since(start), said)
			if !f.Official() || f.SHA256() != m.SHA256() {
				t.Errorf("not official: %s", said)
			}
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
	wantText(t, said.String(), "tensor block5_conv3/kernel has another hash; fetching them again", "26 tensors, all hashes right")
}
