// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/file"
	"convscope/internal/level"
	"convscope/pkg/picture"
	"convscope/pkg/sample"
	"convscope/vgg16"
)

// inFolderWithPhoto changes to an empty folder with a small photo, photo.png, and a text, text.jpg.
func inFolderWithPhoto(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	require.NoError(t, file.Write("photo.png", func(w io.Writer) error {
		img := image.NewNRGBA(image.Rect(0, 0, 90, 60))
		for i := range 90 * 60 {
			img.SetNRGBA(i%90, i/90, color.NRGBA{uint8(i), uint8(i / 7), uint8(i % 90 * 2), 255})
		}
		return png.Encode(w, img)
	}))
	require.NoError(t, os.WriteFile("text.jpg", []byte("no picture"), 0o644))
}

func TestPhotoMistakes(t *testing.T) {
	inFolderWithPhoto(t)
	for args, want := range map[string]string{
		"activations":                                                      "--image cat.jpg",
		"activations --image no.jpg":                                       "no.jpg",
		"activations --image text.jpg":                                     "give a JPEG, PNG, GIF or WebP file",
		"activations --image .":                                            "it is a folder",
		"activations --image photo.png --layer block9_conv1":               "did you mean",
		"activations --image photo.png --channel 64":                       "choose 0 to 63",
		"activations --image photo.png --colors pink":                      "viridis",
		"activations --image photo.png --layer block5_pool --size 8":       "too small",
		"activations --image photo.png --out nowhere/a.png":                "there is no folder nowhere",
		"heatmap --image photo.png --method gradcm":                        "did you mean gradcam?",
		"heatmap --image photo.png --layer block6_conv1":                   "did you mean",
		"heatmap --image photo.png --strength 2":                           "above 0 and up to 1",
		"heatmap --image photo.png --classifier mine":                      "auto, imagenet or samples",
		"heatmap --image photo.png --classifier imagenet --top text.jpg":   "text.jpg",
		"heatmap --image text.jpg":                                         "give a JPEG, PNG, GIF or WebP file",
		"explain --image photo.png --by size":                              "activation or share",
		"explain --image photo.png --channels 0":                           "give 1 to 1280",
		"explain --image photo.png --layer block4_conv3":                   "it is a layer of VGG16: give --model vgg16",
		"explain --image photo.png --classifier samples --layer head_conv": "vgg16 has no layer \"head_conv\"",
		"explain --image photo.png --model vgg16 --channels 513":           "give 1 to 512",
		"explain --image photo.png --method crips":                         "did you mean crisp?",
		"contest --method crips":                                           "did you mean crisp?",
		"contest --blocks 6":                                               "choose 1 to 5",
		"contest --filters 0":                                              "at least 1",
		"pattern --photos nowhere --scores":                                "nowhere",
	} {
		t.Run(args, func(t *testing.T) {
			status, _, stderr := runCommand(t, strings.Fields(args)...)
			require.NotEqual(t, exitOK, status)
			require.Contains(t, stderr, want)
			require.LessOrEqual(t, strings.Count(stderr, "\n"), 2, stderr)
		})
	}
	made, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Len(t, made, 2, "nothing was left behind")
}

func TestActivations(t *testing.T) {
	needWeights(t)
	inFolderWithPhoto(t)
	status, stdout, stderr := runCommand(t,
		strings.Fields("activations --image photo.png --layer block3_conv1 --size 64")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "block3_conv1: 256 channels of 16x16 places")
	require.Equal(t, image.Pt(16*16, 16*16), sizeOf(t, "block3_conv1_activations.png"))
	status, _, stderr = runCommand(t,
		strings.Fields("activations --image photo.png --layer block2_conv2 --channel 3 --size 64x96 --out one.png")...)
	require.Equal(t, exitOK, status, stderr)
	require.Equal(t, image.Pt(48, 32), sizeOf(t, "one.png"))
}

// TestHeatmapAndExplain look at a real photograph with the small classifier.
func TestHeatmapAndExplain(t *testing.T) {
	level.OnlyFull(t, "trains the small classifier twice")
	inFolderWithPhoto(t)
	cat, err := sample.Open(t.Context(), "chelsea")
	require.NoError(t, err)
	require.NoError(t, file.Write("cat.png", func(w io.Writer) error { return png.Encode(w, cat) }))

	status, stdout, stderr := runCommand(t,
		strings.Fields("heatmap --image cat.png --classifier samples --method layercam --box")...)
	require.Equal(t, exitOK, status, stderr)
	require.Regexp(t, `^cat: \d\d\.\d %`, stdout)
	require.Contains(t, stdout, "layercam of block5_conv3: 14x22 places")
	require.Equal(t, 224+24, sizeOf(t, "heatmap.png").Y)

	status, stdout, stderr = runCommand(t, strings.Fields("explain --image cat.png --classifier samples --class cat "+
		"--channels 2 --method crisp,steps=8 --out story.png")...)
	require.Equal(t, exitOK, status, stderr)
	require.Equal(t, 2, strings.Count(stdout, "block5_conv3 channel "), stdout)
	require.Greater(t, sizeOf(t, "story.png").Y, 500)

	status, _, stderr = runCommand(t, strings.Fields("heatmap --image cat.png --classifier samples --class dog")...)
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "did you mean cat, coffee, rocket or astronaut?")
}

