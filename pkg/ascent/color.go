// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"math"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
)

// Color is how the values that climb become gray levels of red, green and blue.
type Color int

const (
	// AsIs takes the values as gray levels, unbounded: the book's way.
	AsIs Color = iota
	// Squashed brings each value between 0 and 255 by a sigmoid.
	Squashed
	// Decorrelated takes the values as coordinates along the directions in which the colours of photographs vary
	// independently of each other, and squashes what comes out (Olah, Mordvintsev and Schubert 2017; Lucid's matrix).
	Decorrelated
	// Gray has one value for all three colours, squashed.
	Gray
)

// colours is how many channels a picture has unless its target says another number.
const colours = 3

var colorNames = []string{"as-is", "squashed", "decorrelated", "gray"}

// String returns the colour's name.
func (c Color) String() string {
	if c < 0 || int(c) >= len(colorNames) {
		return fmt.Sprintf("color(%d)", int(c))
	}
	return colorNames[c]
}

// svdSqrt is the square root of the covariance of ImageNet's colours, by singular values, as Lucid has it; its rows
// are red, green and blue.
var svdSqrt = [3][3]float64{{0.26, 0.09, 0.02}, {0.27, 0, -0.05}, {0.27, -0.09, 0.03}}

// colorMatrix is svdSqrt divided by the largest norm of its columns.
func colorMatrix() (m [3][3]float64) {
	largest := 0.0
	for column := range 3 {
		squares := 0.0
		for row := range 3 {
			squares += svdSqrt[row][column] * svdSqrt[row][column]
		}
		largest = math.Max(largest, math.Sqrt(squares))
	}
	for row := range 3 {
		for column := range 3 {
			m[row][column] = svdSqrt[row][column] / largest
		}
	}
	return m
}

// apply turns values [batch, height, width, components] into gray levels [batch, height, width, channels].
func (c Color) apply(values *Node, channels int) *Node {
	switch c {
	case AsIs:
		return values
	case Decorrelated:
		m := colorMatrix()
		transposed := make([][]float32, 3)
		for from := range transposed {
			transposed[from] = []float32{float32(m[0][from]), float32(m[1][from]), float32(m[2][from])}
		}
		values = Einsum("bhwc,cd->bhwd", values, Const(values.Graph(), transposed))
	case Gray:
		values = Concatenate(slices.Repeat([]*Node{values}, channels), -1) // [batch, height, width, channels]
	}
	return MulScalar(Sigmoid(values), 255)
}

// invert is the reverse of apply on the host, for gray levels in [height, width, channels]; those at the ends of the
// range are drawn in by a thousandth, where the sigmoid can reach them (Horama's constant).
func (c Color) invert(levels []float32, channels int) []float32 {
	if c == AsIs {
		return levels
	}
	logit := func(level float64) float64 {
		p := min(max(level/255, 1e-3), 1-1e-3)
		return math.Log(p / (1 - p))
	}
	values := make([]float32, 0, len(levels))
	if channels != colours {
		for pixel := range slices.Chunk(levels, channels) {
			sum := 0.
			for _, level := range pixel {
				sum += float64(level)
				if c != Gray {
					values = append(values, float32(logit(float64(level))))
				}
			}
			if c == Gray {
				values = append(values, float32(logit(sum/float64(channels))))
			}
		}
		return values
	}
	inverse := inverted(colorMatrix())
	for i := 0; i+2 < len(levels); i += 3 {
		rgb := [3]float64{float64(levels[i]), float64(levels[i+1]), float64(levels[i+2])}
		if c == Gray {
			values = append(values, float32(logit((rgb[0]+rgb[1]+rgb[2])/3)))
			continue
		}
		for k := range rgb {
			rgb[k] = logit(rgb[k])
		}
		for row := range 3 {
			v := rgb[row]
			if c == Decorrelated {
				v = inverse[row][0]*rgb[0] + inverse[row][1]*rgb[1] + inverse[row][2]*rgb[2]
			}
			values = append(values, float32(v))
		}
	}
	return values
}

// inverted is a matrix's inverse, by cofactors.
func inverted(m [3][3]float64) (inverse [3][3]float64) {
	cofactor := func(row, column int) float64 {
		r1, r2, c1, c2 := (row+1)%3, (row+2)%3, (column+1)%3, (column+2)%3
		return m[r1][c1]*m[r2][c2] - m[r1][c2]*m[r2][c1]
	}
	determinant := m[0][0]*cofactor(0, 0) + m[0][1]*cofactor(0, 1) + m[0][2]*cofactor(0, 2)
	for row := range 3 {
		for column := range 3 {
			inverse[column][row] = cofactor(row, column) / determinant
		}
	}
	return inverse
}
