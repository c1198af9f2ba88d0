// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package texture_test

import (
	"context"
	"flag"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/notebooks/texture"
	"convscope/pkg/device"
	"convscope/pkg/heatmap"
	"convscope/pkg/network"
	"convscope/tools/jupyter"
)

var keep = flag.Bool("keep", false, "keep the network that TestTrain trains, in the place of the one that is here")

const mostBytes = 300_000 // what the repository takes

func TestDraw(t *testing.T) {
	for _, name := range texture.Classes() {
		one, err := texture.Draw(name, 3)
		require.NoError(t, err)
		require.Equal(t, image.Rect(0, 0, texture.Side, texture.Side), one.Bounds())
		require.True(t, one.Patch.In(one.Bounds()), "%v", one.Patch)
		require.Equal(t, one, texture.MustDraw(name, 3))
		require.NotEqual(t, one.Pix, texture.MustDraw(name, 4).Pix)
	}
	_, err := texture.Draw("cat", 1)
	require.EqualError(t, err, `there is no texture "cat": choose from stripes, checks, dots, rings`)
	require.Panics(t, func() { texture.MustDraw("", 1) })
	require.Equal(t, image.Pt(20, 20), texture.MustPair("dots", "rings", 1).Patch.Size().Div(2).Add(image.Pt(2, 2)))
	require.Panics(t, func() { texture.MustPair("dots", "ring", 1) })
}

// TestKept holds the network that is here: small, whole, and right on pictures that it has not seen.
func TestKept(t *testing.T) {
	t.Setenv("CONVSCOPE_CACHE", t.TempDir())
	path := texture.MustFile()
	good(t, path, device.Go, 40)
	require.NoError(t, os.WriteFile(path, []byte("damaged"), 0o600))
	good(t, texture.MustFile(), device.Go, 4)
	t.Setenv("CONVSCOPE_CACHE", filepath.Join(path, "no folder"))
	_, err := texture.File()
	require.Error(t, err)
}

// TestKeptIsRight is TestKept for many pictures, and for where the network sees them.
func TestKeptIsRight(t *testing.T) {
	level.Real(t, "needs XLA")
	good(t, texture.MustFile(), device.CPU, 400)
}

// good holds a network: its size, what it says to so many fresh pictures, and that the warmest place of most heatmaps
// sees the texture.
func good(t *testing.T, path string, kind device.Kind, pictures int) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(mostBytes))
	dev := device.MustNew(device.Options{Kind: kind})
	defer dev.Close()
	m, err := network.Open(t.Context(), dev, network.Options{Model: path,
		Report: func(line string) { t.Errorf("the file says all: %s", line) }})
	require.NoError(t, err)
	defer m.Close()
	var fresh []image.Image
	var patches []image.Rectangle
	var names []string
	for i := range pictures {
		name := texture.Classes()[i%len(texture.Classes())]
		one := texture.MustDraw(name, uint64(1000+i))
		fresh, patches, names = append(fresh, one), append(patches, one.Patch), append(names, name)
	}
	prediction, err := m.Predict(fresh...)
	require.NoError(t, err)
	right := 0
	for i, guesses := range prediction.MustTop(1) {
		if guesses[0].Name == names[i] {
			right++
		}
	}
	pointed := 0
	maps, err := heatmap.ExplainEach(t.Context(), m.MustClassifier("conv2d_3", nil), fresh, names, heatmap.Options{})
	require.NoError(t, err)
	for i, one := range maps {
		if one.PeakPixel().In(patches[i]) {
			pointed++
		}
	}
	t.Logf("of %d fresh pictures %d are told rightly, and the warmest place lies on the texture in %d", pictures, right,
		pointed)
	require.GreaterOrEqual(t, right, pictures*95/100)
	require.Greater(t, pointed, pictures*2/3)
}

// TestTrain trains the network with Keras, on pictures that it draws, as the one that is here was made. With -keep it
// takes that one's place.
func TestTrain(t *testing.T) {
	level.OnlyFull(t, "trains a network with Keras")
	requirements, err := os.ReadFile(filepath.Join("..", "..", "tools", "bench", "peer", "keras.txt"))
	require.NoError(t, err)
	python, err := jupyter.EnsurePackages(t.Context(),
		jupyter.Packages{Name: "Keras on TensorFlow", Dir: "bench-keras", Requirements: string(requirements)})
	require.NoError(t, err)
	const pictures = 3200
	var levels, labels []byte
	for i := range pictures {
		class := i % len(texture.Classes())
		one := texture.MustDraw(texture.Classes()[class], uint64(100_000+i))
		for at := 0; at < len(one.Pix); at += 4 {
			levels = append(levels, one.Pix[at:at+3]...)
		}
		labels = append(labels, byte(class))
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pictures"), levels, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "labels"), labels, 0o600))
	command := exec.CommandContext(t.Context(), python, "train.py", dir, strconv.Itoa(texture.Side),
		strconv.Itoa(len(texture.Classes())))
	command.Env = append(os.Environ(), "PYTHONNOUSERSITE=1")
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	path := filepath.Join(dir, "textures.keras")
	trained, err := os.ReadFile(path)
	require.NoError(t, err)
	if *keep {
		require.NoError(t, os.WriteFile("textures.keras", trained, 0o644))
	}
	names := ""
	for _, name := range texture.Classes() {
		names += name + "\n"
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "textures.classes.txt"), []byte(names), 0o600))
	good(t, path, device.CPU, 400)
}

func Example() {
	dev := device.MustNew(device.Options{Kind: device.Go})
	net, err := network.Open(context.Background(), dev, network.Options{Model: texture.MustFile()})
	if err != nil {
		panic(err)
	}
	fmt.Println(net.MustPredict(texture.MustDraw("rings", 1)).MustTop(1)[0][0].Name)
	// Output: rings
}
