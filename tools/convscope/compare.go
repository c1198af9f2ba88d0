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

	"convscope/internal/file"
	"convscope/pkg/recipe"
)

// What a comparison says when the pixels are equal; else it is their PSNR.
const (
	identical       = "identical, byte for byte"
	identicalPixels = "identical pixels"
)

// original is a picture's file, to be compared with the picture made again.
type original struct{ encoded []byte }

// readOriginal reads the file.
func readOriginal(path string) (*original, error) {
	opened, err := file.Open(path)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	encoded, err := io.ReadAll(opened)
	return &original{encoded}, err
}

// compare says how equal the picture made again is: [identical], [identicalPixels], or the peak signal-to-noise ratio.
func (o *original) compare(img image.Image, made recipe.Recipe) (string, error) {
	var again bytes.Buffer
	if err := recipe.Encode(&again, img, made); err != nil {
		return "", err
	}
	if bytes.Equal(again.Bytes(), o.encoded) {
		return identical, nil
	}
	config, err := png.DecodeConfig(bytes.NewReader(o.encoded))
	if err != nil {
		return "", err
	}
	if was, is := image.Pt(config.Width, config.Height), img.Bounds().Size(); was != is { // before a forged size takes memory
		return "", fmt.Errorf("it has %dx%d pixels, by its recipe there are %dx%d", was.Y, was.X, is.Y, is.X)
	}
	was, err := png.Decode(bytes.NewReader(o.encoded))
	if err != nil {
		return "", err
	}
	quality := psnr(plain(was), plain(img))
	if math.IsInf(quality, 1) {
		return identicalPixels, nil
	}
	return fmt.Sprintf("PSNR %.1f dB", quality), nil
}

// plain is a picture as 8-bit pixels in one piece.
func plain(img image.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Bounds(), img, img.Bounds().Min, draw.Src)
	return out
}

// psnr is the peak signal-to-noise ratio in dB over the colours of two pictures of one size, infinite when they are equal.
func psnr(a, b *image.NRGBA) float64 {
	sum, values := 0.0, 0
	for i := range a.Pix {
		if i%4 == 3 { // opaque
			continue
		}
		d := float64(a.Pix[i]) - float64(b.Pix[i])
		sum += d * d
		values++
	}
	return 10 * math.Log10(255*255*float64(values)/sum)
}
