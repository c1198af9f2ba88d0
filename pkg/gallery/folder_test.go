// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/gallery"
)

// TestFoldersOfOthers have names in them that galleries have, too: nothing there is replaced or removed.
func TestFoldersOfOthers(t *testing.T) {
	net := open(t, 1)
	o := gallery.Options{Size: 12, Batch: 4, Methods: quick}
	plan, err := gallery.New(net, o)
	require.NoError(t, err)
	put := func(dir, name string) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
		return path
	}
	for _, name := range []string{"index.html", "source.json", "gallery.js", "readme"} {
		dir := t.TempDir()
		path := put(dir, name)
		put(dir, "data/table.csv")
		require.ErrorIs(t, gallery.Check(dir, o, net.Table), gallery.ErrNoGallery)
		require.ErrorIs(t, gallery.Create(dir, plan), gallery.ErrNoGallery)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "mine", string(content))
	}
	dir := t.TempDir()
	kept := []string{put(dir, "tmp/thesis.tex"), put(dir, "tmp/deep/0123456789abcdef"), put(dir, "data/table.csv"),
		put(dir, "picture/me.png")}
	left := put(dir, "tmp/0123456789abcdef")
	whole(t, net, dir, o)
	for _, path := range kept {
		require.FileExists(t, path)
	}
	require.NoFileExists(t, left, "a killed process's")
	require.NoError(t, os.Remove(filepath.Join(dir, "plan.json")))
	whole(t, net, dir, o) // a gallery that has lost its plan goes on
}
