// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package keras_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/internal/level"
	"convscope/notebooks/texture"
	"convscope/pkg/ascent"
	"convscope/pkg/device"
	"convscope/pkg/network"
	"convscope/pkg/picture"
)

const textureSide = 48 // pixels

// drawing is one of the textures in two random colours, a bright and a dark one, with some noise.
func drawing(class int, random *rand.Rand) *image.NRGBA {
	turn, wave := random.Float64()*2*math.Pi, 8+4*random.Float64()
	sine, cosine := math.Sincos(turn)
	middleX, middleY := random.Float64()*textureSide, random.Float64()*textureSide
	var colours [2][3]float64
	for c := range 3 {
		colours[0][c], colours[1][c] = 110*random.Float64(), 145+110*random.Float64()
	}
	if random.IntN(2) == 0 {
		colours[0], colours[1] = colours[1], colours[0]
	}
	img := image.NewNRGBA(image.Rect(0, 0, textureSide, textureSide))
	for y := range textureSide {
		for x := range textureSide {
			right, down := (float64(x)-middleX)/wave, (float64(y)-middleY)/wave
			of := colours[0]
			if texture.First(class, cosine*right-sine*down, sine*right+cosine*down) {
				of = colours[1]
			}
			var levels [3]uint8
			for c := range levels {
				levels[c] = uint8(min(max(of[c]+12*random.NormFloat64(), 0), 255))
			}
			img.SetNRGBA(x, y, color.NRGBA{levels[0], levels[1], levels[2], 255})
		}
	}
	return img
}

// drawn draws textures of all classes in turn, and writes them, and which they are, for train.py.
func drawn(t *testing.T, dir, part string, count int, seed uint64) (images []image.Image) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	var levels, labels []byte
	for i := range count {
		class := i % len(texture.Classes())
		img := drawing(class, random)
		for at := 0; at < len(img.Pix); at += 4 {
			levels = append(levels, img.Pix[at:at+3]...)
		}
		images, labels = append(images, img), append(labels, byte(class))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, part+".pictures"), levels, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, part+".labels"), labels, 0o600))
	return images
}

// TestTrained trains a small network with Keras on pictures that it draws, and reads what Keras saved: it tells fresh
// pictures apart as Keras says, its filters have patterns, and the pattern of each class is taken for that class. With
// -artifacts the network stays, and a picture of what it learned from.
func TestTrained(t *testing.T) {
	level.OnlyFull(t, "trains a network with Keras")
	dir := t.ArtifactDir()
	names := texture.Classes()
	examples := drawn(t, dir, "learn", 2400, 1)[:len(names)]
	fresh := drawn(t, dir, "fresh", 300, 2)
	sheet, err := os.Create(filepath.Join(dir, "textures.png"))
	require.NoError(t, err)
	require.NoError(t, png.Encode(sheet, picture.Strip(examples, names)))
	require.NoError(t, sheet.Close())

	command := exec.CommandContext(t.Context(), python(t), slices.Concat([]string{filepath.Join("testdata", "train.py"),
		dir, strconv.Itoa(textureSide)}, names)...)
	command.Env = append(os.Environ(), "PYTHONNOUSERSITE=1")
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("%s", out[bytes.LastIndex(bytes.TrimSpace(out), []byte("\n"))+1:])
	for _, part := range []string{"learn.pictures", "learn.labels", "fresh.pictures", "fresh.labels"} {
		require.NoError(t, os.Remove(filepath.Join(dir, part)))
	}
	path := filepath.Join(dir, "textures.keras")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "textures.classes.txt"), []byte(strings.Join(names, "\n")), 0o600))

	m, err := network.Open(t.Context(), device.MustNew(device.Options{Kind: device.CPU}), network.Options{Model: path,
		Report: func(line string) { t.Errorf("the file says all: %s", line) }})
	require.NoError(t, err)
	prediction, err := m.Predict(fresh...)
	require.NoError(t, err)
	said, right, worst := floats(t, dir, "fresh.said"), 0, 0.0
	for i, probabilities := range prediction.Probabilities {
		for class, p := range probabilities {
			worst = max(worst, math.Abs(float64(p-said[i*len(names)+class])))
		}
		if slices.Index(probabilities, slices.Max(probabilities)) == i%len(names) {
			right++
		}
	}
	t.Logf("%d of %d fresh pictures are told rightly; probabilities differ from Keras' by at most %.1e", right,
		len(fresh), worst)
	require.Less(t, worst, 1e-3)
	require.Greater(t, right, len(fresh)*95/100)

	for layer, filters := range map[string]int{"conv1": 16, "relu2": 32, "conv3": 48} {
		result := climbed(t, m, layer, filters, ascent.Options{Size: textureSide, Steps: 20})
		shown := 0
		for i, losses := range result.Loss {
			if result.Fates[i].Shown() {
				shown++
				require.Greater(t, losses[len(losses)-1], losses[0], "%s, filter %d", layer, result.Filters[i])
			}
		}
		t.Logf("%s: %d of %d filters have a pattern", layer, shown, filters)
		require.Greater(t, shown, filters/4)
	}

	result := climbed(t, m, "texture", len(names), ascent.Options{Size: textureSide, Method: ascent.MustMethod("crisp")})
	images, err := result.Images()
	require.NoError(t, err)
	prediction, err = m.Predict(images...)
	require.NoError(t, err)
	for i, probabilities := range prediction.Probabilities {
		t.Logf("the pattern of %s is taken for it at %.1f %%", names[i], 100*probabilities[i])
		require.Greater(t, probabilities[i], float32(0.9), names[i])
	}
}

// climbed makes the patterns of a layer's first filters.
func climbed(t *testing.T, m *network.Model, layer string, filters int, o ascent.Options) *ascent.Result {
	t.Helper()
	var all []int
	for i := range filters {
		all = append(all, i)
	}
	target, err := m.Channels(layer, all...)
	require.NoError(t, err)
	result, err := ascent.Run(t.Context(), target, o)
	require.NoError(t, err)
	return result
}
