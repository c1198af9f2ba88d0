// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

// stored reads one of the small pictures.
func stored(t testing.TB, name string) []byte {
	file, err := os.ReadFile(filepath.Join("testdata/photo", name))
	require.NoError(t, err)
	return file
}

// pngFile is a PNG file that says it has that size, and holds no pixels.
func pngFile(width, height uint32) []byte {
	header := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)...)
	header = append(header, 8, 2, 0, 0, 0)
	file := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(header))
}

// gifFile is a GIF file that says it has that size, and holds no pixels.
func gifFile(width, height uint16) []byte {
	file := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16([]byte("GIF89a"), width), height)
	return append(file, 0, 0, 0, 0x3b)
}

// jpegSized is the small JPEG file with another size written into it.
func jpegSized(t *testing.T, width, height uint16) []byte {
	file := stored(t, "baseline.jpg")
	at := bytes.Index(file, []byte{0xff, 0xc0})
	require.Positive(t, at)
	binary.BigEndian.PutUint16(file[at+5:], height)
	binary.BigEndian.PutUint16(file[at+7:], width)
	return file
}

// webpLarge is a lossless WebP file of 16,384 x 16,384 pixels, by its word.
func webpLarge() []byte {
	return []byte("RIFF\x16\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00")
}

func TestDecodeRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		file []byte
		want error
		text string
	}{
		{"empty", nil, picture.ErrFormat, "photo: not a picture that can be read: it is empty"},
		{"text", []byte("This is no picture.\n"), picture.ErrFormat,
			"it is a text file; give a JPEG, PNG, GIF or WebP file"},
		{"a page", []byte("<html><body>404</body></html>"), picture.ErrFormat, "it is a web page"},
		{"another page", []byte("\n<!DOCTYPE HTML>\n<head>"), picture.ErrFormat, "it is a web page"},
		{"SVG", []byte(`<?xml version="1.0"?>` + "\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), picture.ErrFormat,
			"it is an SVG drawing; give a JPEG"},
		{"PPM", []byte("P6\n48 32\n255\n\x01\x02"), picture.ErrFormat, "it is a Netpbm picture (PPM)"},
		{"no PPM", []byte("P6\n: press six"), picture.ErrFormat, "it is a text file"},
		{"JPEG 2000", []byte("\x00\x00\x00\x0cjP  \r\n\x87\n"), picture.ErrFormat, "it is a JPEG 2000 picture"},
		{"a video", []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"), picture.ErrFormat, "it is a video"},
		{"weights", []byte("\x89HDF\r\n\x1a\n\x00\x00"), picture.ErrFormat, "it is an HDF5 file, such as of weights"},
		{"an iPhone's PNG", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x04CgBI\x50\x00\x20\x06"), picture.ErrFormat,
			"as Apple's tools change it (CgBI); save it"},
		{"lines before a JPEG", append([]byte("\n\n"), stored(t, "baseline.jpg")...), picture.ErrFormat,
			"it is a JPEG file behind 2 bytes that don't belong there"},
		{"noise", []byte{1, 2, 3, 0, 200, 201}, picture.ErrFormat, "its format is not known; give a JPEG"},
		{"one byte", []byte{0xff}, picture.ErrFormat, "its format is not known"},
		{"AVIF", stored(t, "picture.avif"), picture.ErrFormat, "it is an AVIF picture; give a JPEG"},
		{"HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), picture.ErrFormat,
			"it is a HEIC picture; give a JPEG"},
		{"TIFF", stored(t, "picture.tiff"), picture.ErrFormat, "it is a TIFF picture; give a JPEG"},
		{"BMP", stored(t, "picture.bmp"), picture.ErrFormat, "it is a BMP picture"},
		{"PDF", []byte("%PDF-1.7\n%"), picture.ErrFormat, "it is a PDF document"},
		{"animated WebP", stored(t, "moving.webp"), picture.ErrFormat, "it is a WebP animation; save one picture of it"},
		{"inks without a word on them", stored(t, "unknown-inks.jpg"), picture.ErrFormat, "save it as an ordinary RGB file"},
		{"PNG's beginning", stored(t, "plain.png")[:20], picture.ErrDamaged,
			"damaged or cut off: the PNG file ends too early"},
		{"half a PNG", stored(t, "plain.png")[:60], picture.ErrDamaged, "damaged or cut off: png: "},
		{"half a JPEG", stored(t, "baseline.jpg")[:700], picture.ErrDamaged, "damaged or cut off: invalid JPEG format"},
		{"half a progressive JPEG", stored(t, "progressive.jpg")[:600], picture.ErrDamaged, "ends too early"},
		{"half a GIF", stored(t, "still.gif")[:300], picture.ErrDamaged, "gif"},
		{"half a WebP", stored(t, "lossy.webp")[:100], picture.ErrDamaged, "damaged or cut off"},
		{"PNG with a changed byte", changed(stored(t, "plain.png"), 50), picture.ErrDamaged, "damaged or cut off"},
		{"no pixels", pngFile(0, 5), picture.ErrDamaged, "damaged or cut off"},
		{"GIF without pixels", gifFile(0, 0), picture.ErrDamaged, "0 x 0 pixels"},
		{"PNG bomb", pngFile(60000, 60000), picture.ErrTooLarge,
			"too large: 60000 x 60000 pixels, where 67108864 in all are allowed: give a smaller picture"},
		{"wide PNG bomb", pngFile(1<<31-1, 1), picture.ErrTooLarge, "2147483647 x 1 pixels"},
		{"GIF bomb", gifFile(65535, 65535), picture.ErrTooLarge, "65535 x 65535 pixels"},
		{"JPEG bomb", jpegSized(t, 65535, 65535), picture.ErrTooLarge, "65535 x 65535 pixels"},
		{"WebP bomb", webpLarge(), picture.ErrTooLarge, "16384 x 16384 pixels"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := picture.Decode(bytes.NewReader(test.file), "photo")
			runtime.ReadMemStats(&after)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
			require.NotContains(t, err.Error(), "\n")
			require.True(t, strings.HasPrefix(err.Error(), "photo: "))
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "bytes of memory that were asked for")
		})
	}
}

