// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
	"github.com/stretchr/testify/require"

	"convscope/pkg/ascent"
	"convscope/pkg/network"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
	"convscope/vgg16"
)

// speckled is a photograph of noise.
func speckled(height, width int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	state := uint32(1)
	for i := range img.Pix {
		state = state*1664525 + 1013904223
		img.Pix[i] = uint8(state >> 24)
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// files reads what an objective names as the commands do.
var files = ascent.Files{
	Photo: picture.Open,
	Vector: func(path string) ([]float32, error) {
		vector, err := numpy.FromNpyFile(path)
		if err != nil {
			return nil, err
		}
		return tensors.CopyFlatData[float32](vector)
	},
}

// saved is a file of the result, read again.
func saved(t *testing.T, result *ascent.Result, made recipe.Recipe) (file []byte, read recipe.Recipe) {
	t.Helper()
	images, err := result.Images()
	require.NoError(t, err)
	var encoded bytes.Buffer
	require.NoError(t, recipe.Encode(&encoded, made.Draw(images, result.Badges()), made))
	read, err = recipe.Decode(bytes.NewReader(encoded.Bytes()))
	require.NoError(t, err)
	return encoded.Bytes(), read
}

// TestObjectivesReproduce saves pictures of every kind of objective and makes them again, to the byte. What a file of
// the objective is called, and where it is, nobody learns.
func TestObjectivesReproduce(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "Änne's 🐱 photos")
	require.NoError(t, os.MkdirAll(secret, 0o700))
	cat, far, ears := filepath.Join(secret, "my cat:2.png"), filepath.Join(secret, "far away.png"),
		filepath.Join(secret, "ears.npy")
	require.NoError(t, numpy.ToNpyFile(tensors.FromFlatDataAndDimensions([]float32{1, -0.5, 0.25, 2, 0, 1, 1, 3}, 8),
		ears))
	save := func(path string, img image.Image) {
		var encoded bytes.Buffer
		require.NoError(t, recipe.Encode(&encoded, img, plainRecipe()))
		require.NoError(t, os.WriteFile(path, encoded.Bytes(), 0o600))
	}
	save(cat, speckled(30, 40))
	save(far, speckled(620, 620))
	var many []string
	for i := range 4 {
		many = append(many, fmt.Sprintf("%d=1.2345678901234567", i))
	}
	for name, test := range map[string]struct {
		text  string
		files int
		far   bool
	}{
		"channels":       {text: "channels:block1_conv1:" + strings.Join(many, ",")},
		"more than ever": {text: "-channel:block1_conv1:0" + strings.Repeat(" + 0.123456789*channel:block1_conv1:1", 50)},
		"all others": {text: "layer:block1_conv2 - 3*diversity:block1_conv1 + neuron:block1_conv2:1 + " +
			"0.5*neuron:block2_conv1:2:3:1 - interpolate:block1_conv1:0:block2_pool:7"},
		"direction":     {text: "direction:block2_conv1:" + ears, files: 1},
		"power":         {text: "direction:block2_conv1:" + ears + ":2 + 2*direction:block2_conv2:" + ears, files: 1},
		"caricature":    {text: "0.5*caricature:block2_conv1:" + cat + ":1 - channel:block1_conv1:0", files: 1},
		"both":          {text: "caricature:block2_conv1:" + cat + ":1 - direction:block2_conv1:" + ears, files: 2},
		"a large photo": {text: "caricature:block2_conv1:" + far + ":1.5", files: 1, far: true},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := ascent.ParseObjective(test.text, files)
			require.NoError(t, err)
			net := tiny(t)
			target, err := net.Objective(o, 2)
			require.NoError(t, err)
			result, err := ascent.Run(t.Context(), target, ascent.Options{Size: 20, Steps: 3})
			require.NoError(t, err)
			require.NotContains(t, result.Caption(0), string(filepath.Separator)+"my cat")
			made, err := net.Recipe(result)
			require.NoError(t, err)
			file, read := saved(t, result, made)
			for _, word := range []string{filepath.Dir(secret), "Änne", "my cat", "far away", "ears.npy"} {
				require.NotContains(t, string(file), word)
			}
			require.Len(t, read.Files, test.files)

			other := tiny(t)
			if test.far {
				_, _, err := other.Reproduce(t.Context(), read, ascent.Options{})
				require.ErrorIs(t, err, recipe.ErrFile)
				photo, err := picture.Open(far)
				require.NoError(t, err)
				read, err = read.WithPhotos(photo)
				require.NoError(t, err)
			}
			again, madeAgain, err := other.Reproduce(t.Context(), read, ascent.Options{})
			require.NoError(t, err)
			require.Empty(t, made.Differences(madeAgain))
			fileAgain, _ := saved(t, again, madeAgain)
			require.True(t, bytes.Equal(file, fileAgain), "the same file, byte for byte")
		})
	}
}

