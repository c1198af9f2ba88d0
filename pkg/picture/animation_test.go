// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"convscope/pkg/picture"
)

// pieces reads an animated PNG strictly: checksums, order and sequence numbers. It returns each frame as a PNG file of
// its own, and the delays.
func pieces(t *testing.T, data []byte) (frames [][]byte, delays []time.Duration) {
	t.Helper()
	const signature = "\x89PNG\r\n\x1a\n"
	require.Equal(t, signature, string(data[:8]))
	var header []byte
	sequence, count := uint32(0), uint32(0)
	seen := ""
	for rest := data[8:]; len(rest) > 0; {
		length := binary.BigEndian.Uint32(rest)
		kind, body := string(rest[4:8]), rest[8:8+length]
		require.Equal(t, crc32.ChecksumIEEE(rest[4:8+length]), binary.BigEndian.Uint32(rest[8+length:]), kind)
		rest = rest[12+length:]
		seen += kind + " "
		switch kind {
		case "IHDR":
			header = body
		case "acTL":
			require.NotContains(t, seen, "IDAT", "acTL comes before the pixels")
			count = binary.BigEndian.Uint32(body)
		case "fcTL":
			require.Contains(t, seen, "IDAT", "the default image is not part of the animation")
			require.Equal(t, sequence, binary.BigEndian.Uint32(body))
			sequence++
			require.Equal(t, header[:8], body[4:12])
			delays = append(delays, time.Duration(binary.BigEndian.Uint16(body[20:]))*time.Second/time.Duration(
				binary.BigEndian.Uint16(body[22:])))
		case "fdAT":
			require.Equal(t, sequence, binary.BigEndian.Uint32(body))
			sequence++
			alone := []byte(signature)
			for _, part := range []struct {
				kind string
				body []byte
			}{{"IHDR", header}, {"IDAT", body[4:]}, {"IEND", nil}} {
				alone = binary.BigEndian.AppendUint32(alone, uint32(len(part.body)))
				text := append([]byte(part.kind), part.body...)
				alone = binary.BigEndian.AppendUint32(append(alone, text...), crc32.ChecksumIEEE(text))
			}
			frames = append(frames, alone)
		}
	}
	require.Equal(t, int(count), len(frames))
	require.Equal(t, "IEND ", seen[len(seen)-5:])
	return frames, delays
}

func TestAnimate(t *testing.T) {
	pictures := tiles(5, 16)
	clear := image.NewNRGBA(image.Rect(3, 3, 19, 19)) // transparent, and elsewhere
	clear.Set(4, 4, color.NRGBA{R: 200, A: 255})
	pictures[2] = clear
	var out bytes.Buffer
	require.NoError(t, picture.Animate(&out, pictures, picture.AnimationOptions{Delay: 40 * time.Millisecond,
		Hold: time.Second}))
	frames, delays := pieces(t, out.Bytes())
	require.Len(t, frames, 5)
	require.Equal(t, []time.Duration{40e6, 40e6, 40e6, 40e6, 1e9}, delays)
	still, err := png.Decode(bytes.NewReader(out.Bytes()))
	require.NoError(t, err)
	require.Equal(t, color.RGBA{R: 12, G: 12, B: 12, A: 255}, still.At(5, 5), "without animation the last frame is shown")
	for i, frame := range frames {
		img, err := png.Decode(bytes.NewReader(frame))
		require.NoError(t, err)
		if i == 2 {
			require.Equal(t, color.RGBA{R: 200, A: 255}, img.At(1, 1))
			require.Equal(t, color.RGBA{A: 255}, img.At(9, 9), "transparent is black")
			continue
		}
		require.Equal(t, color.RGBA{R: uint8(3 * i), G: uint8(3 * i), B: uint8(3 * i), A: 255}, img.At(7, 7))
	}
	require.ErrorIs(t, picture.Animate(&out, nil, picture.AnimationOptions{}), picture.ErrFrames)
	require.ErrorIs(t, picture.Animate(&out, append(tiles(1, 8), tiles(1, 9)...), picture.AnimationOptions{}),
		picture.ErrFrames)
}