// changed is the file with one byte turned over.
func changed(file []byte, at int) []byte {
	file[at] ^= 0xff
	return file
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	path := func(name string, content []byte) string {
		p := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(p, content, 0o644))
		return p
	}
	heavy := path("heavy.png", stored(t, "plain.png"))
	require.NoError(t, os.Truncate(heavy, 257<<20)) // a sparse file
	for _, test := range []struct {
		name, path string
		want       error
		text       string
	}{
		{"missing", filepath.Join(dir, "none.png"), os.ErrNotExist, "opening the photo"},
		{"folder", dir, picture.ErrFormat, "it is a folder; give a picture in it"},
		{"device", os.DevNull, picture.ErrFormat, "no ordinary file"},
		{"empty", path("empty.jpg", nil), picture.ErrFormat, "empty.jpg: not a picture that can be read: it is empty"},
		{"text under a picture's name", path("bad.png", []byte("no picture")), picture.ErrFormat, "it is a text file"},
		{"heavy", heavy, picture.ErrTooLarge, "257 MiB, where 256 are allowed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := picture.Open(test.path)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
			require.Panics(t, func() { picture.MustOpen(test.path) })
		})
	}
	require.Equal(t, 17, picture.MustOpen(path("picture.txt", stored(t, "plain.png"))).Bounds().Dy(),
		"the content counts, not the name")
}

// failing is a file on a disk that fails after some bytes.
type failing struct {
	*bytes.Reader
	left int
}

var errDisk = errors.New("disk failed")

func (f *failing) Read(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errDisk
	}
	return f.Reader.Read(p)
}

func TestDecodeKeepsTheReadersError(t *testing.T) {
	for name, bytesFirst := range map[string]int{"at once": 0, "after the head": 600, "after the size": 6000} {
		t.Run(name, func(t *testing.T) {
			file := append(stored(t, "baseline.jpg"), make([]byte, 9000)...)
			// A long comment.
			file = append(file[:2], append([]byte("\xff\xfe\x17\x70"+strings.Repeat(" ", 5998)), file[2:]...)...)
			_, err := picture.Decode(&failing{bytes.NewReader(file), bytesFirst}, "photo")
			require.ErrorIs(t, err, errDisk)
		})
	}
}

