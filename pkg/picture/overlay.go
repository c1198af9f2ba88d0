// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"image"

	"golang.org/x/image/draw"
)

// Overlay lays a heatmap over a photo: photo*(1-strength) + heat*strength, strength from 0 to 1; beyond, the nearer
// end counts, and NaN is 0. The heatmap is scaled smoothly to the photo's size first. The result is opaque and has the
// photo's bounds.
//
// Colours are what is scaled: where a colormap is no straight line, as [Jet], scale the numbers before they are
// coloured.
func Overlay(photo, heat image.Image, strength float64) *image.NRGBA {
	out := flatten(photo, photo.Bounds())
	if heat.Bounds().Empty() || out.Rect.Empty() || !(strength > 0) {
		return out
	}
	scaled := image.NewNRGBA(out.Rect)
	draw.BiLinear.Scale(scaled, scaled.Rect, heat, heat.Bounds(), draw.Src, nil)
	strength = min(strength, 1)
	for i, v := range scaled.Pix {
		out.Pix[i] = uint8(float64(out.Pix[i])*(1-strength) + float64(v)*strength + 0.5)
	}
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 255
	}
	return out
}
