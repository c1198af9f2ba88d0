// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package display

import (
	"fmt"
	"image"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/activation"
	"convscope/pkg/picture"
)

// Sheet shows all channels of a layer's output, float32 [1, h, w, channels], sixteen a row, as wide as the page; see
// [activation.Sheet]. In a terminal it prints one line. An output of another shape panics.
func Sheet(output *tensors.Tensor, layer string) {
	sheet, err := activation.Sheet(output, activation.SheetOptions{})
	if err != nil {
		panic(err)
	}
	dims := output.Shape().Dimensions
	caption := fmt.Sprintf("%s: %d channels of %dx%d places", layer, dims[3], dims[1], dims[2])
	text := describe([]image.Image{sheet}, []string{caption})
	// A sheet is full of fine detail: smaller until it is no burden to the notebook.
	for width := widest; ; width = width * 5 / 6 {
		strip := picture.Strip([]image.Image{fitted(sheet, width)}, []string{caption})
		if !InNotebook() || width < wanted {
			show(strip, text, "")
			return
		}
		if mime, data, err := encode(strip); err == nil && len(data) <= maxJPEG {
			encoded(mime, data, text, "")
			return
		}
	}
}

// fitted makes a picture about that wide: smooth when it is reduced, in sharp squares when it is enlarged.
func fitted(img image.Image, width int) image.Image {
	if own := img.Bounds().Dx(); own <= width {
		return picture.Enlarge(img, width/own)
	}
	return picture.Fit(img, width)
}
