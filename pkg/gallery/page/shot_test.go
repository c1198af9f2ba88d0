// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package page_test

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/tools/browser"
)

// TestShots keeps screenshots of a gallery, CONVSCOPE_GALLERY, where CONVSCOPE_SHOTS says: those in docs/gallery, of
// the layer and the filter that CONVSCOPE_LAYER and CONVSCOPE_FILTER name.
func TestShots(t *testing.T) {
	level.Real(t, "needs a browser")
	dir, into := os.Getenv("CONVSCOPE_GALLERY"), os.Getenv("CONVSCOPE_SHOTS")
	if dir == "" || into == "" {
		t.Skip("no CONVSCOPE_GALLERY to look at, or no CONVSCOPE_SHOTS for the pictures")
	}
	tab := browser.TestTab(t)
	layer, filter := os.Getenv("CONVSCOPE_LAYER"), os.Getenv("CONVSCOPE_FILTER")
	for _, shot := range []struct {
		name, hash, theme string
		width, height     int64
	}{
		{"map", "", "light", 1400, 900},
		{"wall", "#" + layer, "light", 1400, 900},
		{"filter", "#" + layer + "/" + filter, "light", 1400, 1500},
		{"dark", "#" + layer + "/" + filter, "dark", 1400, 900},
		{"phone", "#" + layer + "/" + filter, "light", 400, 1400},
	} {
		require.NoError(t, tab.Resize(shot.width, shot.height))
		require.NoError(t, tab.Prefer("prefers-color-scheme", shot.theme))
		require.NoError(t, tab.Goto("about:blank"))
		require.NoError(t, tab.Goto(address(dir)+shot.hash))
		require.NoError(t, tab.Until("document.querySelector('main h1')", time.Minute))
		require.NoError(t, tab.Until("[...document.images].every((i) => i.complete || i.loading === 'lazy')", time.Minute))
		time.Sleep(2 * time.Second) // the film has come to its end
		img, err := tab.Screenshot("")
		require.NoError(t, err)
		var data bytes.Buffer
		for quality := 88; quality == 88 || data.Len() > 145_000; quality -= 4 {
			data.Reset()
			require.NoError(t, jpeg.Encode(&data, img, &jpeg.Options{Quality: quality}))
		}
		require.NoError(t, os.WriteFile(filepath.Join(into, shot.name+".jpg"), data.Bytes(), 0o644))
	}
}

// address is a gallery's first page on the disk.
func address(dir string) string {
	return "file://" + filepath.ToSlash(filepath.Join(dir, "index.html"))
}