// plainRecipe is some recipe.
func plainRecipe() recipe.Recipe {
	return recipe.Recipe{
		Format: recipe.Format, Kind: recipe.Pattern, Layer: "block1_conv1", Filters: []int{0}, Height: 8, Width: 8,
		Method: "book", Steps: 1, Step: 1, Seed: 1, Batch: 1, Convolution: recipe.Direct, Weights: "random",
		Backend: "none", Platform: "none", Versions: recipe.Versions{Go: "go1"},
	}
}

// TestObjectivesOfOneText keep their own vectors.
func TestObjectivesOfOneText(t *testing.T) {
	net := tiny(t)
	run := func(first float32) *ascent.Result {
		target, err := net.Objective(ascent.Direction("block1_conv2", append(make([]float32, 3), first), 1), 1)
		require.NoError(t, err)
		result, err := ascent.Run(t.Context(), target, ascent.Options{Size: 4, Steps: 2})
		require.NoError(t, err)
		return result
	}
	first := run(1)
	before, err := net.Recipe(first)
	require.NoError(t, err)
	target, err := net.Objective(ascent.Direction("block1_conv2", make([]float32, 4), 1), 1) // nothing runs it
	require.NoError(t, err)
	require.Equal(t, first.Layer, target.Layer)
	after, err := net.Recipe(first)
	require.NoError(t, err)
	require.Equal(t, before, after)
	second := run(-1)
	require.False(t, first.Pictures.Equal(second.Pictures))
	for _, result := range []*ascent.Result{first, second} {
		made, err := net.Recipe(result)
		require.NoError(t, err)
		again, _, err := net.Reproduce(t.Context(), made, ascent.Options{})
		require.NoError(t, err)
		require.True(t, result.Pictures.Equal(again.Pictures))
		madeAgain, err := net.Recipe(again)
		require.NoError(t, err, "what was reproduced has a recipe, too")
		require.Equal(t, made, madeAgain)
	}
	_, err = tiny(t).Recipe(first)
	require.ErrorContains(t, err, "made no pictures", "another model's")
}

