// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bytes"
	"image"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/riff"
)

// orientation reads a file's EXIF orientation: 1 to 8, as EXIF counts them, and 1 where there is none or none that makes sense.
func orientation(r io.ReadSeeker, name string) int {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return 1
	}
	options := imagemeta.Options{R: r, Sources: imagemeta.EXIF}
	switch name {
	case "JPEG":
		options.ImageFormat = imagemeta.JPEG
	case "PNG":
		options.ImageFormat = imagemeta.PNG
	case "WebP":
		// The library does not skip the byte that pads odd chunks, so the chunk is looked up here; what stands in it is a TIFF file.
		options.ImageFormat, options.R = imagemeta.TIFF, webpEXIF(r)
	default:
		return 1
	}
	found := 1
	options.ShouldHandleTag = func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" && tag.Namespace == "IFD0" }
	options.HandleTag = func(tag imagemeta.TagInfo) error {
		if v, ok := tag.Value.(uint16); ok && v >= 1 && v <= 8 {
			found = int(v)
		}
		return imagemeta.ErrStopWalking
	}
	_, _ = imagemeta.Decode(options) // broken notes about a picture do not spoil the picture
	return found
}

// webpEXIF returns what a WebP file's EXIF chunk holds, empty if it has none.
func webpEXIF(r io.Reader) io.ReadSeeker {
	const longest = 1 << 20
	_, chunks, err := riff.NewReader(r)
	for err == nil {
		var id riff.FourCC
		var length uint32
		var data io.Reader
		if id, length, data, err = chunks.Next(); err == nil && id == (riff.FourCC{'E', 'X', 'I', 'F'}) && length < longest {
			found, _ := io.ReadAll(data)
			return bytes.NewReader(bytes.TrimPrefix(found, []byte("Exif\x00\x00")))
		}
	}
	return bytes.NewReader(nil)
}

// turn shows an image the way that an EXIF orientation says: the value names the sides of the scene at which the stored rows and columns begin
// (Exif 3.0, tag 0x0112).
func turn(img *image.NRGBA, orientation int) *image.NRGBA {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	right, bottom := width-1, height-1
	var from func(x, y int) (int, int) // where a pixel of the result stands in the stored image
	switch orientation {
	case 2:
		from = func(x, y int) (int, int) { return right - x, y }
	case 3:
		from = func(x, y int) (int, int) { return right - x, bottom - y }
	case 4:
		from = func(x, y int) (int, int) { return x, bottom - y }
	case 5:
		from = func(x, y int) (int, int) { return y, x }
	case 6:
		from = func(x, y int) (int, int) { return y, bottom - x }
	case 7:
		from = func(x, y int) (int, int) { return right - y, bottom - x }
	case 8:
		from = func(x, y int) (int, int) { return right - y, x }
	default:
		return img
	}
	if orientation > 4 {
		width, height = height, width
	}
	out := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fromX, fromY := from(x, y)
			copy(out.Pix[out.PixOffset(x, y):][:4], img.Pix[img.PixOffset(fromX, fromY):][:4])
		}
	}
	return out
}
