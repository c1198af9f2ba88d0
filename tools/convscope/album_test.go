// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/internal/progress"
	"convscope/pkg/album"
	"convscope/pkg/ascent"
	"convscope/pkg/network"
	"convscope/vgg16"
)

// photographs fills a folder with that many, and one that is cut off.
func photographs(t *testing.T, count, size int, at func(x, y int) color.Color) string {
	t.Helper()
	dir := t.TempDir()
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			img.Set(x, y, at(x, y))
		}
	}
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, img))
	for i := range count {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.png", i)), file.Bytes(), 0o644))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "00-cut.png"), file.Bytes()[:file.Len()/2], 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("no photograph"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.png"), 0o755))
	return dir
}

// colourful is noise that has all frequencies, and colours.
func colourful(x, y int) color.Color {
	n := uint32(x*7919+y*104729+x*y*31) * 2654435761
	return color.NRGBA{R: uint8(n >> 8), G: uint8(n >> 16), B: uint8(n >> 24), A: 255}
}

func gray(x, y int) color.Color {
	c := colourful(x, y).(color.NRGBA)
	return color.Gray{Y: c.R}
}

// listen collects the lines of news.
func listen(t *testing.T) *[]string {
	var lines []string
	old := progress.Line
	progress.Line = func(text string) { lines = append(lines, text) }
	t.Cleanup(func() { progress.Line = old })
	return &lines
}

func TestAlbumAndMemory(t *testing.T) {
	a := &album.Album{Names: make([]string, 100_000)}
	require.NoError(t, checkPhotos(a, network.NewTable(vgg16.Network()), 64, 64, 32<<30, "block5_conv3"))
	require.ErrorContains(t, checkPhotos(a, network.NewTable(vgg16.Network()), 64, 64, 1<<30, "block5_conv3"),
		"the activations of 100000 photographs need about 1953 MiB, but 1024 MiB are free")
	require.ErrorContains(t, checkPhotos(a, network.NewTable(vgg16.Network()), 20_000, 20_000, 1<<30, "block1_conv1"),
		"20000x20000 pixels need about")
	require.ErrorContains(t, checkPhotos(a, network.NewTable(vgg16.Network()), 64, 64, 1<<30, "block9_conv1"),
		"did you mean")
}

func TestRelativeLaw(t *testing.T) {
	for name, test := range map[string]struct{ law, want ascent.MaCo }{
		"the first is the largest": {ascent.MaCo{Slope: [3]float64{1.23456, 1, 0.5}, Level: [3]float64{40, 20, 10}},
			ascent.MaCo{Slope: [3]float64{1.23, 1, 0.5}, Level: [3]float64{1, 0.5, 0.25}}},
		"the second is the largest": {ascent.MaCo{Level: [3]float64{10, 40, 20}},
			ascent.MaCo{Level: [3]float64{0.25, 1, 0.5}}},
		"the last is the largest": {ascent.MaCo{Level: [3]float64{10, 20, 40}},
			ascent.MaCo{Level: [3]float64{0.25, 0.5, 1}}},
		"one is tiny": {ascent.MaCo{Level: [3]float64{1, 0.000012345, 0.5}},
			ascent.MaCo{Level: [3]float64{1, 0.0000123, 0.5}}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, relative(test.law)) })
	}
}

// TestFit runs the command on folders: in colour, gray, and with nothing in the pictures.
func TestFit(t *testing.T) {
	level.Real(t, "fits in full size, which takes seconds")
	flat := func(int, int) color.Color { return color.Gray{Y: 90} }
	for name, test := range map[string]struct {
		at   func(x, y int) color.Color
		want string
	}{
		"colour": {colourful, ""},
		"gray":   {gray, "all of them are gray; give photographs in colour"},
		"flat":   {flat, "give photographs with something in them"},
	} {
		t.Run(name, func(t *testing.T) {
			lines := listen(t)
			status, stdout, stderr := runCommand(t, "methods", "--fit", photographs(t, 1, 64, test.at))
			require.NotEmpty(t, *lines)
			if test.want != "" {
				require.Equal(t, exitFailure, status)
				require.Contains(t, stderr, test.want)
				require.NotContains(t, stdout+stderr, "NaN")
				return
			}
			require.Equal(t, exitOK, status, stderr)
			require.Contains(t, stdout, "for 5 pieces of photographs: --image maco:")
			_, law, _ := strings.Cut(strings.TrimSpace(stdout), "--image ")
			method, err := ascent.ParseMethod("maco,image=" + law)
			require.NoError(t, err)
			fitted := method.Image.(ascent.MaCo)
			require.Equal(t, 1.0, max(fitted.Level[0], fitted.Level[1], fitted.Level[2]), "levels in parts of the largest")
		})
	}
}

