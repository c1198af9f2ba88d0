// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/stretchr/testify/require"
)

// TestBadAscents are refused with one line before anything is fetched or computed.
func TestBadAscents(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	doubles := tensors.FromScalarAndDimensions(1.0, 1, 8, 8, 3)
	require.NoError(t, numpy.ToNpyFile(doubles, "doubles.npy"))
	require.NoError(t, os.WriteFile("text.npy", []byte("no array"), 0o600))
	whole, err := os.ReadFile("doubles.npy")
	require.NoError(t, err)
	whole = bytes.Replace(whole, []byte("<f8"), []byte("<f4"), 1)
	whole = bytes.Replace(whole, []byte("(1, 8, 8, 3)"), []byte("(9999999, 9)"), 1)
	require.NoError(t, os.WriteFile("giant.npy", whole, 0o600))

	tests := map[string]struct {
		args   string
		status int
		words  string
	}{
		"layer":           {"pattern --layer block3_conv9", 1, "did you mean block3_conv"},
		"filter":          {"pattern --layer block1_conv1 --filter 64", 1, "choose 0 to 63"},
		"negative filter": {"pattern --filter -1", 1, "choose 0 to 255"},
		"filters":         {"grid --filters 60-70", 1, "block1_conv1 has no filter 64: choose 0 to 63"},
		"filter range":    {"grid --filters a", 2, "write such as 0-63"},
		"size":            {"pattern --size big", 2, "HEIGHTxWIDTH"},
		"small size":      {"pattern --layer block5_conv1 --size 15x200", 1, "at least 16x16"},
		"steps":           {"pattern --steps 0", 2, "at least 1"},
		"step":            {"pattern --step 0", 2, "moves nothing"},
		"seed":            {"pattern --seed 0", 2, "from 1 up"},
		"margin":          {"grid --margin -1", 2, "0 to 1000"},
		"order":           {"grid --order diagonal", 2, "column"},
		"no such start":   {"pattern --start none.npy", 1, "none.npy"},
		"start of text":   {"pattern --start text.npy", 1, "a .npy file is needed"},
		"start of double": {"pattern --start doubles.npy", 1, "needed is float32"},
		"giant start":     {"pattern --start giant.npy", 1, "shape [9999999 9]"},
		"start a folder":  {"pattern --start .", 1, "not a regular file"},
		"out nowhere":     {"pattern --out no/such/folder.png", 1, "make it first"},
		"out a folder":    {"pattern --out .", 1, "name a file"},
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
	if testing.Short() {
		t.Skip("-short: needs the weights (59 MB) and XLA")
	}
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
	status, stdout, stderr := runCommand(t, strings.Fields("pattern --layer block2_conv1 --filter 5 --size 41x30 --steps 6 --step 2 --seed 3 --save p.npy --trace t.json")...)
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
	status, _, stderr = runCommand(t, strings.Fields("pattern --layer block2_conv1 --filter 5 --start start.npy --steps 1 --trace t.json")...)
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
	status, stdout, stderr := runCommand(t, strings.Fields("grid --layer block1_conv1 --filters 30-35 --size 20 --margin 0 --steps 2 --save all.npy --out sheet.png")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "dead from this start, so the picture is only noise: block1_conv1 filter 32")
	require.Equal(t, image.Pt(40, 60), pngSize(t, "sheet.png"), "three rows, two columns, no margin")
	saved, err := numpy.FromNpyFile("all.npy")
	require.NoError(t, err)
	require.Equal(t, []int{6, 20, 20, 3}, saved.Shape().Dimensions)
}

func TestInterruptKeepsThePicture(t *testing.T) {
	needWeights(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	var stdout, stderr bytes.Buffer
	done := make(chan int, 1)
	out := filepath.Join(dir, "stopped.png")
	go func() {
		done <- execute(ctx, []string{"pattern", "--layer", "block3_conv1", "--size", "64", "--steps", "100000", "--out", out}, &stdout, &stderr)
	}()
	time.Sleep(5 * time.Second) // long enough to start, too short for 100,000 steps
	cancel()
	require.Equal(t, exitInterrupted, <-done)
	require.Contains(t, stderr.String(), "stopped early, "+out+" holds the picture so far")
	_, err := os.Stat(out)
	require.NoError(t, err)
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
