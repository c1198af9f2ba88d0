// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package control

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"strings"

	"convscope/pkg/picture"
)

// DecodePhoto reads the value of a [File] control: a picture that the page has scaled to at most 640 pixels. title is
// the file's name, for the [*ValueError] that says that it is no picture.
func DecodePhoto(value, title string) (image.Image, error) {
	_, encoded, _ := strings.Cut(value, ";base64,")
	data, err := base64.StdEncoding.DecodeString(encoded)
	var img image.Image
	if err == nil {
		img, err = picture.Decode(bytes.NewReader(data), title) // which counts the pixels first
	}
	if err != nil {
		return nil, &ValueError{Label: "Photo",
			Problem: fmt.Sprintf("%q is no picture that this browser can read: give a PNG or JPEG file", title)}
	}
	return img, nil
}

// Photo is the picture that the reader gave to a [File] control, or the other one as long as there is none.
func (v Values) Photo(name string, other image.Image) (image.Image, error) {
	if v[name] == "" {
		return other, nil
	}
	return DecodePhoto(v[name], "the file")
}