func TestDecodeSixteenBits(t *testing.T) {
	deep, gray := image.NewNRGBA64(image.Rect(0, 0, 2, 1)), image.NewGray16(image.Rect(0, 0, 2, 1))
	deep.SetNRGBA64(0, 0, color.NRGBA64{R: 0x1234, G: 0x89ab, B: 0xfedc, A: 0xffff})
	deep.SetNRGBA64(1, 0, color.NRGBA64{R: 0xffff, A: 0x8000})
	gray.SetGray16(0, 0, color.Gray16{Y: 0x4000})
	gray.SetGray16(1, 0, color.Gray16{Y: 0xfffe})
	for name, test := range map[string]struct {
		img  image.Image
		want [2]color.NRGBA
	}{
		"colours": {deep, [2]color.NRGBA{{R: 0x12, G: 0x89, B: 0xfe, A: 255}, {R: 255, G: 127, B: 127, A: 255}}},
		"gray":    {gray, [2]color.NRGBA{{R: 0x40, G: 0x40, B: 0x40, A: 255}, {R: 255, G: 255, B: 255, A: 255}}},
	} {
		t.Run(name, func(t *testing.T) {
			var file bytes.Buffer
			require.NoError(t, png.Encode(&file, test.img))
			got, err := picture.Decode(bytes.NewReader(file.Bytes()), "deep.png")
			require.NoError(t, err)
			for x, want := range test.want {
				near(t, want, got.At(x, 0), 1)
			}
		})
	}
}

func TestDecodeSmallFrameOfGIF(t *testing.T) {
	frame := image.NewPaletted(image.Rect(4, 2, 6, 4), color.Palette{color.NRGBA{R: 255, A: 255},
		color.NRGBA{B: 255, A: 255}})
	frame.Pix[3] = 1
	var file bytes.Buffer
	require.NoError(t, gif.EncodeAll(&file, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0},
		Config: image.Config{Width: 9, Height: 7}}))
	img, err := picture.Decode(bytes.NewReader(file.Bytes()), "frame.gif")
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 9, 7), img.Bounds())
	require.Equal(t, color.NRGBA{R: 255, G: 255, B: 255, A: 255}, img.At(0, 0))
	require.Equal(t, color.NRGBA{R: 255, A: 255}, img.At(4, 2))
	require.Equal(t, color.NRGBA{B: 255, A: 255}, img.At(5, 3))
}

// FuzzDecode holds that any bytes give an opaque picture that is not too large, or one of the three errors on one
// line.
func FuzzDecode(f *testing.F) {
	names, err := filepath.Glob("testdata/photo/*.*")
	require.NoError(f, err)
	for _, name := range names {
		if filepath.Ext(name) != ".py" {
			f.Add(stored(f, filepath.Base(name)))
		}
	}
	f.Add(withSegment(corners(f), exif(binary.BigEndian, "MM", 8)))
	f.Add(withSegment(corners(f), []byte(exifHead+string(block(binary.LittleEndian, "II", 0x0112, 5, 1,
		[]byte{6, 0, 0, 0, 1, 0, 0, 0})))))
	f.Add(withSegment(corners(f), []byte(xmpHead+attribute)))
	f.Add(pngFile(3, 4))
	f.Add(gifFile(3, 4))
	f.Add(webpLarge())
	f.Fuzz(func(t *testing.T, file []byte) {
		if config, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil &&
			config.Width*config.Height > 1<<16 && config.Width*config.Height <= 1<<26 {
			t.Skip("large enough to slow the search down")
		}
		img, err := picture.Decode(bytes.NewReader(file), "fuzz")
		if err != nil {
			require.True(t, errors.Is(err, picture.ErrFormat) || errors.Is(err, picture.ErrDamaged) ||
				errors.Is(err, picture.ErrTooLarge), "%v", err)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.Equal(t, image.Point{}, img.Bounds().Min)
		require.False(t, img.Bounds().Empty())
		require.True(t, img.(*image.NRGBA).Opaque())
	})
}
