// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"errors"
	"fmt"
	"image"
	"io"
	"os"
)

const (
	// maxPixels bounds what a photo may claim to be before its pixels are read, and what it is scaled to.
	maxPixels = 1 << 26
	// maxBytes bounds the file itself.
	maxBytes = 256 << 20
)

var (
	// ErrFormat is returned, wrapped, for what is no picture, or one in a format or kind that is not read.
	ErrFormat = errors.New("not a picture that can be read")
	// ErrDamaged is returned, wrapped, for a picture that is cut off or broken.
	ErrDamaged = errors.New("damaged or cut off")
	// ErrTooLarge is returned, wrapped, for a file of more than 256 MiB or a picture of more than 67,108,864 pixels.
	// It is found out before memory is taken.
	ErrTooLarge = errors.New("too large")
)

// Open reads a picture from a JPEG, PNG, GIF or WebP file: see [Decode].
func Open(path string) (image.Image, error) {
	info, err := os.Stat(path) // first, because opening a pipe waits for its other end
	switch {
	case err != nil:
		return nil, fmt.Errorf("opening the photo: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("%s: %w: it is a folder; give a picture in it", path, ErrFormat)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: %w: it is no ordinary file", path, ErrFormat)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the photo: %w", err)
	}
	defer file.Close()
	return Decode(file, path)
}

// MustOpen is [Open] for notebook cells: errors panic.
func MustOpen(path string) image.Image {
	img, err := Open(path)
	if err != nil {
		panic(err)
	}
	return img
}

// Decode reads a JPEG, PNG, GIF (its first frame) or WebP picture; the name is for messages. What comes back shows the
// picture the way a viewer does: turned as its EXIF orientation says, over white where it is transparent, in opaque
// 8-bit colours (CMYK inks and 16-bit levels are converted, embedded colour profiles are not applied), with its corner
// at (0, 0).
//
// Errors are [ErrFormat], [ErrDamaged], [ErrTooLarge] or the reader's own. Memory is bounded by the pixels that the
// picture declares, and those are counted first.
func Decode(r io.ReadSeeker, name string) (image.Image, error) {
	f, size, err := look(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	img, err := f.read(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	whole := image.Rectangle{Max: size} // a GIF's frame may be smaller, and stand anywhere in it
	return turn(flatten(img, whole), orientation(r, f.name)), nil
}

// Size returns how many pixels wide and high a picture declares to be, before it is turned, without reading them.
// Errors are those of [Decode].
func Size(r io.ReadSeeker, name string) (image.Point, error) {
	_, size, err := look(r)
	if err != nil {
		return image.Point{}, fmt.Errorf("%s: %w", name, err)
	}
	return size, nil
}

// look finds a picture's format and size.
func look(r io.ReadSeeker) (f format, size image.Point, err error) {
	head, err := begin(r)
	if err != nil {
		return f, size, err
	}
	if f, err = sniff(head); err != nil {
		return f, size, err
	}
	size, err = f.size(r)
	return f, size, err
}

// begin checks the size and returns the first bytes.
func begin(r io.ReadSeeker) ([]byte, error) {
	end, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	switch {
	case end == 0:
		return nil, fmt.Errorf("%w: it is empty", ErrFormat)
	case end > maxBytes:
		return nil, fmt.Errorf("%w: %d MiB, where %d are allowed: give a smaller file",
			ErrTooLarge, end>>20, maxBytes>>20)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	head := make([]byte, min(end, 512))
	_, err = io.ReadFull(r, head)
	return head, err
}
