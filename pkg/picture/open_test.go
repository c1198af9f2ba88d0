// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"encoding/json"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

// TestDecodeLikePillow compares pictures of all kinds with what Pillow reads in them: testdata/photo/make.py says how
// both were made.
func TestDecodeLikePillow(t *testing.T) {
	text, err := os.ReadFile("testdata/photo/numbers.json")
	require.NoError(t, err)
	var numbers map[string]struct {
		Size   [2]int
		Pixels [][5]int // x, y, red, green, blue
	}
	require.NoError(t, json.Unmarshal(text, &numbers))
	require.Len(t, numbers, 22)
	tolerance := map[string]float64{ // levels of 255; JPEG's and WebP's decoders round in their own ways
		".jpg": 3, ".webp": 3, ".png": 1, ".gif": 0,
		// Colours have half the resolution here, which Pillow's decoder spreads smoothly and Go's does not. They climb
		// by 12 levels a pixel.
		"lossy.webp": 14, "lossy-alpha.webp": 14, "turned.webp": 14,
	}
	for name, want := range numbers {
		t.Run(name, func(t *testing.T) {
			img, err := picture.Open(filepath.Join("testdata/photo", name))
			require.NoError(t, err)
			require.Equal(t, image.Rect(0, 0, want.Size[0], want.Size[1]), img.Bounds())
			levels, special := tolerance[name]
			if !special {
				levels = tolerance[filepath.Ext(name)]
			}
			for _, p := range want.Pixels {
				near(t, color.NRGBA{R: uint8(p[2]), G: uint8(p[3]), B: uint8(p[4]), A: 255}, img.At(p[0], p[1]), levels, p[:2])
			}
		})
	}
}