// TestFitKeepsTheRatios compares what is printed with the law itself: all levels are parts of one number.
func TestFitKeepsTheRatios(t *testing.T) {
	level.Real(t, "fits in full size, which takes seconds")
	listen(t)
	a, err := album.Open(photographs(t, 1, 64, colourful))
	require.NoError(t, err)
	law, err := ascent.FitMaCo(levelsOf(t.Context(), a, fitSize, fitSize), fitSize, fitSize)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, reportFit(t.Context(), &out, a))
	_, text, _ := strings.Cut(strings.TrimSpace(out.String()), "--image ")
	method, err := ascent.ParseMethod("maco,image=" + text)
	require.NoError(t, err)
	printed := method.Image.(ascent.MaCo)
	for c := range 3 {
		require.InEpsilon(t, law.Level[c]/law.Level[0], printed.Level[c]/printed.Level[0], 0.01)
		require.InEpsilon(t, math.Abs(law.Slope[c])+1, math.Abs(printed.Slope[c])+1, 0.01)
	}
}

// TestPhotosBesideAPicture streams a folder through the network, with the damaged one named.
func TestPhotosBesideAPicture(t *testing.T) {
	needWeights(t)
	lines := listen(t)
	dir := photographs(t, 3, 90, colourful)
	t.Chdir(t.TempDir())
	status, stdout, stderr := runCommand(t, "pattern", "--layer", "block2_conv1", "--size", "32", "--steps", "4",
		"--scores", "--photos", dir)
	require.Equal(t, exitOK, status, stderr)
	require.Regexp(t, `more than to \d+ % of the photographs`, stdout)
	require.Contains(t, strings.Join(*lines, "\n"), "00-cut.png: damaged or cut off")
	status, stdout, stderr = runCommand(t, strings.Fields("contest --method book,steps=4 --against book2,steps=4 "+
		"--blocks 1 --filters 2 --size 64 --photos "+dir)...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "more than to photographs")
}

func TestSizesAreCheckedFirst(t *testing.T) {
	inFolderWithPhoto(t)
	for args, want := range map[string]string{
		"activations --image photo.png --size 20000":               "20000x20000 pixels need about",
		"activations --image photo.png --size 60000 --channel 3":   "60000x60000 pixels need about",
		"activations --image photo.png --size 9223372036854775807": "at most 65536 pixels a side",
		"activations --image photo.png --channel -2":               "has no filter -2",
		"pattern --size 60000":                                     "60000x60000 pixels need about",
		"grid --size 20000": "64 picture(s) of " +
			"20000x20000 pixels need about",
		"contest --size 60000":                                                     "60000x60000 pixels need about",
		"contest --size 70000":                                                     "at most 65536 pixels a side",
		"pattern --photos . --objective channel:block1_conv1:0":                    "leave out --photos or --objective",
		"census --layer block1_conv1 --size 70000":                                 "at most 65536 pixels a side",
		"grid --margin 100000":                                                     "give 0 to 1000 pixels",
		"activations --image photo.png --layer block5_conv3 --size 65536x65536":    "need about",
		"pattern --scores --photos . --layer block1_conv1 --size 32 --filter 1000": "has no filter 1000",
	} {
		t.Run(args, func(t *testing.T) {
			t.Setenv("CONVSCOPE_CACHE", t.TempDir()) // nothing is fetched for them
			status, _, stderr := runCommand(t, strings.Fields(args)...)
			require.NotEqual(t, exitOK, status)
			require.Contains(t, stderr, want)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		})
	}
}
