// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package recipe

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"math"

	"convscope/pkg/picture"
)

const (
	signature = "\x89PNG\r\n\x1a\n"
	// keyword, ended by a zero, tells the recipe from other text.
	keyword = "convscope"
	// head is what the recipe's text chunk begins with: the keyword, not compressed, no language, no translated
	// keyword.
	head = keyword + "\x00\x00\x00\x00\x00"
	// maxText is how long a recipe may be, in bytes.
	maxText = 4 << 20
	// frame is what a chunk has around its data: length, kind and checksum.
	frame = 4 + 4 + 4
	// headerSize is the length of a PNG's first chunk.
	headerSize = 13
)

// Encode writes the image as a PNG that carries the recipe, and the hash of the pixels in it.
func Encode(w io.Writer, img image.Image, r Recipe) error {
	if r.Format >= filesFormat {
		r.Pixels = picture.Hash(img)
	}
	var plain bytes.Buffer
	if err := png.Encode(&plain, img); err != nil {
		return fmt.Errorf("encoding the picture: %w", err)
	}
	whole, err := Insert(plain.Bytes(), r)
	if err != nil {
		return err
	}
	_, err = w.Write(whole)
	return err
}

// Insert returns a copy of an encoded PNG, animated or not, with the recipe after its header, in place of one that was
// there. Errors wrap [ErrNotPNG] or [ErrDamaged].
func Insert(encoded []byte, r Recipe) ([]byte, error) {
	text, err := r.text()
	if err != nil {
		return nil, err
	}
	reader := bytes.NewReader(encoded)
	chunks, err := newScanner(reader)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(encoded)+frame+len(head)+len(text))
	out = append(out, signature...)
	for {
		from := len(encoded) - reader.Len()
		c, err := chunks.next()
		if err != nil {
			return nil, err
		}
		if c.text == nil {
			out = append(out, encoded[from:len(encoded)-reader.Len()]...)
		}
		switch c.kind {
		case "IHDR":
			out = appendChunk(out, "iTXt", append([]byte(head), text...))
		case "IEND":
			return append(out, encoded[len(encoded)-reader.Len():]...), nil
		}
	}
}

// appendChunk appends a chunk to a PNG.
func appendChunk(to []byte, kind string, data []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(data)))
	from := len(to)
	to = append(append(to, kind...), data...)
	return binary.BigEndian.AppendUint32(to, crc32.ChecksumIEEE(to[from:]))
}

// Decode reads a PNG to its end and returns the recipe in it. It checks the length and the checksum of every part and
// that the recipe makes sense, but does not look at the pixels. Errors wrap [ErrNotPNG], [ErrNone], [ErrDamaged] or
// [ErrFormat], or are the reader's.
func Decode(r io.Reader) (Recipe, error) {
	chunks, err := newScanner(bufio.NewReader(r))
	if err != nil {
		return Recipe{}, err
	}
	var text []byte
	for {
		c, err := chunks.next()
		if err != nil {
			return Recipe{}, err
		}
		if c.text != nil && text != nil {
			return Recipe{}, fmt.Errorf("%w: two recipes in one PNG", ErrDamaged)
		} else if c.text != nil {
			text = c.text
		}
		if c.kind == "IEND" {
			break
		}
	}
	if text == nil {
		return Recipe{}, ErrNone
	}
	plain, found := bytes.CutPrefix(text, []byte(head))
	if !found {
		return Recipe{}, fmt.Errorf("%w: the recipe's text is compressed or translated: another program "+
			"wrote it again", ErrDamaged)
	}
	return parse(plain)
}

// chunk is one part of a PNG.
type chunk struct {
	kind string
	text []byte // the data, if it is a recipe's; else nil
}

// scanner reads a PNG chunk by chunk, keeping nothing but a recipe.
type scanner struct {
	r     io.Reader
	first bool // nothing was read yet
}

// newScanner reads the signature.
func newScanner(r io.Reader) (*scanner, error) {
	var start [len(signature)]byte
	if _, err := io.ReadFull(r, start[:]); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrNotPNG
	} else if err != nil {
		return nil, err
	}
	if string(start[:]) != signature {
		return nil, ErrNotPNG
	}
	return &scanner{r: r, first: true}, nil
}

// next reads one chunk and checks it.
func (s *scanner) next() (chunk, error) {
	var start [8]byte
	if _, err := io.ReadFull(s.r, start[:]); err != nil {
		return chunk{}, early(err)
	}
	c := chunk{kind: string(start[4:])}
	length := int64(binary.BigEndian.Uint32(start[:4]))
	switch isHeader := c.kind == "IHDR"; {
	case s.first != isHeader, isHeader && length != headerSize, length > math.MaxInt32, c.kind == "IEND" && length > 0:
		return chunk{}, fmt.Errorf("%w: a part of %d bytes called %q where it can't be", ErrDamaged, length, c.kind)
	}
	s.first = false
	sum := crc32.NewIEEE()
	sum.Write(start[4:])
	limited := &io.LimitedReader{R: s.r, N: length}
	data := io.TeeReader(limited, sum)
	if begin := keyword + "\x00"; (c.kind == "iTXt" || c.kind == "tEXt" || c.kind == "zTXt") &&
		length >= int64(len(begin)) {
		text := make([]byte, len(begin))
		if _, err := io.ReadFull(data, text); err != nil {
			return chunk{}, early(err)
		}
		switch {
		case string(text) != begin:
		case c.kind != "iTXt": // not as it was written
			c.text = text
		case length > maxText:
			return chunk{}, fmt.Errorf("%w: a recipe of %d bytes: at most %d", ErrDamaged, length, maxText)
		default:
			rest, err := io.ReadAll(data)
			if err != nil {
				return chunk{}, err
			}
			c.text = append(text, rest...)
		}
	}
	if _, err := io.Copy(io.Discard, data); err != nil {
		return chunk{}, err
	}
	if limited.N > 0 {
		return chunk{}, early(io.EOF)
	}
	var want [4]byte
	if _, err := io.ReadFull(s.r, want[:]); err != nil {
		return chunk{}, early(err)
	}
	if binary.BigEndian.Uint32(want[:]) != sum.Sum32() {
		return chunk{}, fmt.Errorf("%w: its part %q has another checksum", ErrDamaged, c.kind)
	}
	return c, nil
}

// early is the error for a PNG that ends too soon.
func early(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the PNG ends early", ErrDamaged)
	}
	return err
}
