// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

// block is an EXIF block with one entry of that kind, whose value is the four bytes, or stands at its end.
func block(order binary.AppendByteOrder, mark string, tag, kind uint16, count uint32, value []byte) []byte {
	b := order.AppendUint16([]byte(mark), 42)
	b = order.AppendUint32(b, 8) // where the entries begin
	b = order.AppendUint16(b, 1) // how many there are
	b = order.AppendUint16(order.AppendUint16(b, tag), kind)
	b = order.AppendUint32(b, count)
	if len(value) > 4 {
		b = order.AppendUint32(b, 26)
	} else {
		b = append(b, append(value, 0, 0, 0, 0)[:4]...)
	}
	b = append(b, 0, 0, 0, 0) // no other entries
	if len(value) > 4 {
		b = append(b, value...)
	}
	return b
}

// little is a block with an orientation as most cameras write it.
func little(orientation uint16) []byte {
	return block(binary.LittleEndian, "II", 0x0112, 3, 1, binary.LittleEndian.AppendUint16(nil, orientation))
}

const (
	exifHead = "Exif\x00\x00"
	xmpHead  = "http://ns.adobe.com/xap/1.0/\x00"
	extended = "http://ns.adobe.com/xmp/extension/\x00"
)

// xmp is a packet that says something of the orientation.
func xmp(says string) string {
	return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" ` +
		says + `</rdf:RDF></x:xmpmeta>`
}

var (
	attribute = xmp(`tiff:Orientation="6"/>`)
	element   = xmp(`><tiff:Orientation>6</tiff:Orientation></rdf:Description>`)
)

