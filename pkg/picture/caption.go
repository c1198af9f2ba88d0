// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Enlarge makes each pixel a square of scale x scale pixels, so that single pixels stay sharp. A scale below 2
// returns the picture itself; one that makes more than 67,108,864 pixels is lowered to what does not.
func Enlarge(picture image.Image, scale int) image.Image {
	bounds := picture.Bounds()
	if scale = within(scale, bounds.Size()); scale < 2 {
		return picture
	}
	out := image.NewNRGBA(image.Rect(0, 0, bounds.Dx()*scale, bounds.Dy()*scale))
	for y := range bounds.Dy() {
		row := out.Pix[y*scale*out.Stride : (y*scale+1)*out.Stride]
		for x := range bounds.Dx() {
			c := color.NRGBAModel.Convert(picture.At(bounds.Min.X+x, bounds.Min.Y+y)).(color.NRGBA)
			for k := range scale {
				p := (x*scale + k) * 4
				row[p], row[p+1], row[p+2], row[p+3] = c.R, c.G, c.B, c.A
			}
		}
		for k := 1; k < scale; k++ {
			copy(out.Pix[(y*scale+k)*out.Stride:], row)
		}
	}
	return out
}

// within is the scale, or the largest below it at which a picture of that size has no more than maxPixels.
func within(scale int, size image.Point) int {
	most := math.Sqrt(maxPixels / max(float64(size.X)*float64(size.Y), 1))
	return max(min(scale, int(most)), 1)
}

// Strip is a row of pictures side by side, each with a caption below, on white. Captions wider than their picture
// widen its place, but the only caption of a row, which reaches below the others; after 200 letters they are cut off.
// It returns nil for no pictures.
func Strip(pictures []image.Image, captions []string) image.Image {
	if len(pictures) == 0 {
		return nil
	}
	captions = shortened(captions)
	const gap, line = 16, 24
	drawing.Lock()
	defer drawing.Unlock()
	face := captionFace()
	widths := make([]int, len(pictures))
	total, height := gap*(len(pictures)-1), 0
	for i, picture := range pictures {
		widths[i] = picture.Bounds().Dx()
		if i < len(captions) && (len(captions) > 1 || len(pictures) == 1) {
			widths[i] = max(widths[i], font.MeasureString(face, captions[i]).Ceil())
		}
		total += widths[i]
		height = max(height, picture.Bounds().Dy())
	}
	if len(captions) > 0 {
		total = max(total, font.MeasureString(face, captions[0]).Ceil())
		height += line
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, total, height))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	x := 0
	for i, picture := range pictures {
		size := picture.Bounds().Size()
		corner := image.Pt(x+(widths[i]-size.X)/2, 0)
		draw.Draw(canvas, image.Rectangle{Min: corner, Max: corner.Add(size)}, picture,
			picture.Bounds().Min, draw.Over)
		if i < len(captions) {
			text := font.Drawer{Dst: canvas, Src: image.NewUniform(color.Gray{Y: 40}), Face: face}
			left := x + max(widths[i]-text.MeasureString(captions[i]).Ceil(), 0)/2
			text.Dot = fixed.P(left, height-line/3)
			text.DrawString(captions[i])
		}
		x += widths[i] + gap
	}
	return canvas
}

// shortened are captions of bounded length: they are drawn as wide as they are.
func shortened(captions []string) []string {
	const longest = 200
	short := slices.Clone(captions)
	for i, caption := range captions {
		if letters := []rune(caption); len(letters) > longest {
			short[i] = string(letters[:longest-1]) + "…"
		}
	}
	return short
}

// drawing is held while text is drawn: a font's face keeps a buffer and serves one goroutine at a time.
var drawing sync.Mutex

// write writes a few characters into the tile's upper left corner, on a dark ground that keeps them readable.
func write(canvas *image.NRGBA, tile image.Rectangle, text string) {
	width, height := labelSize(text)
	ground := image.Rect(tile.Min.X, tile.Min.Y, tile.Min.X+width, tile.Min.Y+height).Intersect(tile)
	writeOn(canvas, ground, text, color.NRGBA{A: 170})
}

// labelSize is the size of a label with its ground, in pixels.
func labelSize(text string) (width, height int) {
	drawing.Lock()
	defer drawing.Unlock()
	face := labelFace()
	return font.MeasureString(face, text).Ceil() + 4, face.Metrics().Height.Ceil()
}

// writeOn writes a label in white on a ground of that colour.
func writeOn(canvas *image.NRGBA, ground image.Rectangle, text string, colour color.NRGBA) {
	drawing.Lock()
	defer drawing.Unlock()
	face := labelFace()
	draw.Draw(canvas, ground, image.NewUniform(colour), image.Point{}, draw.Over)
	drawer := font.Drawer{Dst: canvas.SubImage(ground).(*image.NRGBA), Src: image.White, Face: face}
	drawer.Dot = fixed.P(ground.Min.X+2, ground.Min.Y+face.Metrics().Ascent.Ceil())
	drawer.DrawString(text)
}

var (
	captionFace = face(14)
	labelFace   = face(10)
)

// face returns the Go font at that size in pixels, made on first use and kept.
func face(size float64) func() font.Face {
	return sync.OnceValue(func() font.Face {
		parsed, err := opentype.Parse(goregular.TTF)
		if err != nil {
			panic(err) // the font is part of the program
		}
		made, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			panic(err)
		}
		return made
	})
}
