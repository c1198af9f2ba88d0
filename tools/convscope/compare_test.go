// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// white is a picture with one pixel of that colour.
func white(dot color.Color) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	img.Set(3, 3, dot)
	return img
}

// TestVerdicts compares the picture made again with files that were left alone, and with files that other programs
// changed.
func TestVerdicts(t *testing.T) {
	t.Chdir(t.TempDir())
	img := white(color.White)
	old, elsewhere := madeUp(), madeUp()
	old.Format, old.Convolution, elsewhere.Backend = 2, recipe.Direct, "another"
	// edited is the file of img after another program wrote other pixels into it, which keeps the text.
	edited := func(made recipe.Recipe, by image.Image) []byte {
		var whole, other bytes.Buffer
		require.NoError(t, recipe.Encode(&whole, img, made))
		kept, err := recipe.Decode(&whole)
		require.NoError(t, err)
		require.NoError(t, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&other, by))
		changed, err := recipe.Insert(other.Bytes(), kept)
		require.NoError(t, err)
		return changed
	}
	saved := func(made recipe.Recipe, img image.Image) []byte {
		var whole bytes.Buffer
		require.NoError(t, recipe.Encode(&whole, img, made))
		return whole.Bytes()
	}
	dotted := white(color.NRGBA{R: 254, G: 255, B: 255, A: 255})
	for name, test := range map[string]struct {
		file  []byte
		again image.Image
		made  recipe.Recipe
		want  string
	}{
		"the same":                    {saved(madeUp(), img), img, madeUp(), "identical, byte for byte"},
		"the same, in the older form": {saved(old, img), img, old, "identical, byte for byte"},
		"another device": {saved(elsewhere, img), img, madeUp(),
			"identical pixels; backend: another then, none now"},
		"another picture": {saved(madeUp(), dotted), img, madeUp(),
			"PSNR 71.0 dB; nothing in the recipe differs, so the processor or the number of its cores may, or " +
				"the code of convscope"},
		"another picture, in the older form": {saved(old, dotted), img, old,
			"PSNR 71.0 dB; nothing in the recipe differs, so the processor or the number of its cores may, or " +
				"the code of convscope; " +
				"or the picture was changed since it was saved"},
		"another compression": {edited(madeUp(), img), img, madeUp(), "identical pixels; another program wrote the file"},
		"changed": {edited(madeUp(), dotted), img, madeUp(),
			"PSNR 71.0 dB; old.png was changed since it was saved, new.png is as it was"},
		"changed, and made elsewhere": {edited(elsewhere, dotted), dotted, madeUp(),
			"identical pixels; old.png was changed since it was saved; backend: another then, none now"},
		"changed, and made otherwise": {edited(madeUp(), white(color.Black)), dotted, madeUp(),
			"PSNR 18.1 dB; old.png was changed since it was saved"},
		"cut": {edited(madeUp(), picture.Trim(img, 1)), img, madeUp(),
			"6x6 pixels, by its recipe there are 8x8; old.png was changed since it was saved, new.png is as it was"},
		"transparent": {edited(madeUp(), white(color.NRGBA{R: 255, G: 255, B: 255, A: 9})), img, madeUp(),
			"the same colours, another opacity; old.png was changed since it was saved, new.png is as it was"},
		"16 bits": {edited(madeUp(), deep(img)), img, madeUp(), "identical pixels; another program wrote the file"},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile("old.png", test.file, 0o600))
			r := &reproduction{file: "old.png", out: "new.png"}
			var err error
			r.recipe, err = readRecipe("old.png")
			require.NoError(t, err)
			r.original, err = readOriginal("old.png")
			require.NoError(t, err)
			defer r.original.file.Close()
			c, err := r.original.compare(test.again, r.recipe, test.made)
			require.NoError(t, err)
			require.Equal(t, test.want, r.verdict(c, test.made))
		})
	}
}

// deep is the picture with 16 bits.
func deep(img image.Image) image.Image {
	out := image.NewNRGBA64(img.Bounds())
	for y := range 8 {
		for x := range 8 {
			out.Set(x, y, img.At(x, y))
		}
	}
	return out
}

// TestComparingIsBounded compares with a file whose header claims a billion pixels.
func TestComparingIsBounded(t *testing.T) {
	t.Chdir(t.TempDir())
	savePNG(t, "small.png", madeUp())
	bomb, err := os.ReadFile("small.png")
	require.NoError(t, err)
	const header = 8 + 8
	binary.BigEndian.PutUint32(bomb[header:], 30000)
	binary.BigEndian.PutUint32(bomb[header+4:], 30000)
	binary.BigEndian.PutUint32(bomb[header+13:], crc32.ChecksumIEEE(bomb[header-4:header+13]))
	require.NoError(t, os.WriteFile("bomb.png", bomb, 0o600))
	o, err := readOriginal("bomb.png")
	require.NoError(t, err)
	defer o.file.Close()
	var c comparison
	took := allocated(func() { c, err = o.compare(white(color.White), madeUp(), madeUp()) })
	require.NoError(t, err)
	require.Equal(t, "30000x30000 pixels, by its recipe there are 8x8", c.same)
	require.Less(t, took, int64(16<<20))
}

// allocated is how many bytes are allocated while something runs.
func allocated(run func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}
