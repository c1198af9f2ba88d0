// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/draw"
)

// Hash tells a picture from others, whatever file it comes from: the SHA-256, in hex, of its height and width as
// little-endian uint32, and of its pixels row by row, red, green, blue and opacity with 8 bits each.
func Hash(img image.Image) string {
	size := img.Bounds().Size()
	sum := sha256.New()
	_ = binary.Write(sum, binary.LittleEndian, []uint32{uint32(size.Y), uint32(size.X)}) // a hash takes everything
	var pixels []byte
	stride := 0
	switch p := img.(type) { // opaque pixels are the same bytes in both, and need no conversion
	case *image.NRGBA:
		if p.Opaque() {
			pixels, stride = p.Pix, p.Stride
		}
	case *image.RGBA:
		if p.Opaque() {
			pixels, stride = p.Pix, p.Stride
		}
	}
	row := image.NewNRGBA(image.Rect(0, 0, size.X, 1))
	for y := range size.Y {
		if pixels != nil {
			sum.Write(pixels[y*stride : y*stride+4*size.X])
			continue
		}
		draw.Draw(row, row.Rect, img, img.Bounds().Min.Add(image.Pt(0, y)), draw.Src)
		sum.Write(row.Pix)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