// TestJPEGTurnsAsPillow says for each way in which a JPEG file may name its orientation what Pillow 13.0.0 makes of it
// (ImageOps.exif_transpose).
func TestJPEGTurnsAsPillow(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	of := func(kind uint16, count uint32, value []byte) string {
		return exifHead + string(block(le, "II", 0x0112, kind, count, value))
	}
	six := exifHead + string(little(6))
	for name, test := range map[string]struct {
		segments []string
		want     int
	}{
		"nothing":               {nil, 1},
		"SHORT":                 {[]string{six}, 6},
		"big-endian":            {[]string{exifHead + string(block(be, "MM", 0x0112, 3, 1, []byte{0, 6}))}, 6},
		"BYTE":                  {[]string{of(1, 1, []byte{6})}, 1},
		"ASCII":                 {[]string{of(2, 2, []byte("6"))}, 1},
		"LONG":                  {[]string{of(4, 1, []byte{6})}, 6},
		"big-endian LONG":       {[]string{exifHead + string(block(be, "MM", 0x0112, 4, 1, []byte{0, 0, 0, 6}))}, 6},
		"a LONG beyond a SHORT": {[]string{of(4, 1, []byte{6, 0, 1, 0})}, 1},
		"RATIONAL":              {[]string{of(5, 1, []byte{6, 0, 0, 0, 1, 0, 0, 0})}, 6},
		"RATIONAL between":      {[]string{of(5, 1, []byte{13, 0, 0, 0, 2, 0, 0, 0})}, 1},
		"RATIONAL over zero":    {[]string{of(5, 1, []byte{6, 0, 0, 0, 0, 0, 0, 0})}, 1},
		"SBYTE":                 {[]string{of(6, 1, []byte{6})}, 6},
		"SLONG":                 {[]string{of(9, 1, []byte{6})}, 6},
		"negative":              {[]string{of(9, 1, []byte{255, 255, 255, 255})}, 1},
		"FLOAT":                 {[]string{of(11, 1, le.AppendUint32(nil, math.Float32bits(6)))}, 6},
		"NaN":                   {[]string{of(11, 1, le.AppendUint32(nil, math.Float32bits(float32(math.NaN()))))}, 1},
		"two SHORTs":            {[]string{of(3, 2, []byte{6, 0, 1, 0})}, 6},
		"two LONGs":             {[]string{of(4, 2, []byte{6, 0, 0, 0, 1, 0, 0, 0})}, 6},
		"none of them":          {[]string{of(3, 0, []byte{6})}, 1},
		"more than there are":   {[]string{of(3, 1<<31, []byte{6})}, 1},
		"0 and XMP":             {[]string{exifHead + string(little(0)), xmpHead + attribute}, 1},
		"9 and XMP":             {[]string{exifHead + string(little(9)), xmpHead + attribute}, 1},
		"XMP's attribute":       {[]string{xmpHead + attribute}, 6},
		"XMP's element":         {[]string{xmpHead + element}, 6},
		"XMP's 0":               {[]string{xmpHead + xmp(`tiff:Orientation="0"/>`)}, 1},
		"XMP's 9":               {[]string{xmpHead + xmp(`tiff:Orientation="9"/>`)}, 1},
		"XMP in single quotes":  {[]string{xmpHead + xmp(`tiff:Orientation='6'/>`)}, 1},
		"XMP before EXIF":       {[]string{xmpHead + attribute, exifHead + string(little(3))}, 3},
		"EXIF before XMP":       {[]string{exifHead + string(little(3)), xmpHead + attribute}, 3},
		"EXIF without, and XMP": {[]string{exifHead + string(block(le, "II", 0x0113, 3, 1, []byte{3})),
			xmpHead + attribute}, 6},
		"broken EXIF, and XMP":    {[]string{exifHead + "II*\x00\xff\xff\xff\xff", xmpHead + attribute}, 6},
		"empty EXIF, and XMP":     {[]string{exifHead, xmpHead + attribute}, 6},
		"two EXIFs":               {[]string{six, exifHead + string(little(8))}, 6},
		"two XMPs":                {[]string{xmpHead + xmp(`tiff:Orientation="3"/>`), xmpHead + attribute}, 6},
		"extended XMP":            {[]string{extended + attribute}, 1},
		"extended XMP behind XMP": {[]string{xmpHead + xmp(`tiff:Orientation="3"/>`), extended + attribute}, 3},
		"cut XMP":                 {[]string{xmpHead + attribute[:len(attribute)-20]}, 6},
		"a long XMP":              {[]string{xmpHead + string(bytes.Repeat([]byte(" "), 60_000)) + attribute}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			file := corners(t)
			for i := range test.segments {
				file = withSegment(file, []byte(test.segments[len(test.segments)-1-i]))
			}
			turnedAs(t, file, test.want)
		})
	}
	t.Run("filled", func(t *testing.T) {
		file := withSegment(corners(t), []byte(six))
		turnedAs(t, append([]byte{0xff, 0xd8, 0xff, 0xff}, file[2:]...), 6)
	})
	t.Run("behind other segments", func(t *testing.T) {
		file := corners(t)
		at := bytes.Index(file, []byte{0xff, 0xda}) // where the pixels begin
		late := withSegment(file[at-2:], []byte(xmpHead+attribute))
		turnedAs(t, append(file[:at-2:at-2], late...), 6)
	})
	t.Run("behind the end", func(t *testing.T) {
		file := corners(t)
		turnedAs(t, append(file, withSegment([]byte{0xff, 0xd8}, []byte(six))[2:]...), 1)
	})
}

// turnedAs compares a picture of a red, a green, a blue and a yellow corner with the way that an orientation turns it.
func turnedAs(t *testing.T, file []byte, orientation int) {
	t.Helper()
	img, err := picture.Decode(bytes.NewReader(file), "corners")
	require.NoError(t, err)
	first := map[int]color.Color{1: red, 3: yellow, 6: blue, 8: green}
	require.Contains(t, first, orientation)
	size := image.Pt(32, 16)
	if orientation > 4 {
		size = image.Pt(16, 32)
	}
	require.Equal(t, size, img.Bounds().Size())
	got := 0
	for o, colour := range first {
		if close(img.At(1, 1), colour) {
			got = o
		}
	}
	require.Equal(t, orientation, got)
}

// close says whether two colours are nearly equal.
func close(a, b color.Color) bool {
	var x, y [3]uint32
	x[0], x[1], x[2], _ = a.RGBA()
	y[0], y[1], y[2], _ = b.RGBA()
	for i := range x {
		if math.Abs(float64(x[i])-float64(y[i])) > 10*257 {
			return false
		}
	}
	return true
}

// pngChunk is a chunk of a PNG file.
func pngChunk(kind, content string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(b, kind+content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+content)))
}

