// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/internal/tree"
	"convscope/pkg/gallery/page"
)

// small is a gallery of a small network: 6 shards.
var small = []string{"--model", "my.onnx", "--input", "unit", "--layers", "a.conv:1,a.relu,MaxPool", "--size", "12",
	"--shard-size", "2", "--batch", "1"}

// smallNetwork makes a small network in a folder of its own, and the pure Go backend does the arithmetic.
func smallNetwork(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("CONVSCOPE_DEVICE", "go")
	t.Setenv("CONVSCOPE_CACHE", filepath.Join(t.TempDir(), "none"))
	writeNetwork(t, "my.onnx", 1)
	require.NoError(t, os.Mkdir("photos", 0o700))
	for i := range 5 {
		img := image.NewNRGBA(image.Rect(0, 0, 20+i, 20))
		for k := range img.Pix {
			img.Pix[k] = uint8(k*k>>i) | 3
		}
		f, err := os.Create(filepath.Join("photos", fmt.Sprintf("%d.png", i)))
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, img))
		require.NoError(t, f.Close())
	}
}

// galleryCommand runs a command that must do well, and returns what it said.
func galleryCommand(t *testing.T, args ...string) string {
	t.Helper()
	status, stdout, stderr := runCommand(t, args...)
	require.Zero(t, status, stderr)
	return stdout + stderr
}

// files are those below a folder, but for the one that says where the network lies.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all, err := tree.Read(dir, "source.json")
	require.NoError(t, err)
	return all
}

// layerOf reads a layer's data.
func layerOf(t *testing.T, dir, file string) (layer page.Layer) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "data", file+".js"))
	require.NoError(t, err)
	text := string(content)
	require.NoError(t, json.Unmarshal([]byte(text[strings.Index(text, "{"):strings.LastIndex(text, "}")+1]), &layer))
	return layer
}

// TestGallery makes one, and its pictures again by what their pages say.
func TestGallery(t *testing.T) {
	level.Real(t, "makes many pictures")
	smallNetwork(t)
	said := galleryCommand(t, append([]string{"gallery", "--out", "whole", "--photos", "photos", "--negative",
		"--seeds", "2", "--large", "--methods", "book,crisp,transforms=none,steps=5"},
		append(small, "--batch", "2")...)...)
	require.Contains(t, said, "12 of 12 filters")
	made := files(t, "whole")
	for _, name := range []string{"index.html", "gallery.js", "plan.json", "data/network.js", "preview/MaxPool.jpg",
		"picture/MaxPool/3-book.png", "picture/MaxPool/3-book-large.png",
		"picture/MaxPool/3-book-seed2.png", "picture/MaxPool/3-book-negative.png"} {
		require.Contains(t, made, name)
	}
	require.NotContains(t, strings.Join(slices.Sorted(maps.Keys(made)), " "), "tmp/")
	layer := layerOf(t, "whole", "a.relu")
	require.Len(t, layer.Filters, 4)
	one := layer.Filters[1]
	require.NotEmpty(t, one.Examples)
	require.NotNil(t, one.Histogram)
	for _, e := range one.Examples {
		require.Contains(t, made, e.File)
		require.Regexp(t, `^[0-4]\.png$`, e.Photo)
	}
	command := exec.Command("sh", "-c", strings.Replace(one.Command, "convscope", `"$0" `, 1)+
		" --out again.png", os.Args[0])
	command.Env = append(os.Environ(), commandEnv+"=1")
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	again, err := os.ReadFile("again.png")
	require.NoError(t, err)
	require.Equal(t, made[one.Pictures[0].File], string(again), "%s", one.Command)
	for _, p := range one.Pictures {
		require.Contains(t, galleryCommand(t, "reproduce", "--model", "my.onnx", filepath.Join("whole", p.File),
			"--out", "again.png"), "identical, byte for byte", p.File)
	}
}

// TestGalleryAmongThePhotographs is refused by whatever way one leads into the other: its pictures would be
// photographs the next time.
func TestGalleryAmongThePhotographs(t *testing.T) {
	smallNetwork(t)
	require.NoError(t, os.Symlink("photos", "link"))
	require.NoError(t, os.MkdirAll("other/deep", 0o700))
	require.NoError(t, os.Symlink("../photos", "other/link"))
	require.NoError(t, os.MkdirAll("whole/example", 0o700))
	require.NoError(t, os.Link("photos/0.png", "whole/example/0.png"))
	for _, way := range [][2]string{
		{"photos/g", "photos"}, {"photos/g", "."}, {"link/g", "photos"}, {"photos/new/g", "link"}, {"photos", "link"},
		{"photos/g", "other"}, {"link/../link/g", "photos"}, {"whole", "whole/example"},
	} {
		for _, command := range [][]string{{"gallery"}, {"gallery", "plan"}} {
			args := append(append(command, "--out", way[0], "--photos", way[1]), small...)
			status, _, stderr := runCommand(t, args...)
			require.Equal(t, 2, status, "%s: %s", way, stderr)
			require.Contains(t, stderr, "choose another folder", way)
		}
	}
	require.NoDirExists(t, "photos/g")
	galleryCommand(t, append([]string{"gallery", "plan", "--out", "photos-g", "--photos", "photos"}, small...)...)
}