// TestWhatNoRecipeHolds is refused before the first step.
func TestWhatNoRecipeHolds(t *testing.T) {
	net := tiny(t)
	book := ascent.Options{Size: 12, Steps: 2}
	change := func(edit func(*ascent.Options)) ascent.Options {
		o := book
		edit(&o)
		return o
	}
	channel, neuron := ascent.Channel("block1_conv2", 0),
		func(row, column int) ascent.Objective { return ascent.Neuron("block2_conv1", 0, row, column) }
	flips := func(n int) (all []ascent.Transform) {
		for range n {
			all = append(all, ascent.Flip())
		}
		return all
	}
	for name, test := range map[string]struct {
		objective ascent.Objective
		pictures  int
		options   ascent.Options
		words     string
	}{
		"too many pictures": {channel, 5000, book, "5000 filters"},
		"too many steps": {channel, 1,
			change(func(o *ascent.Options) { o.Steps = 1 << 60 }), "1152921504606846976 steps"},
		"too many transforms": {channel, 1,
			change(func(o *ascent.Options) { o.Method.Transforms = flips(40) }), "at most 32"},
		"too many views": {channel, 1, change(func(o *ascent.Options) {
			o.Method.Transforms = slices.Repeat([]ascent.Transform{ascent.Crops(64, 8, 1, 1)}, 11)
		}), "4096 views"},
		"no transform": {channel, 1, change(func(o *ascent.Options) {
			o.Method.Transforms = make([]ascent.Transform, 1)
		}), "there is no transform"},
		"no number in a method": {channel, 1, change(func(o *ascent.Options) { o.Method.Stretch = math.NaN() }), "stretch"},
		"a neuron below":        {neuron(6, 0), 1, book, "its rows go from 0 to 5"},
		"a neuron to the right": {neuron(0, 6), 1, book, "its columns from 0 to 5"},
		"in the border": {neuron(2, 2), 1,
			change(func(o *ascent.Options) { o.Method.Border = 2 }), "its rows go from 0 to 1"},
		"in an octave": {neuron(5, 5), 1,
			change(func(o *ascent.Options) { o.Method.Octaves = 2 }), "its rows go from 0 to 3"},
		"outside what is seen": {neuron(5, 5), 1, change(func(o *ascent.Options) {
			o.Method.Transforms = []ascent.Transform{ascent.Jitter(4)}
		}), "the model sees 8x8 pixels"},
		"too small for the pool": {ascent.Layer("block4_pool"), 1, book, "at least 16x16"},
	} {
		t.Run(name, func(t *testing.T) {
			target, err := net.Objective(test.objective, test.pictures)
			require.NoError(t, err)
			test.options.Progress = func(ascent.Progress) { t.Error("a step was taken") }
			_, err = ascent.Run(t.Context(), target, test.options)
			require.ErrorContains(t, err, test.words)
			require.Equal(t, err, target.Check(test.options))
		})
	}
	target, err := net.Objective(neuron(5, 5), 1)
	require.NoError(t, err)
	_, err = ascent.Run(t.Context(), target, book)
	require.NoError(t, err)
}

// TestComparedSettingsHaveRecipes makes one of several pictures that climbed together again, alone.
func TestComparedSettingsHaveRecipes(t *testing.T) {
	net := tiny(t)
	target, err := net.Channels("block2_conv1", 1)
	require.NoError(t, err)
	results, err := ascent.RunEach(t.Context(), target, []ascent.Options{{Size: 10, Steps: 2},
		{Size: 10, Steps: 2, Seed: 5}, {Size: 10, Steps: 3, Step: 2}})
	require.NoError(t, err)
	for _, result := range results {
		made, err := net.Recipe(result)
		require.NoError(t, err)
		again, madeAgain, err := tiny(t).Reproduce(t.Context(), made, ascent.Options{})
		require.NoError(t, err)
		require.True(t, result.Pictures.Equal(again.Pictures))
		require.Equal(t, made, madeAgain)
	}
}

// TestStoppedMethodsReproduce stops runs whose steps depend on how much of the run is over.
func TestStoppedMethodsReproduce(t *testing.T) {
	for _, method := range []string{"book,octaves=3", "book,transforms=crops:2:8:1:0.3",
		"book,octaves=2,optimizer=adam"} {
		for _, stop := range []int{0, 4} {
			t.Run(fmt.Sprintf("%s after %d", method, stop), func(t *testing.T) {
				ctx, end := context.WithCancel(t.Context())
				defer end()
				if stop == 0 {
					end()
				}
				o := ascent.Options{Method: ascent.MustMethod(method), Size: 24, Steps: 9, Batch: 2,
					Progress: func(p ascent.Progress) {
						if p.First == 2 && p.Step == stop {
							end()
						}
					}}
				result, made := climbed(t, ctx, tiny(t), "block2_conv1", []int{0, 1, 2, 3, 4, 5}, o)
				require.True(t, result.Stopped)
				again, madeAgain, err := tiny(t).Reproduce(t.Context(), made, ascent.Options{})
				require.NoError(t, err)
				require.Equal(t, made, madeAgain)
				require.True(t, result.Pictures.Equal(again.Pictures))
			})
		}
	}
}

