// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/stretchr/testify/require"

	"convscope/internal/file"
	"convscope/internal/level"
	"convscope/internal/progress"
	"convscope/pkg/ascent"
)

// TestBadAscents are refused with one line before anything is fetched or computed.
func TestBadAscents(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	integers := tensors.FromScalarAndDimensions(int64(1), 1, 8, 8, 3)
	require.NoError(t, numpy.ToNpyFile(integers, "integers.npy"))
	require.NoError(t, os.WriteFile("text.npy", []byte("no array"), 0o600))
	whole, err := os.ReadFile("integers.npy")
	require.NoError(t, err)
	whole = bytes.Replace(whole, []byte("<i8"), []byte("<f4"), 1)
	whole = bytes.Replace(whole, []byte("(1, 8, 8, 3)"), []byte("(9999999, 9)"), 1)
	require.NoError(t, os.WriteFile("giant.npy", whole, 0o600))

	tests := map[string]struct {
		args   string
		status int
		words  string
	}{
		"layer":           {"pattern --layer block3_conv9", 2, "did you mean block3_conv"},
		"filter":          {"pattern --layer block1_conv1 --filter 64", 2, "choose 0 to 63"},
		"negative filter": {"pattern --filter -1", 2, "choose 0 to 255"},
		"filters":         {"grid --filters 60-70", 2, "block1_conv1 has no filter 64: choose 0 to 63"},
		"filter range":    {"grid --filters a", 2, "write such as 0-63"},
		"size":            {"pattern --size big", 2, "HEIGHTxWIDTH"},
		"small size":      {"pattern --layer block5_conv1 --size 15x200", 2, "at least 16x16"},
		"steps":           {"pattern --steps 0", 2, "at least 1"},
		"step":            {"pattern --step 0", 2, "moves nothing"},
		"seed":            {"pattern --seed 0", 2, "from 1 up"},
		"margin":          {"grid --margin -1", 2, "0 to 1000"},
		"order":           {"grid --order diagonal", 2, "column"},
		"no such start":   {"pattern --start none.npy", 1, "none.npy"},
		"start of text":   {"pattern --start text.npy", 1, "a .npy file of numbers is needed"},
		"start of ints":   {"pattern --start integers.npy", 1, "this has int64"},
		"giant start": {"pattern --start giant.npy", 1,
			"the start picture: giant.npy: it is cut or damaged: float32 of shape [9999999 9]"},
		"start a folder": {"pattern --start .", 1, "not a regular file"},
		"out nowhere":    {"pattern --out no/such/folder.png", 1, "make it first"},
		"out a folder":   {"pattern --out .", 1, "name a file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := runCommand(t, strings.Fields(test.args)...)
			require.Equal(t, test.status, status, stderr)
			require.Contains(t, stderr, test.words)
			require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
			require.Empty(t, stdout)
		})
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 3, "nothing was written")
}

// needWeights skips where the real model can't be had.
func needWeights(t *testing.T) {
	t.Helper()
	level.Real(t, "needs the weights (59 MB) and XLA")
}

// pngSize decodes a whole picture and returns its size.
func pngSize(t *testing.T, path string) image.Point {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	img, err := png.Decode(file)
	require.NoError(t, err)
	return img.Bounds().Size()
}

