// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/webp"
)

// format is a file format that is read.
type format struct {
	name   string
	magic  string // how its files begin; '?' is any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var formats = []format{
	{"JPEG", "\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
	{"PNG", "\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"GIF", "GIF8?a", gif.DecodeConfig, gif.Decode},
	{"WebP", "RIFF????WEBP", webp.DecodeConfig, decodeWebP},
}

// others are formats that are known well enough to be named.
var others = []struct{ name, magic string }{
	{"an AVIF picture", "????ftypavif"},
	{"an AVIF picture", "????ftypavis"},
	{"a HEIC picture", "????ftyphei?"},
	{"a HEIC picture", "????ftyphev?"},
	{"a HEIC picture", "????ftypmif1"},
	{"a HEIC picture", "????ftypmsf1"},
	{"a camera's raw picture", "????ftypcrx "},
	{"a camera's raw picture", "FUJIFILMCCD-RAW"},
	{"a video", "????ftyp"},
	{"a video", "\x1a\x45\xdf\xa3"},
	{"a video", "RIFF????AVI "},
	{"a TIFF picture", "II*\x00"},
	{"a TIFF picture", "MM\x00*"},
	{"a TIFF picture", "II+\x00"},
	{"a TIFF picture", "MM\x00+"},
	{"a BMP picture", "BM????\x00\x00\x00\x00"},
	{"a JPEG XL picture", "\xff\x0a"},
	{"a JPEG XL picture", "\x00\x00\x00\x0cJXL "},
	{"a JPEG 2000 picture", "\x00\x00\x00\x0cjP  "},
	{"a JPEG 2000 picture", "\xff\x4f\xff\x51"},
	{"an OpenEXR picture", "v/1\x01"},
	{"a Radiance picture", "#?RADIANCE"},
	{"an icon", "\x00\x00\x01\x00"},
	{"a GIMP picture", "gimp xcf"},
	{"a Photoshop document", "8BPS"},
	{"a PDF document", "%PDF-"},
	{"a ZIP archive", "PK\x03\x04"},
	{"a gzip archive", "\x1f\x8b"},
	{"an HDF5 file, such as of weights", "\x89HDF\r\n\x1a\n"},
	{"a NumPy array", "\x93NUMPY"},
}

// texts are texts that are known well enough to be named, by a word near their beginning.
var texts = []struct{ name, word string }{
	{"an SVG drawing", "<svg"},
	{"a web page", "<html"},
	{"a web page", "<!doctype html"},
}

// netpbm is how the files of Netpbm begin: PBM, PGM, PPM and PAM.
var netpbm = regexp.MustCompile(`^P[1-7][ \t\r\n]+[#0-9W]`)

// sniff finds the format by the file's first bytes.
func sniff(head []byte) (format, error) {
	for _, f := range formats {
		switch {
		case !begins(head, f.magic):
			continue
		case f.name == "WebP" && len(head) > 20 && string(head[12:16]) == "VP8X" && head[20]&2 != 0:
			return format{}, fmt.Errorf("%w: it is a WebP animation; save one picture of it as PNG or JPEG "+
				"and give that", ErrFormat)
		case begins(head, pngSignature+"????CgBI"): // other colours under a PNG's name
			return format{}, fmt.Errorf("%w: it is a PNG file as Apple's tools change it (CgBI); save it as an "+
				"ordinary PNG and give that", ErrFormat)
		}
		return f, nil
	}
	return format{}, fmt.Errorf("%w: %s; give a JPEG, PNG, GIF or WebP file", ErrFormat, name(head))
}

// name says what a file is that is not read.
func name(head []byte) string {
	for _, other := range others {
		if begins(head, other.magic) {
			return "it is " + other.name
		}
	}
	if netpbm.Match(head) {
		return "it is a Netpbm picture (PPM)"
	}
	if late := bytes.TrimLeft(head, "\x00\t\r\n \ufeff"); len(late) < len(head) {
		for _, f := range formats {
			if begins(late, f.magic) {
				return fmt.Sprintf("it is a %s file behind %d bytes that don't belong there",
					f.name, len(head)-len(late))
			}
		}
	}
	if !isText(head) {
		return "its format is not known"
	}
	lower := bytes.ToLower(head)
	for _, text := range texts {
		if bytes.Contains(lower, []byte(text.word)) {
			return "it is " + text.name
		}
	}
	return "it is a text file"
}

// isText says whether the bytes are the beginning of a text in UTF-8.
func isText(head []byte) bool {
	whole := head[:max(len(head)-utf8.UTFMax, 1)] // the last letter may be cut
	return utf8.Valid(whole) && !bytes.ContainsFunc(whole,
		func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) })
}

// begins says whether the bytes begin as the pattern says.
func begins(head []byte, pattern string) bool {
	if len(head) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != head[i] {
			return false
		}
	}
	return true
}

// size reads how large the picture says it is, and refuses what is too large.
func (f format) size(r io.ReadSeeker) (image.Point, error) {
	var config image.Config
	err := f.guard(r, func(r io.Reader) (err error) {
		config, err = f.config(r)
		return err
	})
	if err != nil {
		return image.Point{}, err
	}
	if config.Width < 1 || config.Height < 1 {
		return image.Point{}, fmt.Errorf("%w: it says that it has %d x %d pixels",
			ErrDamaged, config.Width, config.Height)
	}
	if config.Width > maxPixels/config.Height {
		return image.Point{}, fmt.Errorf("%w: %d x %d pixels, where %d in all are allowed: give a smaller picture",
			ErrTooLarge, config.Width, config.Height, maxPixels)
	}
	return image.Pt(config.Width, config.Height), nil
}

// read reads the picture.
func (f format) read(r io.ReadSeeker) (image.Image, error) {
	var img image.Image
	err := f.guard(r, func(r io.Reader) (err error) {
		img, err = f.decode(r)
		return err
	})
	return img, err
}

// guard lets a decoder read from the file's beginning, and makes one clear error of all that it may do with a broken
// file.
func (f format) guard(r io.ReadSeeker, decode func(io.Reader) error) (err error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: the %s decoder stopped: %v", ErrDamaged, f.name, p)
		}
	}()
	source := &source{r: r}
	err = decode(bufio.NewReader(source))
	var odd jpeg.UnsupportedError
	var oddPNG png.UnsupportedError
	switch {
	case err == nil:
		return nil
	case source.err != nil:
		return source.err
	case errors.As(err, &odd), errors.As(err, &oddPNG):
		return fmt.Errorf("%w: %s; save it as an ordinary RGB file and give that", ErrFormat, reason(err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: the %s file ends too early", ErrDamaged, f.name)
	}
	return fmt.Errorf("%w: %s", ErrDamaged, reason(err))
}

// reason is a decoder's error on one line.
func reason(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// source keeps the reader's own error, such as a disk's, apart from what a decoder makes of it.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
