// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package picture

import (
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/mazznoer/colorgrad"
)

// Colormap turns numbers into colours; its value is its name. The colours are those of matplotlib, in the same 256
// steps.
type Colormap string

const (
	// Viridis goes evenly from dark blue to yellow: what matshow of the book's activations draws with.
	Viridis Colormap = "viridis"
	// Jet is the rainbow of the book's heatmaps, from blue to red. It shows edges where the numbers have none.
	Jet Colormap = "jet"
	// Turbo is a smoother rainbow (Mikhailov, "Turbo, An Improved Rainbow Colormap for Visualization", 2019).
	Turbo Colormap = "turbo"
	// RedBlue is for signed numbers: blue below the middle, white there, red above. It is ColorBrewer's RdBu, turned
	// round (matplotlib's RdBu_r): give Draw a range that has 0 in its middle.
	RedBlue Colormap = "redblue"
)

// Colormaps lists the colormaps' names.
func Colormaps() []string {
	return []string{string(Viridis), string(Jet), string(Turbo), string(RedBlue)}
}

// ParseColormap reads a colormap's name. The error lists the names.
func ParseColormap(name string) (Colormap, error) {
	if !slices.Contains(Colormaps(), name) {
		return "", fmt.Errorf("unknown colormap %q: choose %s", name, strings.Join(Colormaps(), ", "))
	}
	return Colormap(name), nil
}

// Check returns an error that lists the names for one that is none. "" is [Viridis].
func (c Colormap) Check() error {
	if c == "" {
		return nil
	}
	_, err := ParseColormap(string(c))
	return err
}

// At is the colour of a number from 0 to 1. Numbers beyond are taken as the nearer end, NaN is middle gray. A name
// that is no colormap's is [Viridis].
func (c Colormap) At(v float64) color.NRGBA {
	return c.steps().at(v)
}

// Draw makes one pixel of each value, row by row, with the colours spread over low to high. When the values have no
// range (high <= low), the picture has one colour: that of 0, and for [RedBlue] that of the middle. Places for which
// there is no value are middle gray, as NaN is.
func (c Colormap) Draw(values []float32, height, width int, low, high float64) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, max(width, 0), max(height, 0)))
	steps := c.steps()
	for i := range len(img.Pix) / 4 {
		v := math.NaN()
		if i < len(values) {
			v = c.share(float64(values[i]), low, high)
		}
		colour := steps.at(v)
		copy(img.Pix[4*i:], []uint8{colour.R, colour.G, colour.B, colour.A})
	}
	return img
}

// share says where a value lies between low and high.
func (c Colormap) share(v, low, high float64) float64 {
	switch {
	case math.IsNaN(v) || high > low:
		return (v - low) / (high - low)
	case c == RedBlue:
		return 0.5
	}
	return 0
}

// palette is a colormap in matplotlib's 256 steps.
type palette [256]color.NRGBA

func (p *palette) at(v float64) color.NRGBA {
	if math.IsNaN(v) {
		return color.NRGBA{R: 128, G: 128, B: 128, A: 255}
	}
	return p[int(min(max(v, 0)*256, 255))]
}

func (c Colormap) steps() *palette {
	switch c {
	case Jet:
		return jetSteps()
	case Turbo:
		return turboSteps()
	case RedBlue:
		return redBlueSteps()
	}
	return viridisSteps()
}

// The gradients are piecewise linear through these colours, by colorgrad. Its own presets are other curves, up to 13
// levels of 255 from matplotlib's viridis and 36 from its turbo; through every fifth entry of matplotlib's tables
// nothing is more than 1 level off.
var (
	viridisSteps = gradient(""+
		"44015445085b470f62471669481d6f482374472a7946307d453681433c844142863e48883c4d8a3a538b37588c355d8c"+
		"32628d30678d2e6c8e2c718e2a768e287a8e267f8e24848d23898d218d8c1f928c1e978a1e9b891ea08720a58523a982"+
		"28ae7f2eb27c35b7783dbb7445bf6f4fc36959c76464cb5d70ce567cd24f88d54795d73fa2da37afdc2ebdde26cae01e"+
		"d7e219e4e318f1e51cfde724", nil)

	turboSteps = gradient(""+
		"30123b36215f3b2f7f3f3d9c424bb54458cb4666dd4673eb467ff6448cfd3f98fe38a5fb2fb1f326bde91ec9dc19d3cf"+
		"17dcc21ae4b622eba92ff09a3ff58a51f97965fc6878fe598bfe4b9bfd40a9fb39b6f735c3f133cfea34dae236e5d838"+
		"edcf39f4c43af9ba38fcae34fea12ffd9229fb8323f8741cf46516ee5810e84b0ce04008d73606ce2d04c32402b61c01"+
		"a915019a0e018b09017a0402", nil)

	// ColorBrewer's eleven colours of RdBu, from blue to red.
	redBlueSteps = gradient("0530612166ac4393c392c5ded1e5f0f7f7f7fddbc7f4a582d6604db2182b67001f", nil)

	// Jet is MATLAB's; these are the places where one of its three channels turns, in matplotlib's version of it.
	jetSteps = gradient("0000800000ff0000ff00dbff00e5f715ffe2efff08f7f600ffec00ff1300e80000800000",
		[]float64{0, 0.11, 0.125, 0.34, 0.35, 0.375, 0.64, 0.65, 0.66, 0.89, 0.91, 1})
)

// gradient returns what makes, on first use, the 256 steps of a gradient through the colours, which are six
// hexadecimal digits each. They lie at these places, or evenly from 0 to 1.
func gradient(colours string, places []float64) func() *palette {
	return sync.OnceValue(func() *palette {
		levels, err := hex.DecodeString(colours)
		if err != nil {
			panic(err) // the colours are part of the program
		}
		builder := colorgrad.NewGradient().Domain(places...)
		var stops []colorgrad.Color
		for i := 0; i < len(levels); i += 3 {
			stops = append(stops, colorgrad.Rgb8(levels[i], levels[i+1], levels[i+2], 255))
		}
		smooth, err := builder.Colors(stops...).Interpolation(colorgrad.InterpolationLinear).Build()
		if err != nil {
			panic(err)
		}
		steps := new(palette)
		for i := range steps {
			r, g, b, _ := smooth.At(float64(i) / 255).RGBA255()
			steps[i] = color.NRGBA{R: r, G: g, B: b, A: 255}
		}
		return steps
	})
}