// TestExplainImageNet asks EfficientNet-Lite0, which needs no weights of 553 MB for ImageNet's classes.
func TestExplainImageNet(t *testing.T) {
	level.Real(t, "needs EfficientNet-Lite0's weights (19 MB)")
	inFolderWithPhoto(t)
	cat, err := sample.Open(t.Context(), "chelsea")
	require.NoError(t, err)
	require.NoError(t, file.Write("cat.png", func(w io.Writer) error { return png.Encode(w, cat) }))

	status, stdout, stderr := runCommand(t,
		strings.Fields("explain --image cat.png --class tabby --channels 2 --method book,steps=4 --out story.png")...)
	require.Equal(t, exitOK, status, stderr)
	require.Regexp(t, `^tabby: \d+\.\d %`, stdout)
	require.Equal(t, 2, strings.Count(stdout, "head_conv channel "), stdout)
	require.Greater(t, sizeOf(t, "story.png").Y, 500)

	status, stdout, stderr = runCommand(t, strings.Fields("heatmap --model efficientnet-lite0 --image cat.png")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "Egyptian_cat: ")
	require.Contains(t, stdout, "gradcam of head_conv: 7x7 places")

	status, _, stderr = runCommand(t, strings.Fields("explain --image cat.png --class nothing")...)
	require.Equal(t, exitUsage, status)
	require.Contains(t, stderr, "did you mean ")
	require.NotContains(t, stderr, "patterns")
}

// TestReproduceFindsNetwork makes a picture of EfficientNet-Lite0's again, whose recipe tells the network.
func TestReproduceFindsNetwork(t *testing.T) {
	level.Real(t, "needs EfficientNet-Lite0's weights (19 MB)")
	t.Chdir(t.TempDir())
	for _, command := range []string{
		"pattern --model efficientnet-lite0 --layer _blocks.1._expand_conv --filter 3 --size 32 --steps 2 --out made.png",
		"reproduce made.png --out again.png", "reproduce made.png --model efficientnet-lite0 --out again.png",
	} {
		status, stdout, stderr := runCommand(t, strings.Fields(command)...)
		require.Equal(t, exitOK, status, stderr)
		if strings.HasPrefix(command, "reproduce") {
			require.Contains(t, stdout, "identical, byte for byte")
		}
	}
	status, _, stderr := runCommand(t, strings.Fields("reproduce made.png --model vgg16 --out again.png")...)
	require.Equal(t, exitFailure, status)
	require.Contains(t, stderr, "it is of efficientnet-lite0: leave --model away")
}

func TestContest(t *testing.T) {
	level.OnlyFull(t, "compiles for four layers by two methods")
	t.Chdir(t.TempDir())
	status, stdout, stderr := runCommand(t, strings.Fields("contest --method keras-io,steps=10 --against "+
		"book,steps=10 --blocks 1,2 --filters 4 --size 64 --out duel")...)
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "| 1 | 4 |")
	require.Contains(t, stdout, "| 2 | 4 |")
	require.NotZero(t, sizeOf(t, "duel-block1.jpg"))
	require.NotZero(t, sizeOf(t, "duel-block2.jpg"))
}

// TestTopIsAsked says that without the top's weights the small classifier is taken.
func TestTopIsAsked(t *testing.T) {
	t.Setenv(vgg16.EnvTop, "")
	t.Setenv("CONVSCOPE_CACHE", t.TempDir())
	require.False(t, vgg16.TopIsHere())
	require.Equal(t, absent, examineTop(t.Context(), choices{})[0].Health)
	t.Setenv(vgg16.EnvTop, "some.h5")
	require.True(t, vgg16.TopIsHere())
	found := examineTop(t.Context(), choices{})
	require.Equal(t, broken, found[0].Health)
	require.Contains(t, found[0].About, "some.h5")
}

func sizeOf(t *testing.T, path string) image.Point {
	t.Helper()
	img, err := picture.Open(path)
	require.NoError(t, err)
	return img.Bounds().Size()
}
