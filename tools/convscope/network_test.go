// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/progress"
	"convscope/internal/sketch"
)

// writeNetwork writes a small network, of pictures of one channel.
func writeNetwork(t *testing.T, path string, seed float64) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, sketch.ONNX(sketch.Options{Channels: 1, Side: 12, Seed: seed}), 0o600))
}

// TestModel runs the commands on a network of the user's own.
func TestModel(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CONVSCOPE_DEVICE", "go")
	t.Setenv("CONVSCOPE_CACHE", filepath.Join(t.TempDir(), "none"))
	writeNetwork(t, "my.onnx", 1)
	writeNetwork(t, "other.onnx", 2)
	require.NoError(t, os.WriteFile("my.classes.txt", []byte("cat\ndog\nowl\n"), 0o600))
	writePhoto(t, "photo.png")

	run := func(args ...string) (out string) {
		t.Helper()
		status, stdout, stderr := runCommand(t, args...)
		require.Zero(t, status, stderr)
		return stdout + stderr
	}
	layers := run("layers", "--model", "my.onnx", "--input", "unit")
	for _, words := range []string{"pictures of 12x12 pixels and 1 channel, as --input unit (given)",
		"a.conv:1", "12 x 12 x 4"} {
		require.Contains(t, layers, words)
	}
	own := []string{"--model", "my.onnx", "--input", "unit"}
	run(append([]string{"pattern", "--layer", "a.conv:1", "--filter", "2", "--steps", "3", "--size", "12"}, own...)...)
	require.FileExists(t, "a.conv_1_2.png", "a name that every file system takes")
	require.Contains(t, run(append([]string{"reproduce", "a.conv_1_2.png"}, own...)...), "identical, byte for byte")
	require.Contains(t, run("reproduce", "a.conv_1_2.png", "--model", "my.onnx"), "identical, byte for byte",
		"the recipe says how it was fed")
	require.Contains(t, run("show", "a.conv_1_2.png"),
		"my.onnx, to be given by --model; it takes pictures as --input unit")
	run(append([]string{"grid", "--steps", "3", "--size", "12", "--method", "crisp", "--image", "pixels:0.01",
		"--transforms", "none", "--out", "sheet.png"}, own...)...)
	run("pattern", "--model", "my.onnx", "--input", "unit", "--objective",
		`channel:"a.conv:1":1 - channel:"a.conv:1":2`, "--steps", "2", "--size", "12")
	require.Contains(t, run(append([]string{"heatmap", "--image", "photo.png", "--class", "dog", "--layer",
		"a.conv:1"}, own...)...), "dog: ")
	require.Contains(t, run(append([]string{"activations", "--image", "photo.png", "--layer", "a.relu"}, own...)...),
		"4 channels of 12x12 places")
	run(append([]string{"census", "--size", "12", "--steps", "2", "--layer", "all"}, own...)...)

	for name, test := range map[string]struct {
		args  []string
		words string
	}{
		"other weights": {[]string{"reproduce", "a.conv_1_2.png", "--model", "other.onnx", "--input", "unit"},
			"give it with --model"},
		"no network": {[]string{"reproduce", "a.conv_1_2.png"},
			`it is of another network than VGG16, "my.onnx": give it with --model`},
		"other input": {[]string{"reproduce", "a.conv_1_2.png", "--model", "my.onnx", "--input", "tf"},
			"give --input unit"},
		"no layer":    {[]string{"pattern", "--model", "my.onnx", "--layer", "a.konv"}, "did you mean a.conv:1"},
		"no way":      {[]string{"layers", "--model", "my.onnx", "--input", "torch"}, "choose from imagenet"},
		"for colours": {[]string{"layers", "--model", "my.onnx", "--input", "caffe"}, "it is for 3 channels"},
		"input alone": {[]string{"layers", "--input", "tf"}, "name it with --model"},
		"another's":   {[]string{"layers", "--model", "my.onnx", "--weights", "x.h5"}, "--weights is for VGG16"},
		"pickle":      {[]string{"layers", "--model", "photo.png"}, "give a .keras, .h5 or .onnx file"},
		"no such class": {[]string{"heatmap", "--model", "my.onnx", "--input", "unit", "--image", "photo.png",
			"--class", "fish", "--layer", "a.relu"}, `no class "fish"`},
		"its classes": {[]string{"layers", "--model", "my.onnx", "--input", "unit", "--classes", "gone.txt"},
			"gone.txt"},
		"another's top": {[]string{"heatmap", "--model", "my.onnx", "--image", "photo.png", "--classifier",
			"imagenet"}, "is VGG16's"},
		"the network out": {[]string{"pattern", "--model", "my.onnx", "--input", "unit", "--layer", "a.conv:1",
			"--out", "my.onnx"}, "my.onnx"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := runCommand(t, test.args...)
			require.NotZero(t, status)
			require.Contains(t, stderr, test.words)
			require.NotContains(t, stderr, "goroutine")
		})
	}
}

