// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/draw"
	"image/png"
	"io"
	"time"
)

// AnimationOptions say how an animation plays. The zero value plays eight frames a second, holds the last one for two
// seconds and begins again.
type AnimationOptions struct {
	// Delay is how long each frame stays, in whole milliseconds, at most 65,535; 0 or less means 125 ms.
	Delay time.Duration
	// Hold is how long the last frame stays, likewise; 0 or less means two seconds.
	Hold time.Duration
	// Loops is how often it plays; 0 or less means for ever.
	Loops int
}

// ErrFrames is returned, wrapped, for frames that make no animation.
var ErrFrames = errors.New("not an animation")

// Animate writes frames of one size as an animated PNG (the W3C's PNG specification, third edition, 2025, chunks acTL,
// fcTL and fdAT). The default image is the last frame, so that programs which know no animation show the finished
// picture.
func Animate(w io.Writer, frames []image.Image, o AnimationOptions) error {
	if len(frames) == 0 {
		return fmt.Errorf("%w: no frames", ErrFrames)
	}
	delay, hold := milliseconds(o.Delay, 125*time.Millisecond), milliseconds(o.Hold, 2*time.Second)
	size := frames[0].Bounds().Size()
	var header []byte
	data := make([][]byte, len(frames))
	for i, frame := range frames {
		if frame.Bounds().Size() != size {
			return fmt.Errorf("%w: frame %d is %v, the first one %v", ErrFrames, i, frame.Bounds().Size(), size)
		}
		var err error
		if header, data[i], err = compressed(frame); err != nil {
			return fmt.Errorf("frame %d: %w", i, err)
		}
	}
	var out bytes.Buffer
	out.WriteString(pngSignature)
	chunk(&out, "IHDR", header)
	chunk(&out, "acTL", be32(uint32(len(frames))), be32(uint32(max(o.Loops, 0))))
	chunk(&out, "IDAT", data[len(data)-1])
	sequence := uint32(0)
	for i := range frames {
		stay := delay
		if i == len(frames)-1 {
			stay = hold
		}
		chunk(&out, "fcTL", be32(sequence), be32(uint32(size.X)), be32(uint32(size.Y)), be32(0), be32(0),
			binary.BigEndian.AppendUint16(nil, stay), binary.BigEndian.AppendUint16(nil, 1000), []byte{0, 0}) // keep, replace
		chunk(&out, "fdAT", be32(sequence+1), data[i])
		sequence += 2
	}
	chunk(&out, "IEND")
	_, err := w.Write(out.Bytes())
	return err
}

const pngSignature = "\x89PNG\r\n\x1a\n"

// milliseconds is a time as the format has it.
func milliseconds(d, otherwise time.Duration) uint16 {
	if d <= 0 {
		d = otherwise
	}
	return uint16(min(d.Milliseconds(), 1<<16-1))
}

// compressed is a frame's header and pixels, as image/png makes them. All frames are opaque, so that all get the same
// kind of pixels.
func compressed(frame image.Image) (header, data []byte, err error) {
	opaque := image.NewRGBA(image.Rectangle{Max: frame.Bounds().Size()})
	draw.Draw(opaque, opaque.Bounds(), image.Black, image.Point{}, draw.Src)
	draw.Draw(opaque, opaque.Bounds(), frame, frame.Bounds().Min, draw.Over)
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, opaque); err != nil {
		return nil, nil, err
	}
	for rest := encoded.Bytes()[len(pngSignature):]; len(rest) > 0; {
		length := binary.BigEndian.Uint32(rest)
		body := rest[8 : 8+length]
		switch string(rest[4:8]) {
		case "IHDR":
			header = body
		case "IDAT":
			data = append(data, body...)
		}
		rest = rest[12+length:]
	}
	return header, data, nil
}

// chunk writes one chunk of a PNG file with its checksum.
func chunk(out *bytes.Buffer, kind string, parts ...[]byte) {
	body := bytes.Join(parts, nil)
	out.Write(be32(uint32(len(body))))
	sum := crc32.ChecksumIEEE(append([]byte(kind), body...))
	out.WriteString(kind)
	out.Write(body)
	out.Write(be32(sum))
}

func be32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
