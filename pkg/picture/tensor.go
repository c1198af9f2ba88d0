// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"fmt"
	"image"
	_ "image/gif" // photos come in these formats
	_ "image/jpeg"
	_ "image/png"
	"os"

	"github.com/gomlx/gomlx/core/tensors"
	"golang.org/x/image/draw"
)

// maxPixels bounds what a photo may claim to be before its pixels are read.
const maxPixels = 1 << 26

// Tensor turns an image into a float picture to start an ascent from, float32 [1, height, width, 3]: the middle of the image, as large as
// the shape allows, scaled to height x width pixels, as whole gray levels from 0 to 255 in the order red, green, blue.
func Tensor(img image.Image, height, width int) *tensors.Tensor {
	bounds := img.Bounds()
	cut := image.Pt(bounds.Dx(), bounds.Dx()*height/width)
	if cut.Y > bounds.Dy() {
		cut = image.Pt(bounds.Dy()*width/height, bounds.Dy())
	}
	cut.X, cut.Y = max(cut.X, 1), max(cut.Y, 1)
	corner := bounds.Min.Add(image.Pt((bounds.Dx()-cut.X)/2, (bounds.Dy()-cut.Y)/2))
	scaled := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.Draw(scaled, scaled.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(scaled, scaled.Bounds(), img, image.Rectangle{Min: corner, Max: corner.Add(cut)}, draw.Over, nil)
	values := make([]float32, 0, height*width*3)
	for p := 0; p < len(scaled.Pix); p += 4 {
		values = append(values, float32(scaled.Pix[p]), float32(scaled.Pix[p+1]), float32(scaled.Pix[p+2]))
	}
	return tensors.FromFlatDataAndDimensions(values, 1, height, width, 3)
}

// Open reads a PNG, JPEG or GIF file.
func Open(path string) (image.Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the photo: %w", err)
	}
	defer file.Close()
	config, _, err := image.DecodeConfig(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: give a PNG, JPEG or GIF file", path, err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, fmt.Errorf("%s: %dx%d pixels are too many: give a smaller photo", path, config.Height, config.Width)
	}
	if _, err := file.Seek(0, 0); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	img, _, err := image.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

// MustOpen is [Open] for notebook cells: errors panic.
func MustOpen(path string) image.Image {
	img, err := Open(path)
	if err != nil {
		panic(err)
	}
	return img
}
