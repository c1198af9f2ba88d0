// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

// TestHash is that of what is seen, whatever type holds it, and wherever in a larger picture it stands.
func TestHash(t *testing.T) {
	colours := image.NewNRGBA(image.Rect(0, 0, 5, 7))
	for i := range colours.Pix {
		colours.Pix[i] = uint8(i * 37)
		if i%4 == 3 {
			colours.Pix[i] = 255
		}
	}
	want := picture.Hash(colours)
	require.Len(t, want, 64)
	larger, deep, other := image.NewNRGBA(image.Rect(-3, -3, 9, 9)), image.NewNRGBA64(colours.Rect),
		image.NewRGBA(colours.Rect)
	for y := range 7 {
		for x := range 5 {
			larger.Set(x, y, colours.At(x, y))
			deep.Set(x, y, colours.At(x, y))
			other.Set(x, y, colours.At(x, y))
		}
	}
	var encoded bytes.Buffer
	require.NoError(t, png.Encode(&encoded, colours))
	decoded, err := png.Decode(&encoded)
	require.NoError(t, err)
	for name, same := range map[string]image.Image{"a part": larger.SubImage(colours.Rect), "16 bits": deep,
		"RGBA": other, "decoded": decoded} {
		require.Equal(t, want, picture.Hash(same), name)
	}
	gray := image.NewGray(image.Rect(0, 0, 35, 1))
	flat := image.NewGray(image.Rect(0, 0, 1, 35))
	require.NotEqual(t, picture.Hash(gray), picture.Hash(flat), "the shape counts")
	colours.Set(4, 6, color.NRGBA{})
	require.NotEqual(t, want, picture.Hash(colours))
}