// TestInputAndFeed says what the network takes, and how a method feeds it, in the words before there was --feed too.
func TestInputAndFeed(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CONVSCOPE_DEVICE", "go")
	writeNetwork(t, "my.onnx", 1)
	writePhoto(t, "photo.png")
	own := []string{"--model", "my.onnx", "--layer", "a.conv:1", "--out", "p.png"}
	pattern := slices.Clip(slices.Concat([]string{"pattern", "--steps", "2", "--size", "12"}, own))
	heatmap := slices.Clip(slices.Concat([]string{"heatmap", "--image", "photo.png", "--class", "1"}, own))
	for name, test := range map[string]struct {
		args           []string
		method, input  string
		asked, refused string
	}{
		"nothing":         {pattern, "book", "raw", "nothing in my.onnx says", ""},
		"raw, either way": {append(pattern, "--input", "raw"), "book", "raw", "", ""},
		"raw over photo":  {append(pattern, "--input", "raw", "--method", "book,input=photo"), "book", "raw", "", ""},
		"photo":           {append(pattern, "--input", "photo"), "book,input=photo", "raw", "nothing in my.onnx says", ""},
		"both":            {append(pattern, "--feed", "photo", "--input", "raw"), "book,input=photo", "raw", "", ""},
		"unit and photo":  {append(pattern, "--feed", "photo", "--input", "unit"), "book,input=photo", "unit", "", ""},
		"the method's": {append(pattern, "--method", "book,input=photo", "--input", "unit"),
			"book,input=photo", "unit", "", ""},
		"a heatmap's":    {append(heatmap, "--input", "raw"), "", "", "", ""},
		"a feed twice":   {append(pattern, "--feed", "raw", "--input", "photo"), "", "", "", "choose from imagenet"},
		"no such feed":   {append(pattern, "--feed", "caffe"), "", "", "", `--feed: input "caffe": choose raw or photo`},
		"without a file": {[]string{"pattern", "--feed", "photo", "--input", "raw"}, "", "", "", "name it with --model"},
		"of VGG16":       {[]string{"pattern", "--model", "vgg16", "--input", "tf"}, "", "", "", "leave --input tf out"},
	} {
		t.Run(name, func(t *testing.T) {
			said, line := "", progress.Line
			progress.Line = func(text string) { said += text + "\n" }
			defer func() { progress.Line = line }()
			status, _, stderr := runCommand(t, test.args...)
			if test.refused != "" {
				require.NotZero(t, status)
				require.Contains(t, stderr, test.refused)
				return
			}
			require.Zero(t, status, stderr)
			if test.asked == "" {
				require.Empty(t, said)
			}
			require.Contains(t, said, test.asked)
			if test.method != "" {
				made, err := readRecipe("p.png")
				require.NoError(t, err)
				require.Equal(t, test.method, made.Method)
				require.Equal(t, test.input, made.Input)
			}
		})
	}
}

// writePhoto writes a small photograph.
func writePhoto(t *testing.T, path string) {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 30, 20))
	for i := range img.Pix {
		img.Pix[i] = uint8(i*i) | 3
	}
	img.Set(3, 3, color.White)
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, png.Encode(file, img))
	require.NoError(t, file.Close())
}

