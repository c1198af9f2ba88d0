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
	require.Less(t, texture.MustPair("dots", "rings", 1).Patch.Max.X, texture.Side/2+1, "the left one")
	require.Panics(t, func() { texture.MustPair("dots", "ring", 1) })
}

// TestKept holds the network that is here: small, whole, and right on pictures that it has not seen.
func TestKept(t *testing.T) {
	t.Setenv("CONVSCOPE_CACHE", t.TempDir())
	path := texture.MustFile()
	told(t, path, device.Go, 8)
	require.NoError(t, os.WriteFile(path, []byte("damaged"), 0o600))
	told(t, texture.MustFile(), device.Go, 4)
	t.Setenv("CONVSCOPE_CACHE", filepath.Join(path, "no folder"))
	_, err := texture.File()
	require.Error(t, err)
}

// TestKeptIsRight is TestKept for many pictures, and for where the network sees them.
func TestKeptIsRight(t *testing.T) {
	level.Real(t, "needs XLA")
	good(t, texture.MustFile())
}

// good holds a network to what it says to many pictures, and to heatmaps whose warmest place lies on the texture.
func good(t *testing.T, path string) {
	t.Helper()
	const pictures = 400
	m, fresh, names := told(t, path, device.CPU, pictures)
	var photos []image.Image
	for _, one := range fresh {
		photos = append(photos, one)
	}
	maps, err := heatmap.ExplainEach(t.Context(), m.MustClassifier("conv2d_3", nil), photos, names, heatmap.Options{})
	require.NoError(t, err)
	pointed := 0
	for i, one := range maps {
		if one.PeakPixel().In(fresh[i].Patch) {
			pointed++
		}
	}
	t.Logf("the warmest place lies on the texture in %d of %d pictures", pointed, pictures)
	require.Greater(t, pointed, pictures*2/3)
}

// told holds a network to its size, and to what it says to so many fresh pictures.
func told(t *testing.T, path string, kind device.Kind, pictures int) (
	m *network.Model, fresh []*texture.Picture, names []string) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(mostBytes))
	dev := device.MustNew(device.Options{Kind: kind})
	t.Cleanup(dev.Close)
	m, err = network.Open(t.Context(), dev, network.Options{Model: path,
		Report: func(line string) { t.Errorf("the file says all: %s", line) }})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	right := 0
	for i := range pictures {
		name := texture.Classes()[i%len(texture.Classes())]
		fresh, names = append(fresh, texture.MustDraw(name, uint64(1000+i))), append(names, name)
		prediction, err := m.Predict(fresh[i])
		require.NoError(t, err)
		if prediction.MustTop(1)[0][0].Name == name {
			right++
		}
	}
	t.Logf("%d of %d fresh pictures are told rightly", right, pictures)
	require.GreaterOrEqual(t, right, pictures*95/100)
	return m, fresh, names
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
	good(t, path)
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
