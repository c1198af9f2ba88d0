// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/gallery/page"
)

func TestReadBack(t *testing.T) {
	dir := t.TempDir()
	_, err := page.Read(dir)
	require.ErrorIs(t, err, page.ErrNoGallery)
	n := page.Network{Title: "</script>\u2028", Methods: []string{"book"}, Size: 96, Layers: []page.Summary{
		{Name: "a/b", File: "a_b", Takes: []string{"input"}, Shown: true, Filters: 4, Done: 2, Preview: "preview/a_b.jpg"},
	}}
	require.NoError(t, page.Write(dir, n, layers(nil)))
	read, err := page.Read(dir)
	require.NoError(t, err)
	require.Equal(t, n, read)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`convscopeGallery.network({"title":"a","layers":[{"name":"b","shown":true}]});`))
	f.Add([]byte("convscopeGallery.network({\"title\":1});"))
	f.Add([]byte("convscopeGallery.network();\n"))
	f.Add([]byte(""))
	dir := f.TempDir()
	require.NoError(f, os.Mkdir(filepath.Join(dir, "data"), 0o700))
	f.Fuzz(func(t *testing.T, script []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data", "network.js"), script, 0o600))
		if n, err := page.Read(dir); err != nil {
			require.ErrorIs(t, err, page.ErrNoGallery)
			require.Equal(t, page.Network{}, n)
		}
	})
}
