// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"convscope/internal/fetch"
	"convscope/pkg/weights"
)

// damage changes one byte of the cached file.
func damage(t *testing.T, m weights.Manifest, at int64) {
	t.Helper()
	b, err := os.ReadFile(cacheFile(t, m))
	if err != nil {
		t.Fatal(err)
	}
	b[(at+int64(len(b)))%int64(len(b))] ^= 1
	if err := os.WriteFile(cacheFile(t, m), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedFrame(t *testing.T) {
	tests := []struct {
		name   string
		damage func(t *testing.T, m weights.Manifest)
		text   string
	}{
		{"truncated", func(t *testing.T, m weights.Manifest) { truncate(t, m, 5000) }, "has 5000 bytes"},
		{"empty", func(t *testing.T, m weights.Manifest) { truncate(t, m, 0) }, "has 0 bytes"},
		{"header", func(t *testing.T, m weights.Manifest) { damage(t, m, 20) }, "its header is another"},
		{"length", func(t *testing.T, m weights.Manifest) { damage(t, m, 7) }, "its header is another"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			emptyCache(t)
			server, m := serve(t, official)
			open(t, m, "")
			test.damage(t, m)
			s, err := weights.State(m)
			if err != nil || s.Complete || !errors.Is(s.Problem, weights.ErrDamagedCache) {
				t.Errorf("state %+v, %v", s, err)
			}
			f, said := open(t, m, "")
			wantTensors(t, f, official)
			wantText(t, said.String(), "weights: cache: the cached weights are damaged: "+s.Path, test.text,
				"all hashes right, kept in")
			if n := server.requests.Load(); n != 2 {
				t.Errorf("%d requests", n)
			}
			wantFiles(t, m, true)
		})
	}
}

func truncate(t *testing.T, m weights.Manifest, size int64) {
	t.Helper()
	if err := os.Truncate(cacheFile(t, m), size); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedTensor(t *testing.T) {
	t.Run("fetched again", func(t *testing.T) {
		emptyCache(t)
		server, m := serve(t, official)
		open(t, m, "")
		damage(t, m, -1) // the last bias
		f, said := open(t, m, "")
		wantTensors(t, f, official[:5]) // nothing is wrong with these
		wantText(t, said.String(), "not: damaged")
		_, early, err := f.Tensor(official[0].Name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := weights.State(m)
		if err != nil || s.Complete || !slices.Equal(s.Damaged, []string{"block2_conv1/bias"}) {
			t.Errorf("state %+v, %v", s, err)
		}
		wantText(t, s.String(), "1 of 6 tensors, the first is block2_conv1/bias")

		wantTensors(t, f, official)
		wantText(t, said.String(), "tensor block2_conv1/bias has another hash; fetching them again", "all hashes right")
		if n := server.requests.Load(); n != 2 {
			t.Errorf("%d requests", n)
		}
		if !slices.Equal(early, official[0].Values) {
			t.Error("what was read before has changed")
		}
		if s, err := weights.State(m); err != nil || !s.Complete {
			t.Errorf("state %+v, %v", s, err)
		}
	})
	t.Run("repaired by another process", func(t *testing.T) {
		emptyCache(t)
		server, m := serve(t, official)
		open(t, m, "")
		whole, err := os.ReadFile(cacheFile(t, m))
		if err != nil {
			t.Fatal(err)
		}
		damage(t, m, -1)
		f, _ := open(t, m, "")
		repaired := cacheFile(t, m) + ".new"
		if err := errors.Join(os.WriteFile(repaired, whole, 0o600), os.Rename(repaired, cacheFile(t, m))); err != nil {
			t.Fatal(err)
		}
		server.broken.Store(true)
		wantTensors(t, f, official)
	})
	t.Run("not to be had again", func(t *testing.T) {
		emptyCache(t)
		server, m := serve(t, official)
		open(t, m, "")
		damage(t, m, -1)
		server.broken.Store(true)
		f, _ := open(t, m, "")
		_, _, err := f.Tensor("block2_conv1/bias")
		wantError(t, err, weights.ErrDamagedCache, "block2_conv1/bias", "503", weights.EnvPath)
		wantError(t, err, fetch.ErrUnreachable)
		wantTensors(t, f, official[:5])
	})
	t.Run("cut short after opening", func(t *testing.T) {
		emptyCache(t)
		_, m := serve(t, official)
		f, said := open(t, m, "")
		truncate(t, m, 4096) // a page that is mapped and not there is a fault, not a panic
		wantTensors(t, f, official)
		wantText(t, said.String(), "cannot be read; fetching them again")
	})
}
