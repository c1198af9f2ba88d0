// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package fetch_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"convscope/internal/fetch"
)

func TestCacheDir(t *testing.T) {
	home := t.TempDir()
	tests := []struct {
		name, cache, xdg, home, want string
	}{
		{"own variable", filepath.Join(home, "c"), filepath.Join(home, "x"), home, filepath.Join(home, "c")},
		{"user cache", "", filepath.Join(home, "x"), home, filepath.Join(home, "x", "convscope")},
		{"no home", "", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("CONVSCOPE_CACHE", test.cache)
			t.Setenv("XDG_CACHE_HOME", test.xdg)
			t.Setenv("HOME", test.home)
			got, err := fetch.CacheDir()
			if test.want == "" {
				wantOneLine(t, err, "CONVSCOPE_CACHE")
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
			if _, err := os.Stat(got); err == nil {
				t.Errorf("%s was created", got)
			}
		})
	}
	t.Run("relative", func(t *testing.T) {
		t.Setenv("CONVSCOPE_CACHE", "here")
		if got, err := fetch.CacheDir(); err != nil || !filepath.IsAbs(got) || filepath.Base(got) != "here" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestWriteAtomic(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "dir")
	path := filepath.Join(dir, "f")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, s)
			return err
		}
	}
	if err := fetch.WriteAtomic(path, text("one")); err != nil {
		t.Fatal(err)
	}
	if err := fetch.WriteAtomic(path, text("two")); err != nil {
		t.Fatal(err)
	}
	wantContent(t, path, "two")
	full := errors.New("disk full")
	err := fetch.WriteAtomic(path, func(w io.Writer) error {
		_ = text("half of thr")(w)
		wantContent(t, path, "two") // what readers see meanwhile
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	wantContent(t, path, "two")
	wantFiles(t, dir, "f")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}

	t.Run("a file in the place of the directory", func(t *testing.T) {
		err := fetch.WriteAtomic(filepath.Join(path, "below"), text("x"))
		if !errors.Is(err, syscall.ENOTDIR) {
			t.Errorf("got %v", err)
		}
		wantOneLine(t, err, "create cache directory")
	})
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"w.h5", ".w.h5123456", ".w.h5.lock", "other", ".other99"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, ".w.h5.pip-77", "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	fetch.Sweep(filepath.Join(dir, "w.h5"))
	wantFiles(t, dir, ".other99", ".w.h5.lock", "other", "w.h5")
}

func TestLock(t *testing.T) {
	said := news(t)
	path := filepath.Join(t.TempDir(), "new", "weights.lock")
	unlock, err := fetch.Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if said() != "" {
		t.Errorf("said %q without having to wait", said())
	}
	t.Run("held, and the wait is cancelled", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := fetch.Lock(ctx, path)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		wantOneLine(t, err, path)
		if n := strings.Count(said(), "waiting for another convscope process"); n != 1 {
			t.Errorf("said so %d times: %q", n, said())
		}
	})
	t.Run("held, then free", func(t *testing.T) {
		got := make(chan error)
		go func() {
			again, err := fetch.Lock(t.Context(), path)
			if err == nil {
				again()
			}
			got <- err
		}()
		select {
		case <-got:
			t.Error("two have the lock")
		case <-time.After(30 * time.Millisecond):
			unlock()
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
		if n := strings.Count(said(), "waiting for another convscope process"); n != 1 {
			t.Errorf("a moment is not worth a word: %q", said())
		}
	})
	t.Run("no place for it", func(t *testing.T) {
		_, err := fetch.Lock(t.Context(), filepath.Join(path, "below"))
		wantOneLine(t, err, "lock", path)
	})
}