func TestPatternWritesItsFiles(t *testing.T) {
	needWeights(t)
	t.Chdir(t.TempDir())
	status, stdout, stderr := runCommand(t, strings.Fields("pattern --layer block2_conv1 --filter 5 --size 41x30 "+
		"--steps 6 --step 2 --seed 3 --save p.npy --trace t.json")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "block2_conv1_5.png")

	require.Equal(t, image.Pt(30, 41), pngSize(t, "block2_conv1_5.png"))

	saved, err := numpy.FromNpyFile("p.npy")
	require.NoError(t, err)
	require.Equal(t, []int{41, 30, 3}, saved.Shape().Dimensions)

	var got trace
	data, err := os.ReadFile("t.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, "block2_conv1", got.Layer)
	require.Equal(t, []int{5}, got.Filters)
	require.Equal(t, [2]int{41, 30}, got.Size)
	require.Equal(t, []bool{false}, got.Dead)
	require.Len(t, got.Loss[0], 6)
	require.Greater(t, got.Loss[0][5], got.Loss[0][0])
	require.Positive(t, got.Seconds.Ascent)

	// Going on from the saved picture continues the climb.
	flat := tensors.MustCopyFlatData[float32](saved)
	require.NoError(t, numpy.ToNpyFile(tensors.FromFlatDataAndDimensions(flat, 1, 41, 30, 3), "start.npy"))
	status, _, stderr = runCommand(t,
		strings.Fields("pattern --layer block2_conv1 --filter 5 --start start.npy --steps 1 --trace t.json")...)
	require.Equal(t, exitOK, status, stderr)
	last := got.Loss[0][5]
	data, err = os.ReadFile("t.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &got))
	require.Greater(t, got.Loss[0][0], last)
}

func TestGridWritesASheet(t *testing.T) {
	needWeights(t)
	t.Chdir(t.TempDir())
	status, stdout, stderr := runCommand(t, strings.Fields("grid --layer block1_conv1 --filters 30-35 --size 20 "+
		"--margin 0 --steps 2 --rescue=false --save all.npy --out sheet.png")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "dead from this start, so the picture is only noise: block1_conv1 filter 32")
	require.Equal(t, image.Pt(40, 60), pngSize(t, "sheet.png"), "three rows, two columns, no margin")
	saved, err := numpy.FromNpyFile("all.npy")
	require.NoError(t, err)
	require.Equal(t, []int{6, 20, 20, 3}, saved.Shape().Dimensions)

	// Without --rescue=false the silent one is woken, and the sheet comes out the same again.
	status, stdout, stderr = runCommand(t, strings.Fields("grid --layer block1_conv1 --filters 31-33 --size 20 "+
		"--scores --out woken.png --trace t.json")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "rescued by strong noise: block1_conv1 filter 32")
	require.Contains(t, stdout, "after shifting and blurring")
	var got trace
	data, err := os.ReadFile("t.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &got))
	require.Equal(t, ascent.Rescued, got.Fates[1].Life)
	require.Len(t, got.Scores, 3)
	status, stdout, stderr = runCommand(t, "reproduce", "woken.png")
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, identical)
}

// TestMethodsAndObjectives makes pictures by another method and for more than one filter, and makes them again.
func TestMethodsAndObjectives(t *testing.T) {
	needWeights(t)
	t.Chdir(t.TempDir())
	for name, args := range map[string][]string{
		"crisp": {"--method", "crisp", "--layer", "block2_conv1", "--filter", "3", "--size", "36", "--steps", "5"},
		"parts": {"--method", "crisp,steps=4", "--transforms", "jitter:2+flip", "--optimizer", "nadam", "--color",
			"gray", "--size", "32", "--layer", "block1_conv2"},
		"octaves": {"--octaves", "2", "--steps", "6", "--size", "40", "--layer", "block2_conv1"},
		"objective": {"--method", "crisp", "--steps", "4", "--size", "36", "--objective",
			"channel:block2_conv1:3 - 0.5*channel:block1_conv2:7"},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "parts" {
				level.OnlyFull(t, "compiles two more programs")
			}
			bars, labels := progress.New, []string{}
			progress.New = func(what string, total int64, unit progress.Unit) progress.Bar {
				labels = append(labels, what)
				return bars(what, total, unit)
			}
			t.Cleanup(func() { progress.New = bars })
			file := name + ".png"
			status, _, stderr := runCommand(t, append([]string{"pattern", "--out", file}, args...)...)
			require.Equal(t, exitOK, status, stderr)
			at := slices.IndexFunc(args, func(a string) bool { return a == "--layer" || a == "--objective" })
			require.Contains(t, labels, args[at+1], "the bar is named for what climbs")
			status, stdout, stderr := runCommand(t, "reproduce", file)
			require.Equal(t, exitOK, status, stderr)
			require.Contains(t, stdout, identical)
		})
	}
}

func TestMethodMistakes(t *testing.T) {
	for args, want := range map[string]string{
		"pattern --method crips":                               "did you mean crisp?",
		"pattern --transforms jiter:2":                         "did you mean jitter?",
		"pattern --optimizer adan":                             "did you mean adam?",
		"pattern --objective channel:block4_conv9:1":           "did you mean block4_conv1?",
		"pattern --objective channel:block1_conv1:64":          "choose 0 to 63",
		"pattern --objective chanel:block1_conv1:1":            "did you mean channel?",
		"pattern --objective caricature:block1_conv1:no.gif":   "no.gif",
		"census --layer block1_conv1 --photos nowhere":         "nowhere",
		"census --layer block9":                                "did you mean",
		"census --size 0":                                      "size",
		"methods --out x.png --layer block1_conv1 --filter 99": "choose 0 to 63",
	} {
		t.Run(args, func(t *testing.T) {
			status, _, stderr := runCommand(t, strings.Fields(args)...)
			require.NotEqual(t, exitOK, status)
			require.Contains(t, stderr, want)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		})
	}
}

// TestCensus counts the first layer, and a sample of the deepest.
func TestCensus(t *testing.T) {
	level.OnlyFull(t, "makes the pictures of 64 filters, some of them again and again")
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("photos", 0o755))
	require.NoError(t, file.Write("photos/ramp.png", func(w io.Writer) error {
		img := image.NewNRGBA(image.Rect(0, 0, 80, 60))
		for i := range img.Pix {
			img.Pix[i] = uint8(i * 7)
		}
		return png.Encode(w, img)
	}))
	status, stdout, stderr := runCommand(t, strings.Fields("census --layer block1_conv1 --size 64 --photos photos")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "| block1_conv1 | 64 | 6 | 58 | 6 | 0 | 0 | 100.0 %",
		"the reference counts six dead at 64 px")
	lines, err := os.ReadFile("census.csv")
	require.NoError(t, err)
	require.Equal(t, 65, strings.Count(string(lines), "\n"))

	status, stdout, stderr = runCommand(t,
		strings.Fields("census --layer block5_conv3 --filters 0-7 --size 64 --steps 20 --out deep.md")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "| 0 | 0 | 100.0 % | - |", "all of them fire")
}

func TestJobLargerThanMemory(t *testing.T) {
	needWeights(t)
	t.Chdir(t.TempDir())
	status, _, stderr := runCommand(t, "pattern", "--size", "60000")
	require.Equal(t, exitFailure, status)
	require.Contains(t, stderr, "MiB")
	require.Contains(t, stderr, "smaller size")
	require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
}
