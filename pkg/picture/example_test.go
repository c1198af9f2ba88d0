// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture_test

import (
	"fmt"
	"image"
	"strings"

	"convscope/pkg/picture"
)

func ExampleOverlay() {
	photo := image.NewGray(image.Rect(0, 0, 40, 30))
	heat := picture.Jet.Draw([]float32{0, 1, 2, 3}, 2, 2, 0, 3) // one pixel a value
	overlay := picture.Overlay(photo, heat, 0.4)                // as large as the photo
	boxed := picture.Box(overlay, image.Rect(20, 15, 100, 100)) // clipped to it
	fmt.Println(overlay.Bounds().Size(), boxed.Bounds().Size())
	fmt.Println(picture.Legend(picture.Jet, 0, 3, 120).Bounds().Dy())
	// Output:
	// (40,30) (40,30)
	// 120
}

func ExampleDecode() {
	for _, file := range []string{"", "Dear diary", "II*\x00"} {
		_, err := picture.Decode(strings.NewReader(file), "mine")
		fmt.Println(err)
	}
	file := "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\x00\x00\x00\x00\x00" +
		",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
	img, err := picture.Decode(strings.NewReader(file), "dot.gif")
	fmt.Println(img.At(0, 0), err)
	// Output:
	// mine: not a picture that can be read: it is empty
	// mine: not a picture that can be read: it is a text file; give a JPEG, PNG, GIF or WebP file
	// mine: not a picture that can be read: it is a TIFF picture; give a JPEG, PNG, GIF or WebP file
	// {255 0 0 255} <nil>
}

func ExampleParseColormap() {
	c, err := picture.ParseColormap("turbo")
	fmt.Println(c.At(1), err)
	_, err = picture.ParseColormap("rainbow")
	fmt.Println(err)
	// Output:
	// {122 4 2 255} <nil>
	// unknown colormap "rainbow": choose viridis, jet, turbo, redblue
}