// TestChannels makes pictures of networks whose pictures have neither one channel nor three.
func TestChannels(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CONVSCOPE_DEVICE", "go")
	writePhoto(t, "photo.png")
	for channels, sheet := range map[int]image.Point{2: image.Pt(25, 12), 4: image.Pt(25, 25), 6: image.Pt(38, 25)} {
		t.Run(fmt.Sprint(channels), func(t *testing.T) {
			require.NoError(t, os.WriteFile("my.onnx", sketch.ONNX(sketch.Options{Channels: channels, Side: 12}), 0o600))
			own := []string{"--model", "my.onnx", "--input", "unit", "--layer", "a.conv:1"}
			run := func(args ...string) string {
				t.Helper()
				status, stdout, stderr := runCommand(t, append(args, own...)...)
				require.Zero(t, status, stderr)
				return stdout
			}
			last := fmt.Sprint(channels - 1)
			for name, test := range map[string]struct {
				args   []string
				size   image.Point
				method string
			}{
				"all":    {nil, sheet, "book"},
				"one":    {[]string{"--show-channels", "1"}, image.Pt(12, 12), "book,show=1"},
				"three":  {[]string{"--show-channels", last + ",0,1"}, image.Pt(12, 12), "book,show=" + last + ":0:1"},
				"two":    {[]string{"--method", "book,show=1:0"}, image.Pt(25, 12), "book,show=1:0"},
				"cut":    {[]string{"--method", "book,trim=2,show=1:0"}, image.Pt(17, 8), "book,trim=2,show=1:0"},
				"colour": {[]string{"--method", "book,color=squashed,step=0.1"}, sheet, "book,color=squashed,step=0.1"},
			} {
				t.Run(name, func(t *testing.T) {
					run(append([]string{"pattern", "--size", "12", "--steps", "2", "--out", "p.png"}, test.args...)...)
					require.Equal(t, test.size, sizeOf(t, "p.png"))
					made, err := readRecipe("p.png")
					require.NoError(t, err)
					require.Equal(t, test.method, made.Method)
					status, stdout, stderr := runCommand(t, "reproduce", "p.png", "--model", "my.onnx", "--out", "again.png")
					require.Zero(t, status, stderr)
					require.Contains(t, stdout+stderr, "identical, byte for byte")
				})
			}
			run("grid", "--size", "12", "--steps", "2", "--out", "g.png", "--margin", "3")
			require.Equal(t, sheet.Mul(2).Add(image.Pt(3, 3)), sizeOf(t, "g.png"))
			run("heatmap", "--image", "photo.png", "--class", "1", "--out", "h.png")
			run("activations", "--image", "photo.png", "--out", "a.png")
			for given, words := range map[string]string{
				fmt.Sprint(channels): fmt.Sprintf("the pictures have %d, counted from 0", channels), "-1": "give a whole number",
				"red": "give a whole number", "0,,1": "give a whole number", "0;1": "give a whole number",
			} {
				status, _, stderr := runCommand(t, append([]string{"pattern", "--show-channels", given}, own...)...)
				require.Equal(t, exitUsage, status)
				require.Contains(t, stderr, words)
			}
		})
	}
	status, _, stderr := runCommand(t, "pattern", "--show-channels", "3")
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "no channel 3 to show", "VGG16 has three")
}

// TestOwnSize gives a layer that takes one size alone pictures of that, unless another was asked for.
func TestOwnSize(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CONVSCOPE_DEVICE", "go")
	writeNetwork(t, "my.onnx", 1)
	scores := []string{"--model", "my.onnx", "--input", "unit", "--layer", "Gemm"}
	for _, command := range []string{"pattern", "grid"} {
		status, _, stderr := runCommand(t, append([]string{command, "--steps", "2", "--out", "p.png"}, scores...)...)
		require.Zero(t, status, stderr)
		made, err := readRecipe("p.png")
		require.NoError(t, err)
		require.Equal(t, [2]int{12, 12}, [2]int{made.Height, made.Width})
		status, _, stderr = runCommand(t, append([]string{command, "--size", "64"}, scores...)...)
		require.Equal(t, exitUsage, status)
		require.Contains(t, stderr, "12x12 does")
	}
	writePhoto(t, "photo.png")
	status, _, stderr := runCommand(t, append([]string{"activations", "--image", "photo.png"}, scores...)...)
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "3 features without places to draw")
}
