// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package gallery_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/album"
	"convscope/pkg/gallery"
)

// TestOtherPhotographs come to light before any picture is made.
func TestOtherPhotographs(t *testing.T) {
	net, dir, photos := open(t, 1), t.TempDir(), t.TempDir()
	img := image.NewRGBA(image.Rect(0, 0, 24, 24))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	save := func(name string) {
		f, err := os.Create(filepath.Join(photos, name))
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, img))
		require.NoError(t, f.Close())
	}
	save("a.png")
	opened, err := album.Open(photos)
	require.NoError(t, err)
	hash, err := opened.Hash(t.Context())
	require.NoError(t, err)
	plan, err := gallery.New(net, gallery.Options{Size: 12, Shard: 5, Batch: 2, Methods: quick, Photos: hash})
	require.NoError(t, err)
	require.NoError(t, gallery.Create(dir, plan))

	img.Set(0, 0, color.White)
	save("b.png")
	work := func(o gallery.WorkOptions) error { return gallery.Work(t.Context(), net, dir, o) }
	var other *gallery.OtherPlanError
	require.ErrorAs(t, work(gallery.WorkOptions{Photos: photos}), &other)
	require.ErrorContains(t, work(gallery.WorkOptions{}), "say where they are with --photos")
	require.ErrorContains(t, work(gallery.WorkOptions{Photos: filepath.Join(photos, "none")}), "no such file")
	require.NoDirExists(t, filepath.Join(dir, "picture"), "nothing was computed")

	require.NoError(t, work(gallery.WorkOptions{Shard: 0, Of: 3}), "who has none of their shards needs none")
	require.NoError(t, os.Remove(filepath.Join(photos, "b.png")))
	require.NoError(t, work(gallery.WorkOptions{Photos: photos}))
	require.NoError(t, work(gallery.WorkOptions{}), "all is done")
}
