// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"context"
	"crypto/md5"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"convscope/internal/progress"
	"convscope/pkg/weights"
	"convscope/pkg/weights/internal/sample"
)

var (
	layers   = []string{"block1_conv1", "block1_conv2", "block2_conv1"}
	channels = []int{3, 8, 16, 32}
	official = sample.Net(1, layers, channels...)
	others   = sample.Net(2, layers, channels...)
)

// envChild makes the test binary a process that opens the weights of the manifest in the file that it names.
const envChild = "CONVSCOPE_TEST_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(envChild); path != "" {
		os.Exit(child(path))
	}
	progress.New = func(what string, total int64, unit progress.Unit) progress.Bar {
		return progress.Plain(io.Discard, what, total, unit)
	}
	code := m.Run()
	if real.dir != "" {
		os.RemoveAll(real.dir)
	}
	os.Exit(code)
}

func child(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(err)
		return 2
	}
	m, err := weights.ParseManifest(text)
	if err != nil {
		fmt.Println(err)
		return 2
	}
	f, err := weights.Open(context.Background(), m, weights.Options{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer f.Close()
	for _, s := range m.Tensors {
		if _, _, err := f.Tensor(s.Name); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	fmt.Println(f.Source())
	return 0
}

// manifest lists the tensors, without a source.
func manifest(list []sample.Tensor) weights.Manifest {
	m := weights.Manifest{Model: "tiny", Licence: "CC0"}
	for _, t := range list {
		m.Tensors = append(m.Tensors, weights.Spec{Name: t.Name, Shape: t.Shape, SHA256: t.SHA256()})
	}
	return m
}

func manifestFile(t *testing.T, m weights.Manifest) string {
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "manifest.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// emptyCache gives the test a cache directory of its own, and no weights file of the developer's.
func emptyCache(t *testing.T) (dir string) {
	dir = filepath.Join(t.TempDir(), "cache")
	t.Setenv("CONVSCOPE_CACHE", dir)
	t.Setenv(weights.EnvPath, "")
	return dir
}

// cacheFile returns the path of the model's cached file, which State knows.
func cacheFile(t *testing.T, m weights.Manifest) string {
	s, err := weights.State(m)
	if err != nil {
		t.Fatal(err)
	}
	return s.Path
}

// keras is a local server in the place of Keras' own.
type keras struct {
	*httptest.Server
	content  []byte
	requests atomic.Int32
	before   func(w http.ResponseWriter) // what to do ahead of the content
	broken   atomic.Bool
}

// serve starts a server that has the tensors as an .h5 file, and returns a manifest that names it.
func serve(t *testing.T, list []sample.Tensor) (*keras, weights.Manifest) {
	path, err := sample.Write(t.TempDir(), "w.h5", list)
	if err != nil {
		t.Fatal(err)
	}
	k := &keras{}
	if k.content, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.requests.Add(1)
		if k.broken.Load() {
			http.Error(w, "out of order", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(k.content)))
		if k.before != nil {
			k.before(w)
		}
		w.Write(k.content)
	}))
	t.Cleanup(k.Close)
	m := manifest(official)
	m.Keras = weights.Download{URL: k.URL + "/w.h5", Bytes: int64(len(k.content)),
		MD5: fmt.Sprintf("%x", md5.Sum(k.content))}
	return k, m
}

// lines collects what Open reports.
type lines struct {
	mu   sync.Mutex
	list []string
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, line)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.list, "\n")
}

// open opens the weights, and closes them at the test's end.
func open(t *testing.T, m weights.Manifest, path string) (*weights.File, *lines) {
	t.Helper()
	said := &lines{}
	f, err := weights.Open(t.Context(), m, weights.Options{Path: path, Report: said.add})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, said
}

// wantTensors compares all tensors with the sample's.
func wantTensors(t *testing.T, f *weights.File, list []sample.Tensor) {
	t.Helper()
	for _, want := range list {
		shape, got, err := f.Tensor(want.Name)
		if err != nil || !slices.Equal(shape, want.Shape) || !slices.Equal(got, want.Values) {
			t.Errorf("%s: %v, shape %v, same values: %t", want.Name, err, shape, slices.Equal(got, want.Values))
		}
	}
}

// wantText fails the test unless each text is in s, and each that begins with "not: " is not.
func wantText(t *testing.T, s string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		absent, not := strings.CutPrefix(text, "not: ")
		if strings.Contains(s, absent) == not {
			t.Errorf("want %q, got %q", text, s)
		}
	}
}

// wantError fails the test unless err is one line, wraps want and has each of the texts in it.
func wantError(t *testing.T, err, want error, texts ...string) {
	t.Helper()
	if want != nil && !errors.Is(err, want) || err == nil {
		t.Fatalf("got %v, want %v", err, want)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	wantText(t, err.Error(), texts...)
}

// wantFiles compares the names of the files in the weights cache, hidden ones too, with what must be there: the
// lock, and the weights if whole.
func wantFiles(t *testing.T, m weights.Manifest, whole bool) {
	t.Helper()
	path := cacheFile(t, m)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want := []string{filepath.Base(path) + ".lock"}
	if whole {
		want = []string{filepath.Base(path), filepath.Base(path) + ".lock"}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the cache holds %q, want %q", got, want)
	}
}
