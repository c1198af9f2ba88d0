// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
)

// Parameterization is what a picture is made of: numbers that climb, and how they become a picture. The ones there
// are: [Pixels], [Fourier], [Pyramid], [CPPN] and [MaCo]. They are comparable values.
type Parameterization interface {
	// String gives it as [ParseMethod] reads it.
	fmt.Stringer
	// shapes are those of one picture's parameters, for that many channels.
	shapes(height, width, channels int) [][]int
	// draw fills one picture's parameters with their random start.
	draw(parameters [][]float32, shapes [][]int, random *rand.Rand)
	// decode turns the parameters, each [batch, ...], into values [batch, height, width, channels].
	decode(parameters []*Node, height, width, channels int) *Node
}

// An inverter is a parameterization that can start from given values.
type inverter interface {
	// invert is the reverse of decode for one picture, values [height, width, channels].
	invert(values []float32, height, width, channels int) [][]float32
}

// normal fills dst with normally distributed numbers.
func normal(dst []float32, deviation float64, random *rand.Rand) {
	for i := range dst {
		dst[i] = float32(random.NormFloat64() * deviation)
	}
}

// Pixels is a picture made of its own pixels. The zero value starts from the book's noise.
type Pixels struct {
	// Low and High bound the uniform noise to start from; when both are 0 it is the book's, 128 to 148 gray levels.
	Low, High float64
	// Deviation, when not 0, starts from normal noise around 0 instead, for a [Color] other than [AsIs]: Lucid's has
	// 0.01.
	Deviation float64
}

// String gives the noise's bounds or deviation, unless they are the book's.
func (p Pixels) String() string {
	switch {
	case p.Deviation != 0:
		return "pixels:" + decimal(p.Deviation)
	case p.Low != 0 || p.High != 0:
		return "pixels:" + decimal(p.Low) + ":" + decimal(p.High)
	}
	return "pixels"
}

func (Pixels) shapes(height, width, channels int) [][]int { return [][]int{{height, width, channels}} }

func (p Pixels) draw(parameters [][]float32, _ [][]int, random *rand.Rand) {
	if p.Deviation != 0 {
		normal(parameters[0], p.Deviation, random)
		return
	}
	low, high := p.Low, p.High
	if low == 0 && high == 0 {
		low, high = 128, 148
	}
	uniform(parameters[0], float32(low), float32(high-low), random)
}

func (Pixels) decode(parameters []*Node, _, _, _ int) *Node { return parameters[0] }

func (Pixels) invert(values []float32, _, _, _ int) [][]float32 { return [][]float32{values} }

// Pyramid is a sum of pictures of the whole size, a half, a quarter and an eighth, enlarged bilinearly: a Laplacian
// pyramid, after Lucid's. It starts from normal noise with a standard deviation of 0.01 in each.
type Pyramid struct{}

// pyramidLevels is how many sizes there are.
const pyramidLevels = 4

// String returns "pyramid".
func (Pyramid) String() string { return "pyramid" }

func (Pyramid) shapes(height, width, channels int) [][]int {
	shapes := make([][]int, pyramidLevels)
	for level := range shapes {
		shapes[level] = []int{max(height>>level, 1), max(width>>level, 1), channels}
	}
	return shapes
}

func (Pyramid) draw(parameters [][]float32, _ [][]int, random *rand.Rand) {
	for _, p := range parameters {
		normal(p, 0.01, random)
	}
}

func (Pyramid) decode(parameters []*Node, height, width, _ int) *Node {
	sum := parameters[0] // [batch, height, width, channels]
	for _, level := range parameters[1:] {
		sum = Add(sum, resize(level, height, width))
	}
	return sum
}

func (Pyramid) invert(values []float32, height, width, channels int) [][]float32 {
	parameters := [][]float32{values}
	for _, shape := range (Pyramid{}).shapes(height, width, channels)[1:] {
		parameters = append(parameters, make([]float32, volume(shape)))
	}
	return parameters
}

// volume is how many values a shape has.
func volume(shape []int) int {
	n := 1
	for _, dim := range shape {
		n *= dim
	}
	return n
}
