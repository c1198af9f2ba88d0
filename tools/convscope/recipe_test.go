// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/recipe"
)

// saved writes a small picture with a recipe and returns its path.
func saved(t *testing.T, change func(*recipe.Recipe)) string {
	t.Helper()
	r := recipe.Recipe{
		Format: recipe.Format, Kind: recipe.Pattern, Layer: "block1_conv1", Filters: []int{3}, Height: 8, Width: 8, Steps: 2, Step: 1, Seed: 1,
		Batch: 1, Convolution: "auto", Weights: strings.Repeat("0", 64), Backend: "pure Go", Platform: "linux/amd64", Versions: recipe.Current(),
	}
	change(&r)
	var plain bytes.Buffer
	require.NoError(t, png.Encode(&plain, image.NewNRGBA(image.Rect(0, 0, 8, 8))))
	data, err := recipe.Insert(plain.Bytes(), r)
	require.NoError(t, err)
	return write(t, data)
}

func write(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "picture.png")
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return path
}

func TestShow(t *testing.T) {
	path := saved(t, func(*recipe.Recipe) {})
	status, stdout, stderr := runCommand(t, "show", path)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "block1_conv1")
	status, stdout, _ = runCommand(t, "show", "--json", path)
	require.Equal(t, exitOK, status)
	require.Contains(t, stdout, `"layer": "block1_conv1"`)
}

func TestFilesWithoutAUsableRecipe(t *testing.T) {
	var plain bytes.Buffer
	require.NoError(t, png.Encode(&plain, image.NewNRGBA(image.Rect(0, 0, 8, 8))))
	good, err := os.ReadFile(saved(t, func(*recipe.Recipe) {}))
	require.NoError(t, err)
	damaged := bytes.Replace(good, []byte("block1"), []byte("block2"), 1) // the checksum tells
	tests := map[string]struct {
		path     string
		commands []string
		words    string
	}{
		"no file":        {"nowhere.png", []string{"show", "reproduce"}, "nowhere.png"},
		"a folder":       {t.TempDir(), []string{"show", "reproduce"}, "not a regular file"},
		"a text":         {write(t, []byte("no picture")), []string{"show", "reproduce"}, "PNG"},
		"an empty file":  {write(t, nil), []string{"show", "reproduce"}, "PNG"},
		"no recipe":      {write(t, plain.Bytes()), []string{"show", "reproduce"}, "recipe"},
		"cut off":        {write(t, good[:60]), []string{"show", "reproduce"}, "damaged"},
		"changed":        {write(t, damaged), []string{"show", "reproduce"}, "damaged"},
		"unknown layer":  {saved(t, func(r *recipe.Recipe) { r.Layer = "block9_conv9" }), []string{"reproduce"}, "block9_conv9"},
		"unknown filter": {saved(t, func(r *recipe.Recipe) { r.Filters = []int{64} }), []string{"reproduce"}, "choose 0 to 63"},
	}
	for name, test := range tests {
		for _, command := range test.commands {
			t.Run(name+", "+command, func(t *testing.T) {
				status, stdout, stderr := runCommand(t, command, test.path)
				require.Equal(t, exitFailure, status)
				require.Empty(t, stdout)
				require.Contains(t, stderr, test.words)
				require.Equal(t, 1, strings.Count(stderr, "\n"), "one line: %q", stderr)
			})
		}
	}
}

func TestReproducesByteForByte(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real weights and a PJRT plugin: run without -short")
	}
	for name, args := range map[string][]string{
		"pattern": {"pattern", "--layer", "block3_conv1", "--size", "64", "--steps", "5"},
		"grid":    {"grid", "--layer", "block2_conv1", "--filters", "0-5", "--size", "32", "--steps", "4", "--order", "row"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			first, again := filepath.Join(dir, "first.png"), filepath.Join(dir, "first_again.png")
			status, _, stderr := runCommand(t, append(args, "--out", first)...)
			require.Equal(t, exitOK, status, stderr)
			status, stdout, stderr := runCommand(t, "reproduce", first)
			require.Equal(t, exitOK, status, stderr)
			require.Contains(t, stdout, identical)
			was, err := os.ReadFile(first)
			require.NoError(t, err)
			is, err := os.ReadFile(again)
			require.NoError(t, err)
			require.True(t, bytes.Equal(was, is))
		})
	}
}
