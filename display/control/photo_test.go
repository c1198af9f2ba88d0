// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"

	"convscope/display/control"
)

func TestPhoto(t *testing.T) {
	var buffer bytes.Buffer
	require.NoError(t, png.Encode(&buffer, image.NewGray(image.Rect(0, 0, 5, 4))))
	good := "data:image/png;base64," + base64.StdEncoding.EncodeToString(buffer.Bytes())
	other := image.NewGray(image.Rect(0, 0, 1, 1))

	img, err := control.Values{"photo": good}.Photo("photo", other)
	require.NoError(t, err)
	require.Equal(t, image.Pt(5, 4), img.Bounds().Size())
	img, err = control.Values{"photo": ""}.Photo("photo", other)
	require.NoError(t, err)
	require.Equal(t, other, img)
	// 60,000 x 60,000 pixels.
	bomb := append(bytes.Clone(buffer.Bytes()[:16]), 0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 0, 0, 0, 0)
	bomb = binary.BigEndian.AppendUint32(bomb, crc32.ChecksumIEEE(bomb[12:]))
	_, err = control.DecodePhoto("data:image/png;base64,"+base64.StdEncoding.EncodeToString(bomb), "bomb.png")
	require.ErrorAs(t, err, new(*control.ValueError))
	for _, bad := range []string{"data:text/plain;base64,aGVsbG8=", "data:image/png;base64,%%%",
		"nothing", good[:len(good)/2]} {
		_, err = control.DecodePhoto(bad, "cat.txt")
		require.ErrorAs(t, err, new(*control.ValueError))
		require.ErrorContains(t, err, "cat.txt")
	}
}