func deflated(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

// TestPNGTurnsAsPillow is the same for PNG files.
func TestPNGTurnsAsPillow(t *testing.T) {
	six := string(little(6))
	raw := fmt.Sprintf("\nexif\n%8d\n%s\n", len(exifHead+six), hex.EncodeToString([]byte(exifHead+six)))
	const xmpKey = "XML:com.adobe.xmp"
	for name, test := range map[string]struct {
		chunks []byte
		want   bool // turned by 6
	}{
		"nothing":            {nil, false},
		"eXIf":               {pngChunk("eXIf", six), true},
		"with a JPEG's head": {pngChunk("eXIf", exifHead+six), true},
		"a LONG": {pngChunk("eXIf", string(block(binary.BigEndian, "MM", 0x0112, 4, 1,
			[]byte{0, 0, 0, 6}))), true},
		"two":               {append(pngChunk("eXIf", string(little(3))), pngChunk("eXIf", six)...), true},
		"XMP":               {pngChunk("iTXt", xmpKey+"\x00\x00\x00\x00\x00"+attribute), true},
		"XMP in a language": {pngChunk("iTXt", xmpKey+"\x00\x00\x00en\x00word\x00"+element), true},
		"XMP deflated":      {pngChunk("iTXt", xmpKey+"\x00\x01\x00\x00\x00"+deflated(attribute)), true},
		"XMP as a text":     {pngChunk("tEXt", xmpKey+"\x00"+attribute), true},
		"XMP and eXIf": {append(pngChunk("eXIf", string(little(1))),
			pngChunk("tEXt", xmpKey+"\x00"+attribute)...), false},
		"ImageMagick's":    {pngChunk("zTXt", "Raw profile type exif\x00\x00"+deflated(raw)), true},
		"the same as text": {pngChunk("tEXt", "Raw profile type exif\x00"+raw), true},
		"broken texts": {append(append(pngChunk("zTXt", xmpKey+"\x00\x00no zlib"), pngChunk("iTXt", xmpKey)...),
			pngChunk("tEXt", "Raw profile type exif\x00\n")...), false},
		"a bomb": {pngChunk("zTXt", xmpKey+"\x00\x00"+deflated(string(make([]byte, 8<<20)))), false},
	} {
		for _, place := range []string{"before the pixels", "behind them"} {
			t.Run(name+" "+place, func(t *testing.T) {
				file := stored(t, "plain.png")
				at := 33 // behind the header
				if place == "behind them" {
					at = len(file) - 12
				}
				img, err := picture.Decode(bytes.NewReader(append(append(file[:at:at], test.chunks...), file[at:]...)),
					"plain.png")
				require.NoError(t, err)
				size := image.Pt(25, 17)
				if test.want {
					size = image.Pt(17, 25)
				}
				require.Equal(t, size, img.Bounds().Size())
			})
		}
	}
}

// TestWebPTurnsAsPillow is the same for WebP files.
func TestWebPTurnsAsPillow(t *testing.T) {
	six := string(little(6))
	chunk := func(kind, content string) string {
		if len(content)%2 == 1 {
			return kind + string(binary.LittleEndian.AppendUint32(nil, uint32(len(content)))) + content + "\x00"
		}
		return kind + string(binary.LittleEndian.AppendUint32(nil, uint32(len(content)))) + content
	}
	for name, test := range map[string]struct {
		chunks string
		want   bool
	}{
		"nothing":               {"", false},
		"EXIF":                  {chunk("EXIF", six), true},
		"with a JPEG's head":    {chunk("EXIF", exifHead+six), true},
		"a LONG":                {chunk("EXIF", string(block(binary.LittleEndian, "II", 0x0112, 4, 1, []byte{6}))), true},
		"XMP":                   {chunk("XMP ", attribute), true},
		"XMP of another length": {chunk("XMP ", element+" "), true},
		"XMP before EXIF":       {chunk("XMP ", attribute) + chunk("EXIF", string(little(1))), false},
		"XMP and EXIF without it": {chunk("EXIF", string(block(binary.LittleEndian, "II", 0x0113, 3, 1,
			[]byte{3}))) + chunk("XMP ", attribute), true},
	} {
		t.Run(name, func(t *testing.T) {
			file := append(stored(t, "lossless.webp"), test.chunks...)
			binary.LittleEndian.PutUint32(file[4:], uint32(len(file)-8))
			img, err := picture.Decode(bytes.NewReader(file), "lossless.webp")
			require.NoError(t, err)
			size := image.Pt(25, 17)
			if test.want {
				size = image.Pt(17, 25)
			}
			require.Equal(t, size, img.Bounds().Size())
		})
	}
}