// TestStoppedWhileRescuing has taken all steps, and was stopped all the same.
func TestStoppedWhileRescuing(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	net := tiny(t)
	dark := tensors.FromScalarAndDimensions(float32(0), 1, 8, 8, 3)
	result, made := climbed(t, ctx, net, "block1_conv1", []int{0, 1, 2, 3},
		ascent.Options{Start: dark, Steps: 3, Progress: func(p ascent.Progress) {
			if p.Done == p.Total {
				end()
			}
		}})
	require.True(t, result.Stopped)
	again, madeAgain, err := tiny(t).Reproduce(t.Context(), made, ascent.Options{})
	require.NoError(t, err)
	require.Equal(t, made, madeAgain)
	require.True(t, again.Stopped)
	require.True(t, result.Pictures.Equal(again.Pictures))
}

// TestStartsUnpackLate asks for the memory of the climb before the start is unpacked.
func TestStartsUnpackLate(t *testing.T) {
	net := vgg16.Random(goDevice(t), 2, 1) // whose layers are too wide for large pictures
	_, made := climbed(t, t.Context(), net, "block2_conv2", []int{0}, ascent.Options{Size: 4, Steps: 1})
	const side = 1 << 13
	s, err := recipe.NewStart(tensors.FromScalarAndDimensions(float32(0), 1, 8, 8, 3))
	require.NoError(t, err)
	s.Shape, s.Pictures = []int{1, side, side, 3}, [][]byte{[]byte("not a PNG, which only who unpacks it finds out")}
	made.Start, made.Height, made.Width = s, side, side
	_, _, err = net.Reproduce(t.Context(), made, ascent.Options{})
	require.ErrorIs(t, err, recipe.ErrDamaged, "its header is read")
	s.Pictures[0] = headerOf(t, side)
	_, _, err = net.Reproduce(t.Context(), made, ascent.Options{})
	require.ErrorAs(t, err, new(*ascent.MemoryError), "a climb of %d pixels fits no machine", side*side)
}

// headerOf is the beginning of a PNG of that size.
func headerOf(t *testing.T, side int) []byte {
	t.Helper()
	var encoded bytes.Buffer
	require.NoError(t, png.Encode(&encoded, image.NewGray(image.Rect(0, 0, 1, 1))))
	const kind, data, end = 8 + 4, 8 + 8, 8 + 8 + 13
	header := encoded.Bytes()[:end+4]
	binary.BigEndian.PutUint32(header[data:], uint32(side))
	binary.BigEndian.PutUint32(header[data+4:], uint32(side))
	binary.BigEndian.PutUint32(header[end:], crc32.ChecksumIEEE(header[kind:end]))
	return header
}

// FuzzCheckRecipe puts any text in the place of a layer and a method: whatever comes, it is an error and no panic.
func FuzzCheckRecipe(f *testing.F) {
	f.Add("block1_conv1", "book")
	f.Add("channel:block1_conv1:0 - 2*neuron:block2_conv1:3:4:5", "crisp,octaves=2,image=pixels")
	f.Add("direction:block1_conv1:a.npy + caricature:block1_pool:b:2",
		"book,transforms=crops:64:8:1:1+crops:64:1:1:1+noise:1+pad:0.5")
	table := network.NewTable(vgg16.Network())
	f.Fuzz(func(t *testing.T, layer, method string) {
		r := plainRecipe()
		r.Layer, r.Method = layer, method
		if err := table.CheckRecipe(r); err != nil {
			require.NotContains(t, err.Error(), "\n")
		}
	})
}
