// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"convscope/pkg/picture"
)

const (
	// wanted is how wide a picture should at least be on the page, in pixels: pictures of 150 pixels are doubled.
	wanted = 300
	// maxPNG is the largest PNG that goes into a notebook, in bytes; larger pictures go as JPEG, a quarter of the
	// size, of at most maxJPEG where a good quality allows it.
	maxPNG, maxJPEG = 90_000, 150_000
	// widest is how wide a row may be before it is enlarged no further.
	widest = 900
	// legible is how wide a row may be before the page shrinks it until its captions can't be read.
	legible = 1100
)

// mimeJPEG is not among GoNB's names, but Jupyter shows it like PNG.
const mimeJPEG protocol.MIMEType = "image/jpeg"

// shownWidth is how wide the page shows a picture of that width: whole times as wide, until it is wide enough.
func shownWidth(width int) int {
	return width * max((wanted+width-1)/width, 1)
}

// Image shows a picture, its pixels enlarged to sharp squares until it is at least 300 pixels wide, with an optional
// caption below. In a terminal it prints one line.
func Image(img image.Image, caption ...string) {
	Row([]image.Image{img}, caption...)
}

// Row shows pictures side by side, each with its caption below, enlarged as far as the row fits the page; in several
// lines where the captions are too wide for one. In a terminal it prints one line.
func Row(images []image.Image, captions ...string) { row(images, captions, "") }

// row shows pictures in the place of the live one with that id, or as a new output.
func row(images []image.Image, captions []string, id string) {
	if len(images) == 0 {
		Text("no pictures")
		return
	}
	show(Captioned(images, captions...), describe(images, captions), id)
}

// Captioned is the picture that [Row] shows; nil for no pictures.
func Captioned(images []image.Image, captions ...string) image.Image {
	drawn, narrow := line(images, captions, len(images))
	for lines := 2; narrow && lines <= len(images) && len(captions) == len(images) && drawn.Bounds().Dx() > legible; {
		drawn, narrow = line(images, captions, (len(images)+lines-1)/lines)
		lines++
	}
	return drawn
}

// line draws pictures in lines of so many each, all enlarged alike. They are narrow where the pictures by themselves
// would fit the page.
func line(images []image.Image, captions []string, each int) (drawn image.Image, narrow bool) {
	if len(images) == 0 {
		return nil, false
	}
	scale, width := 1, 0
	for _, img := range images[:each] {
		width += img.Bounds().Dx() + 16
	}
	for images[0].Bounds().Dx()*scale < wanted && width*(scale+1) <= widest {
		scale++
	}
	enlarged := make([]image.Image, len(images))
	for i, img := range images {
		enlarged[i] = picture.Enlarge(img, scale)
	}
	if each == len(images) {
		return picture.Strip(enlarged, captions), width*scale <= widest
	}
	var strips []image.Image
	for first := 0; first < len(images); first += each {
		after := min(first+each, len(images))
		strips = append(strips, picture.Strip(enlarged[first:after], captions[first:after]))
	}
	return stack(strips), width*scale <= widest
}

// stack puts pictures below each other, on white.
func stack(pictures []image.Image) image.Image {
	const gap = 8
	var size image.Point
	for _, p := range pictures {
		size = image.Pt(max(size.X, p.Bounds().Dx()), size.Y+p.Bounds().Dy()+gap)
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, size.X, size.Y-gap))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	y := 0
	for _, p := range pictures {
		place := image.Rect(0, y, p.Bounds().Dx(), y+p.Bounds().Dy())
		draw.Draw(canvas, place, p, p.Bounds().Min, draw.Over)
		y = place.Max.Y + gap
	}
	return canvas
}

// describe is the text form of a row of pictures.
func describe(images []image.Image, captions []string) string {
	size := images[0].Bounds()
	text := fmt.Sprintf("picture, %dx%d pixels", size.Dy(), size.Dx())
	if len(images) > 1 {
		text = fmt.Sprintf("%d pictures, %dx%d pixels", len(images), size.Dy(), size.Dx())
	}
	for i, caption := range captions {
		if i == 0 {
			text += ": " + oneLine(caption)
		} else {
			text += "; " + oneLine(caption)
		}
	}
	return text
}

// show sends a finished picture to the notebook, in the place of what is shown with that id if there is one, or prints
// its text form.
func show(img image.Image, text, id string) {
	if !InNotebook() {
		Text("[%s]", text)
		return
	}
	mime, data, err := encode(bounded(img))
	if err != nil {
		Text("[%s: %v]", text, err)
		return
	}
	encoded(mime, data, text, id)
}

// maxShown is how many pixels a picture in a notebook has at most.
const maxShown = 1 << 24

// bounded is a picture that is no burden to the notebook: smoothly reduced where it has very many pixels.
func bounded(img image.Image) image.Image {
	size := img.Bounds().Size()
	if pixels := float64(size.X) * float64(size.Y); pixels > maxShown {
		return picture.Fit(img, max(int(float64(size.X)*math.Sqrt(maxShown/pixels)), 1))
	}
	return img
}

// encode makes a PNG, or a JPEG where the PNG would make the notebook heavy.
func encode(img image.Image) (protocol.MIMEType, []byte, error) {
	var buffer bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&buffer, img); err != nil {
		return "", nil, fmt.Errorf("encoding a PNG: %w", err)
	}
	if buffer.Len() <= maxPNG {
		return protocol.MIMEImagePNG, buffer.Bytes(), nil
	}
	for quality := 92; ; quality -= 6 {
		buffer.Reset()
		if err := jpeg.Encode(&buffer, img, &jpeg.Options{Quality: quality}); err != nil {
			return "", nil, fmt.Errorf("encoding a JPEG: %w", err)
		}
		if buffer.Len() <= maxJPEG || quality < 60 {
			return mimeJPEG, buffer.Bytes(), nil
		}
	}
}
