// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe_test

import (
	"bytes"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/recipe"
)

// photoOf is a photograph of noise or, when it is flat, of one gray.
func photoOf(side int, flat bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i, v := range noise(len(img.Pix)) {
		if img.Pix[i] = uint8(v); flat {
			img.Pix[i] = 77
		}
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// directed is a recipe with a vector, a photo, and one that has to be given again.
func directed(t testing.TB) recipe.Recipe {
	t.Helper()
	r := pattern()
	r.Layer = "direction:a:b"
	r.Add(recipe.NewVector([]float32{1, -2.5}))
	for _, photo := range []*image.NRGBA{photoOf(9, false), photoOf(620, false), photoOf(9, false)} {
		f, err := recipe.NewPhoto(photo)
		require.NoError(t, err)
		r.Add(f)
	}
	return r
}

// TestFiles keeps what is small, and asks for the rest again.
func TestFiles(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, recipe.Encode(&file, photoOf(8, true), directed(t)))
	r, err := recipe.Decode(&file)
	require.NoError(t, err)
	require.Len(t, r.Files, 3, "each once")
	require.Contains(t, r.String(), "photo        "+r.Files[1].Name()+", here in the recipe")
	require.Contains(t, r.String(), r.Files[2].Name()+", to be given again by --photo")

	vector, err := r.Vector(r.Files[0].Name())
	require.NoError(t, err)
	require.Equal(t, []float32{1, -2.5}, vector)
	photo, err := r.Photo(r.Files[1].Name())
	require.NoError(t, err)
	require.Equal(t, photoOf(9, false).Pix, photo.(*image.RGBA).Pix)
	_, err = r.Photo(r.Files[0].Name())
	require.ErrorIs(t, err, recipe.ErrDamaged, "it is a vector")

	require.ErrorIs(t, r.Missing(), recipe.ErrFile)
	_, err = r.Photo(r.Files[2].Name())
	require.ErrorIs(t, err, recipe.ErrFile)
	_, err = r.WithPhotos(photoOf(10, false))
	require.ErrorIs(t, err, recipe.ErrFile)
	with, err := r.WithPhotos(photoOf(620, false))
	require.NoError(t, err)
	require.NoError(t, with.Missing())
	require.Error(t, r.Missing(), "the recipe itself stays as it was")
	_, err = with.Photo(r.Files[2].Name())
	require.NoError(t, err)

	r.Files = nil
	r.Format = 2
	_, err = r.Photo("cat.png")
	require.ErrorIs(t, err, recipe.ErrFile)
	require.ErrorContains(t, err, "kept no photos")
}

// TestManyPhotos fit because the later ones are left out.
func TestManyPhotos(t *testing.T) {
	r := pattern()
	for side := 300; side < 305; side++ {
		f, err := recipe.NewPhoto(photoOf(side, false))
		require.NoError(t, err)
		r.Add(f)
	}
	require.NoError(t, r.Check())
	require.NotNil(t, r.Files[0].Data)
	require.Nil(t, r.Files[4].Data)
	f, err := recipe.NewPhoto(photoOf(1100, true))
	require.NoError(t, err)
	require.Nil(t, f.Data, "more pixels than are unpacked again")
}
