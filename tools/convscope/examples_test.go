// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/progress"
	"convscope/pkg/example"
	"convscope/pkg/picture"
)

func TestExamplesMistakes(t *testing.T) {
	inFolderWithPhoto(t)
	require.NoError(t, os.MkdirAll("empty/in/it", 0o755))
	require.NoError(t, os.Mkdir("photos", 0o755))
	require.NoError(t, os.Rename("photo.png", "photos/photo.png"))
	require.NoError(t, os.Mkdir("bad", 0o755))
	require.NoError(t, os.Rename("text.jpg", "bad/text.jpg"))
	for args, test := range map[string]struct {
		status int
		want   string
	}{
		"":                          {exitUsage, "--photos ~/Pictures"},
		"--photos nowhere":          {exitFailure, "no such file"},
		"--photos photos/photo.png": {exitFailure, "is no folder"},
		"--photos empty": {exitFailure,
			"there is no photograph in it that can be read"},
		"--photos bad":                                            {exitFailure, "it is a text file"},
		"--photos photos --layer block9":                          {exitUsage, "did you mean"},
		"--photos photos --filter 256":                            {exitUsage, "choose 0 to 255"},
		"--photos photos --filter -1":                             {exitUsage, "has no filter -1"},
		"--photos photos --filter 1.5":                            {exitUsage, "give a whole number"},
		"--photos photos --filters 3-1":                           {exitUsage, "is no filter or range"},
		"--photos photos --filters 250-260":                       {exitUsage, "choose 0 to 255"},
		"--photos photos --filters 1 --filter 2":                  {exitUsage, "give one of them"},
		"--photos photos --count 0":                               {exitUsage, "at least 1"},
		"--photos photos --count 1001":                            {exitUsage, "1001 examples"},
		"--photos photos --per-photo 0":                           {exitUsage, "at least 1"},
		"--photos photos --scale 0":                               {exitUsage, "a scale of 0"},
		"--photos photos --scale big":                             {exitUsage, `"big" is no number`},
		"--photos photos --scale 1,":                              {exitUsage, `"" is no number`},
		"--photos photos --scale 1,1":                             {exitUsage, "named twice"},
		"--photos photos --scale nan":                             {exitUsage, "a scale of NaN"},
		"--photos photos --layer block5_pool --scale 0.1":         {exitUsage, "too small"},
		"--photos photos --scale 64":                              {exitFailure, "scale 64: the outputs of block3_conv1"},
		"--photos photos --size 0":                                {exitUsage, "give 1 to 2048"},
		"--photos photos --filters 0-255 --count 100 --size 2048": {exitUsage, "too large"},
		"--photos photos --out x.jpg":                             {exitUsage, "ends in .png"},
		"--photos photos --out nowhere/x.png":                     {exitFailure, "there is no folder nowhere"},
		"--photos photos --out photos/photo.png":                  {exitUsage, "it would replace what --photos names"},
		"--photos . --out photos/photo.png":                       {exitUsage, "it would replace what --photos names"},
		"--photos photos --model nothing":                         {exitUsage, "there is no network"},
		"--photos photos extra":                                   {exitUsage, "extra"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Setenv("CONVSCOPE_CACHE", t.TempDir()) // nothing is fetched for them
			status, _, stderr := runCommand(t, append([]string{"examples"}, strings.Fields(args)...)...)
			require.Equal(t, test.status, status, stderr)
			require.Contains(t, stderr, test.want)
			require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		})
	}
}

// TestExamples runs the command on a folder as unlucky as others, for one filter and for several.
func TestExamples(t *testing.T) {
	needWeights(t)
	lines := listen(t)
	dir := photographs(t, 2, 90, colourful)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "deep", "übung"), 0o755))
	require.NoError(t, os.Rename(filepath.Join(dir, "01.png"), filepath.Join(dir, "deep", "übung", "猫.png")))
	require.NoError(t, os.Symlink("..", filepath.Join(dir, "deep", "up")))
	t.Chdir(t.TempDir())
	status, stdout, stderr := runCommand(t, "examples", "--photos", dir, "--layer", "block2_conv1", "--filter", "5",
		"--scale", "0.25", "--size", "40")
	require.Equal(t, exitOK, status, stderr)
	require.Regexp(t, `^block2_conv1 filter 5: fires in \d+\.\d % of 2 photographs\n`+
		` +1  [\d.]+  00\.png, \d+x\d+ pixels at \(\d+, \d+\)\n`+
		` +2  [\d.]+  deep/übung/猫\.png, \d+x\d+ pixels at \(\d+, \d+\)\n`+
		`1 photograph passed over\nblock2_conv1_5_examples\.png\n$`, stdout)
	require.Contains(t, strings.Join(*lines, "\n"), "00-cut.png: damaged or cut off")
	sheet, err := picture.Open("block2_conv1_5_examples.png")
	require.NoError(t, err)
	require.Equal(t, example.SheetSize(1, 2, 40), sheet.Bounds().Size())

	status, stdout, stderr = runCommand(t, strings.Fields("examples --photos "+dir+
		" --layer block2_conv1 --filters 0,7-8 --count 1 --scale 0.25,0.5 --size 30 --map --out sheet.png")...)
	require.Equal(t, exitOK, status, stderr)
	require.Equal(t, 3, strings.Count(stdout, ", at scale 0."))
	sheet, err = picture.Open("sheet.png")
	require.NoError(t, err)
	require.Equal(t, example.SheetSize(6, 1, 30), sheet.Bounds().Size())
}

// TestExamplesStop interrupts at the first photograph.
func TestExamplesStop(t *testing.T) {
	needWeights(t)
	dir := photographs(t, 3, 40, colourful)
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	bars := progress.New
	progress.New = func(what string, total int64, unit progress.Unit) progress.Bar {
		if what == "photographs" {
			cancel()
		}
		return bars(what, total, unit)
	}
	t.Cleanup(func() { progress.New = bars })
	var stdout, stderr bytes.Buffer
	status := execute(ctx, []string{"examples", "--photos", dir, "--layer", "block1_conv1", "--scale", "0.2"},
		&stdout, &stderr)
	require.Equal(t, exitInterrupted, status)
	require.Equal(t, "convscope: stopped\n", stderr.String())
	require.Empty(t, stdout.String())
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestExamplesOfOnePixel looks at the smallest photograph that there can be.
func TestExamplesOfOnePixel(t *testing.T) {
	needWeights(t)
	listen(t)
	dir := t.TempDir()
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, image.NewGray(image.Rect(0, 0, 1, 1))))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "one.png"), file.Bytes(), 0o644))
	t.Chdir(t.TempDir())
	status, stdout, stderr := runCommand(t, "examples", "--photos", dir, "--layer", "block1_conv1",
		"--scale", "0.2", "--map")
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "one.png, 1x1 pixels at (0, 0)")
}
