// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package sample_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/internal/level"
	"convscope/pkg/sample"
)

func TestFolderWithoutASource(t *testing.T) {
	t.Setenv(fetch.EnvCache, t.TempDir())
	t.Setenv("PATH", t.TempDir()) // no python3
	_, err := sample.Folder(t.Context())
	require.ErrorIs(t, err, fetch.ErrNoPython)
	require.Panics(t, func() { sample.MustFolder() })
}

// TestFolder takes the photographs from the common cache, and mends a damaged copy.
func TestFolder(t *testing.T) {
	level.Real(t, "needs the photographs, 14 MB")
	_, err := sample.Open(t.Context(), "coffee")
	require.NoError(t, err)
	cache, err := fetch.CacheDir()
	require.NoError(t, err)
	own := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(own, "photos"), os.DirFS(filepath.Join(cache, "photos"))))
	require.NoError(t, os.RemoveAll(filepath.Join(own, "photos", "free")))
	t.Setenv(fetch.EnvCache, own)
	t.Setenv("PATH", t.TempDir()) // nothing is fetched

	dir, err := sample.Folder(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"}, names(t, dir),
		"of the motorcycle no licence is named")
	path := filepath.Join(dir, "coffee.png")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, whole[:len(whole)/2], 0o644))
	_, err = sample.Folder(t.Context())
	require.NoError(t, err)
	mended, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, whole, mended)
	require.Len(t, names(t, dir), 4, "nothing is left behind")
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
