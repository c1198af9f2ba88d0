// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"math"
	"os"

	"convscope/internal/file"
	"convscope/pkg/picture"
	"convscope/pkg/recipe"
)

// What a comparison says when the pixels are equal; else it is their PSNR.
const (
	identical       = "identical, byte for byte"
	identicalPixels = "identical pixels"
)

// original is a picture's file, to be compared with the picture made again. It stays open, so that another file may
// take its place.
type original struct{ file *os.File }

// readOriginal opens the file.
func readOriginal(path string) (*original, error) {
	opened, err := file.Open(path)
	return &original{opened}, err
}

// comparison is what came out.
type comparison struct {
	same    string // [identical], [identicalPixels], or how far apart the pictures are
	changed bool   // the original is not the picture that was saved with its recipe
	again   bool   // the picture made again is that one
}

// compare says how equal the picture made again is. What the original takes in memory is bounded by the size of the
// new picture.
func (o *original) compare(img image.Image, was, made recipe.Recipe) (c comparison, err error) {
	var encoded bytes.Buffer
	if err := recipe.Encode(&encoded, img, made); err != nil {
		return c, err
	}
	if same, err := o.equals(encoded.Bytes()); err != nil || same {
		return comparison{same: identical}, err
	}
	c.again = was.Pixels != "" && picture.Hash(img) == was.Pixels
	config, err := o.config()
	if err != nil {
		return c, err
	}
	// Before a forged size takes memory.
	if had, has := image.Pt(config.Width, config.Height), img.Bounds().Size(); had != has {
		c.same, c.changed = fmt.Sprintf("%dx%d pixels, by its recipe there are %dx%d",
			had.Y, had.X, has.Y, has.X), true
		return c, nil
	}
	shown, err := o.decode()
	if err != nil {
		return c, err
	}
	c.changed = was.Pixels != "" && picture.Hash(shown) != was.Pixels
	a, b := plain(shown), plain(img)
	quality := psnr(a, b)
	switch {
	case bytes.Equal(a.Pix, b.Pix):
		c.same = identicalPixels
	case math.IsInf(quality, 1):
		c.same = "the same colours, another opacity"
	default:
		c.same = fmt.Sprintf("PSNR %.1f dB", quality)
	}
	return c, nil
}

// equals says whether the file holds exactly those bytes.
func (o *original) equals(encoded []byte) (bool, error) {
	info, err := o.file.Stat()
	if err != nil || info.Size() != int64(len(encoded)) {
		return false, err
	}
	held := make([]byte, len(encoded))
	if _, err := o.file.ReadAt(held, 0); err != nil {
		return false, err
	}
	return bytes.Equal(held, encoded), nil
}

// config and decode read the picture from the file's beginning.
func (o *original) config() (image.Config, error) {
	return png.DecodeConfig(io.NewSectionReader(o.file, 0, math.MaxInt64))
}

func (o *original) decode() (image.Image, error) {
	return png.Decode(io.NewSectionReader(o.file, 0, math.MaxInt64))
}

// plain is a picture as 8-bit pixels in one piece.
func plain(img image.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Bounds(), img, img.Bounds().Min, draw.Src)
	return out
}

// psnr is the peak signal-to-noise ratio in dB over the colours of two pictures of one size, infinite when they are
// equal.
func psnr(a, b *image.NRGBA) float64 {
	sum, values := 0.0, 0
	for i := range a.Pix {
		if i%4 == 3 { // opacity
			continue
		}
		d := float64(a.Pix[i]) - float64(b.Pix[i])
		sum += d * d
		values++
	}
	return 10 * math.Log10(255*255*float64(values)/sum)
}
