// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"os"
	"path/filepath"
	"testing"

	"convscope/pkg/weights/internal/sample"
)

func TestNoCacheDirectory(t *testing.T) {
	blocked := func(t *testing.T) {
		emptyCache(t)
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("CONVSCOPE_CACHE", file) // a file in the place of the directory
	}
	temp := func(t *testing.T) string {
		dir := t.TempDir()
		t.Setenv("TMPDIR", dir)
		return dir
	}
	t.Run("download", func(t *testing.T) {
		blocked(t)
		left := temp(t)
		_, m := serve(t, official)
		f, said := open(t, m, "")
		wantTensors(t, f, official)
		wantText(t, said.String(), "weights: cache: going on without it: ", "not a directory",
			"6 tensors, all hashes right", "not: kept in")
		if entries, _ := os.ReadDir(left); len(entries) > 0 {
			t.Errorf("left behind: %v", entries)
		}
	})
	t.Run("user's file", func(t *testing.T) {
		blocked(t)
		path, err := sample.Write(t.TempDir(), "w.npz", official)
		if err != nil {
			t.Fatal(err)
		}
		f, said := open(t, manifest(official), path)
		wantTensors(t, f, official)
		wantText(t, said.String(), "weights: cache: going on without it: ")
	})
	t.Run("read-only, and whole", func(t *testing.T) {
		if os.Getuid() == 0 {
			t.Skip("permissions do not bind root; TestDisk mounts a read-only disk instead")
		}
		dir := emptyCache(t)
		_, m := serve(t, official)
		open(t, m, "")
		for _, d := range []string{filepath.Join(dir, "weights"), dir} {
			if err := os.Chmod(d, 0o500); err != nil {
				t.Fatal(err)
			}
			defer os.Chmod(d, 0o700)
		}
		f, said := open(t, m, "")
		wantTensors(t, f, official)
		wantText(t, said.String(), "not: weights")
		_ = os.Remove(cacheFile(t, m))
	})
	t.Run("no home", func(t *testing.T) {
		emptyCache(t)
		for _, name := range []string{"CONVSCOPE_CACHE", "XDG_CACHE_HOME", "HOME"} {
			t.Setenv(name, "")
		}
		_, m := serve(t, official)
		f, said := open(t, m, "")
		wantTensors(t, f, official)
		wantText(t, said.String(), "CONVSCOPE_CACHE")
	})
}
