// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

var (
	red    = color.NRGBA{R: 220, G: 30, B: 30, A: 255}
	green  = color.NRGBA{R: 30, G: 200, B: 40, A: 255}
	blue   = color.NRGBA{R: 40, G: 40, B: 220, A: 255}
	yellow = color.NRGBA{R: 230, G: 220, B: 40, A: 255}
)

// corners is a JPEG file, 32 pixels wide and 16 high, with a colour in each quarter.
func corners(t testing.TB) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 32, 16))
	for i, colour := range []color.Color{red, green, blue, yellow} {
		quarter := image.Rect(0, 0, 16, 8).Add(image.Pt(i%2*16, i/2*8))
		draw.Draw(img, quarter, image.NewUniform(colour), image.Point{}, draw.Src)
	}
	var file bytes.Buffer
	require.NoError(t, jpeg.Encode(&file, img, &jpeg.Options{Quality: 100}))
	return file.Bytes()
}

// exif is an EXIF block, a TIFF file in miniature, with one entry: the orientation.
func exif(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	b := []byte("Exif\x00\x00" + mark)
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8) // where the entries begin
	b = order.AppendUint16(b, 1) // how many there are
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3) // of type SHORT
	b = order.AppendUint32(b, 1) // one value
	b = order.AppendUint16(b, orientation)
	return append(b, 0, 0, 0, 0, 0, 0)
}

// withSegment puts an APP1 segment behind a JPEG file's first two bytes.
func withSegment(file, content []byte) []byte {
	out := append([]byte{}, file[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(content)+2))
	return append(append(out, content...), file[2:]...)
}

// The corners are where EXIF says that the stored picture's first row and column belong.
func TestDecodeTurns(t *testing.T) {
	for orientation, want := range map[uint16][4]color.NRGBA{ // upper left, upper right, lower left, lower right
		1: {red, green, blue, yellow},
		2: {green, red, yellow, blue},
		3: {yellow, blue, green, red},
		4: {blue, yellow, red, green},
		5: {red, blue, green, yellow},
		6: {blue, red, yellow, green},
		7: {yellow, green, blue, red},
		8: {green, yellow, red, blue},
		0: {red, green, blue, yellow}, // no orientation
		9: {red, green, blue, yellow},
	} {
		for _, order := range []struct {
			order binary.AppendByteOrder
			mark  string
		}{{binary.LittleEndian, "II"}, {binary.BigEndian, "MM"}} {
			t.Run(fmt.Sprintf("%d %s", orientation, order.mark), func(t *testing.T) {
				file := withSegment(corners(t), exif(order.order, order.mark, orientation))
				img, err := picture.Decode(bytes.NewReader(file), "corners.jpg")
				require.NoError(t, err)
				size := image.Pt(32, 16)
				if orientation >= 5 && orientation <= 8 {
					size = image.Pt(16, 32)
				}
				require.Equal(t, image.Rectangle{Max: size}, img.Bounds())
				for i, colour := range want {
					near(t, colour, img.At(1+i%2*(size.X-3), 1+i/2*(size.Y-3)), 6, i)
				}
			})
		}
	}
}

func TestDecodeWithBrokenEXIF(t *testing.T) {
	whole := exif(binary.LittleEndian, "II", 6)
	for name, content := range map[string][]byte{
		"cut off":        whole[:20],
		"another order":  append([]byte("Exif\x00\x00XX"), whole[8:]...),
		"far away":       append(append([]byte{}, whole[:10]...), 0xff, 0xff, 0xff, 0xff, 0, 0),
		"many entries":   append(append(append([]byte{}, whole[:14]...), 0xff, 0xff), whole[16:24]...),
		"something else": []byte("http://ns.adobe.com/xap/1.0/\x00<x/>"),
		"nothing":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			img, err := picture.Decode(bytes.NewReader(withSegment(corners(t), content)), "corners.jpg")
			require.NoError(t, err)
			require.Equal(t, image.Rect(0, 0, 32, 16), img.Bounds())
			near(t, red, img.At(1, 1), 6)
		})
	}
}
