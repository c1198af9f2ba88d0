// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"

	"golang.org/x/image/riff"
)

// notes are what a picture's file says beside its pixels, as far as the orientation may stand in it.
type notes struct{ exif, xmp []byte }

// longestNote bounds what is read of a note.
const longestNote = 1 << 20

// orientation reads how a picture is to be turned: 1 to 8, as EXIF counts them, and 1 where nothing that makes sense
// is said. EXIF's word counts, and XMP's where EXIF has none: the rules are Pillow's (ImageOps.exif_transpose).
func orientation(r io.ReadSeeker, name string) int {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return 1
	}
	var n notes // broken notes about a picture do not spoil the picture
	switch name {
	case "JPEG":
		n = jpegNotes(bufio.NewReader(r))
	case "PNG":
		n = pngNotes(r)
	case "WebP":
		n = webpNotes(r)
	}
	value, found := exifOrientation(n.exif)
	if !found {
		value = float64(xmpOrientation(n.xmp))
	}
	if value >= 1 && value <= 8 && value == float64(int(value)) {
		return int(value)
	}
	return 1
}

// jpegNotes are a JPEG file's EXIF and XMP, which stand in segments before its pixels (EXIF 3.0, 4.7.2; XMP part 3,
// 1.1.3). Of several XMP packets the last counts; EXIF may be cut into several segments.
func jpegNotes(r *bufio.Reader) (n notes) {
	const startOfImage, startOfScan, app1 = 0xd8, 0xda, 0xe1
	for {
		marker, err := r.ReadByte()
		if err != nil {
			return n
		}
		if marker != 0xff {
			continue // between segments there is nothing; be lenient
		}
		for marker == 0xff && err == nil { // any number of these may fill
			marker, err = r.ReadByte()
		}
		if err != nil || marker == startOfScan {
			return n
		}
		if marker == 0 || marker == 1 || marker >= 0xd0 && marker <= startOfImage {
			continue // these have no content
		}
		var length [2]byte
		if _, err := io.ReadFull(r, length[:]); err != nil {
			return n
		}
		size := max(int(binary.BigEndian.Uint16(length[:]))-2, 0)
		if marker != app1 {
			if _, err := r.Discard(size); err != nil {
				return n
			}
			continue
		}
		content := make([]byte, size)
		if _, err := io.ReadFull(r, content); err != nil {
			return n
		}
		if packet, is := bytes.CutPrefix(content, []byte("http://ns.adobe.com/xap/1.0/\x00")); is {
			n.xmp = packet
		} else if block, is := bytes.CutPrefix(content, []byte("Exif\x00\x00")); is && len(n.exif) < longestNote {
			n.exif = append(n.exif, block...)
		}
	}
}

// pngNotes are a PNG file's EXIF, in a chunk of its own or as ImageMagick writes it, in hexadecimal digits, and its
// XMP. They may stand behind the pixels; the last ones count.
func pngNotes(r io.ReadSeeker) (n notes) {
	if _, err := r.Seek(int64(len(pngSignature)), io.SeekStart); err != nil {
		return n
	}
	var profile []byte
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			break
		}
		length, kind := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		if kind == "IEND" {
			break
		}
		const sum = 4
		if length > longestNote || kind != "eXIf" && !strings.HasSuffix(kind, "Xt") {
			if _, err := r.Seek(length+sum, io.SeekCurrent); err != nil {
				break
			}
			continue
		}
		content := make([]byte, length+sum)
		if _, err := io.ReadFull(r, content); err != nil {
			break
		}
		content = content[:length]
		if kind == "eXIf" {
			n.exif = content
			continue
		}
		switch keyword, text := pngText(kind, content); keyword {
		case "XML:com.adobe.xmp":
			n.xmp = text
		case "Raw profile type exif":
			profile = text
		}
	}
	if n.exif == nil {
		n.exif = unhex(profile)
	}
	return n
}

// pngText is a text chunk's keyword and text (PNG, third edition, 11.3.3).
func pngText(kind string, content []byte) (keyword string, text []byte) {
	before, rest, found := bytes.Cut(content, []byte{0})
	if !found {
		return "", nil
	}
	compressed := kind == "zTXt"
	switch {
	case compressed && len(rest) > 0:
		rest = rest[1:] // the method
	case kind == "iTXt" && len(rest) > 1:
		compressed = rest[0] == 1
		_, rest, _ = bytes.Cut(rest[2:], []byte{0}) // the language
		_, rest, _ = bytes.Cut(rest, []byte{0})     // the keyword in it
	}
	if !compressed {
		return string(before), rest
	}
	inflated, err := zlib.NewReader(bytes.NewReader(rest))
	if err != nil {
		return string(before), nil
	}
	text, _ = io.ReadAll(io.LimitReader(inflated, longestNote))
	return string(before), text
}

// unhex reads ImageMagick's form: an empty line, what it is, how long, and hexadecimal digits.
func unhex(profile []byte) []byte {
	lines := strings.Split(string(profile), "\n")
	if len(lines) < 4 {
		return nil
	}
	block, _ := hex.DecodeString(strings.Join(lines[3:], ""))
	return block
}

// webpNotes are a WebP file's EXIF and XMP, each in a chunk of its own.
func webpNotes(r io.Reader) (n notes) {
	_, chunks, err := riff.NewReader(r)
	for err == nil {
		var id riff.FourCC
		var length uint32
		var data io.Reader
		if id, length, data, err = chunks.Next(); err != nil || length > longestNote {
			continue
		}
		switch id {
		case riff.FourCC{'E', 'X', 'I', 'F'}:
			n.exif, _ = io.ReadAll(data)
		case riff.FourCC{'X', 'M', 'P', ' '}:
			n.xmp, _ = io.ReadAll(data)
		}
	}
	return n
}
