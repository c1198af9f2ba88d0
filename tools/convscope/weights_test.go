// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/stretchr/testify/require"
)

// TestBadWeightsComeFirst gives weights that are missing or are none: the answer comes before anything is fetched.
func TestBadWeightsComeFirst(t *testing.T) {
	dir := t.TempDir()
	clone, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	cache := filepath.Join(dir, "cache")
	t.Setenv("CONVSCOPE_CACHE", cache)
	t.Setenv("CONVSCOPE_WEIGHTS", "")
	photo := filepath.Join(dir, "photo.png")
	whole, err := os.ReadFile(filepath.Join(clone, "vgg16", "testdata", "block1_conv1.png"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(photo, whole, 0o600))
	t.Chdir(clone)
	none, text := filepath.Join(dir, "none.h5"), filepath.Join(dir, "text.h5")
	require.NoError(t, os.WriteFile(text, []byte("no weights"), 0o600))
	for file, words := range map[string]string{none: "file does not exist; give a weights file",
		text: "not a weights file", dir: "not a regular file"} {
		for name, args := range map[string]string{
			"pattern": "pattern --out " + dir + "/a.png --weights " + file, "run": "run --weights " + file,
			"activations": "activations --image " + photo + " --out " + dir + "/b.png --weights " + file,
			"heatmap":     "heatmap --image " + photo + " --out " + dir + "/c.png --top " + file,
			"census":      "census --out " + dir + "/d.md --weights " + file,
		} {
			t.Run(name, func(t *testing.T) {
				status, _, stderr := runCommand(t, strings.Fields(args)...)
				require.Equal(t, exitFailure, status, stderr)
				require.Contains(t, stderr, words)
				require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
				require.NoDirExists(t, cache, "something was fetched")
			})
		}
	}
}

// TestStartFitsSave starts from a picture as --save writes it, and from doubles, as NumPy makes them.
func TestStartFitsSave(t *testing.T) {
	needWeights(t)
	t.Chdir(t.TempDir())
	pattern := "pattern --layer block1_conv1 --filter 3 --steps 1 "
	status, _, stderr := runCommand(t, strings.Fields(pattern+"--size 21x30 --save saved.npy")...)
	require.Equal(t, exitOK, status, stderr)
	saved, err := numpy.FromNpyFile("saved.npy")
	require.NoError(t, err)
	flat, err := tensors.CopyFlatData[float32](saved)
	require.NoError(t, err)
	doubles := make([]float64, len(flat))
	for i, v := range flat {
		doubles[i] = float64(v)
	}
	require.NoError(t, numpy.ToNpyFile(tensors.FromFlatDataAndDimensions(doubles, 21, 30, 3), "doubles.npy"))
	for _, start := range []string{"saved", "doubles"} {
		status, _, stderr = runCommand(t, strings.Fields(pattern+"--start "+start+".npy --out "+start+".png")...)
		require.Equal(t, exitOK, status, stderr)
	}
	one, err := os.ReadFile("saved.png")
	require.NoError(t, err)
	other, err := os.ReadFile("doubles.png")
	require.NoError(t, err)
	require.Equal(t, one, other)
}
