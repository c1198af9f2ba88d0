// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"math"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
)

// Fourier is a picture made of its spectrum, with the high frequencies scaled down, so that a step moves large shapes
// and small ones alike (Olah, Mordvintsev and Schubert 2017; Lucid's fft_image). It starts from normal noise with a
// standard deviation of 0.01 in the spectrum.
type Fourier struct {
	// Decay is the power of the frequency that amplitudes fall with; 0 means 1, Lucid's. Xplique has 0.85, Horama 1.5.
	Decay float64
}

// fourierGain is what Lucid divides its pictures by.
const fourierGain = 4

// String gives the decay, unless it is 1.
func (f Fourier) String() string {
	if f.Decay == 0 || f.Decay == 1 {
		return "fourier"
	}
	return "fourier:" + decimal(f.Decay)
}

func (Fourier) shapes(height, width, channels int) [][]int {
	return [][]int{{2, channels, height, width/2 + 1}}
}

func (Fourier) draw(parameters [][]float32, _ [][]int, random *rand.Rand) {
	normal(parameters[0], 0.01, random)
}

func (f Fourier) decode(parameters []*Node, height, width, _ int) *Node {
	scale := [][][][][]float32{{{f.scale(height, width)}}}              // [1, 1, 1, height, half]
	spectrum := Mul(parameters[0], Const(parameters[0].Graph(), scale)) // [batch, 2, channels, height, half]
	real := Squeeze(Slice(spectrum, AxisRange(), AxisElem(0)), 1)       // [batch, channels, height, half]
	imaginary := Squeeze(Slice(spectrum, AxisRange(), AxisElem(1)), 1)  // [batch, channels, height, half]
	x := inverseRealFFT(real, imaginary, width)                         // [batch, channels, height, width]
	return MulScalar(TransposeAllAxes(x, 0, 2, 3, 1), 1./fourierGain)   // [batch, height, width, channels]
}

// scale is 1/frequency^decay times the root of the number of pixels, [height][half]. The lowest frequency counts as
// one whole wave.
func (f Fourier) scale(height, width int) [][]float32 {
	decay := f.Decay
	if decay == 0 {
		decay = 1
	}
	scale := frequencies(height, width)
	least, gain := 1/float64(max(height, width)), math.Sqrt(float64(height*width))
	for _, row := range scale {
		for k, frequency := range row {
			row[k] = float32(gain / math.Pow(max(float64(frequency), least), decay))
		}
	}
	return scale
}

// frequencies are those of a real spectrum in cycles a pixel, [height][width/2+1], as NumPy's fftfreq and rfftfreq
// have them.
func frequencies(height, width int) [][]float32 {
	rows := make([][]float32, height)
	for u := range rows {
		rows[u] = make([]float32, width/2+1)
		vertical := float64(u)
		if u > (height-1)/2 {
			vertical -= float64(height)
		}
		for k := range rows[u] {
			rows[u][k] = float32(math.Hypot(vertical/float64(height), float64(k)/float64(width)))
		}
	}
	return rows
}

// inverseRealFFT is the inverse of the two-dimensional Fourier transform of real planes: the parts of the spectrum,
// [batch, channels, height, width/2+1] each, give [batch, channels, height, width], as NumPy's irfft2 does.
//
// It is written as four products with small matrices, which every backend differentiates.
func inverseRealFFT(real, imaginary *Node, width int) *Node {
	g, height, half := real.Graph(), real.Shape().Dim(2), real.Shape().Dim(3)
	angle := func(rows, columns, period int, wave func(float64) float64, weight func(row int) float64) *Node {
		matrix := make([][]float32, rows)
		for i := range matrix {
			matrix[i] = make([]float32, columns)
			for j := range matrix[i] {
				turn := float64(i*j%period) / float64(period)
				matrix[i][j] = float32(wave(2*math.Pi*turn) * weight(i))
			}
		}
		return Const(g, matrix)
	}
	one := func(int) float64 { return 1 / float64(height*width) }
	twice := func(k int) float64 { // all but the first and, for an even width, the last stand for two frequencies
		if k == 0 || 2*k == width {
			return 1
		}
		return 2
	}
	down := func(wave func(float64) float64, x *Node) *Node { // [batch, channels, height, half]
		return Einsum("bcuk,uy->bcyk", x, angle(height, height, height, wave, one))
	}
	across := func(wave func(float64) float64, x *Node) *Node { // [batch, channels, height, width]
		return Einsum("bcyk,kx->bcyx", x, angle(half, width, width, wave, twice))
	}
	upright := Sub(down(math.Cos, real), down(math.Sin, imaginary))
	turned := Add(down(math.Sin, real), down(math.Cos, imaginary))
	return Sub(across(math.Cos, upright), across(math.Sin, turned))
}

// invert finds the spectrum of given values, on the host.
func (f Fourier) invert(values []float32, height, width, channels int) [][]float32 {
	half := width/2 + 1
	real, imaginary := realFFT(values, height, width, channels)
	scale := f.scale(height, width)
	spectrum := make([]float32, 2*channels*height*half)
	for c := range channels {
		for u := range height {
			for k := range half {
				at := (c*height+u)*half + k
				divisor := float64(scale[u][k]) / fourierGain
				spectrum[at] = float32(real[at] / divisor)
				spectrum[channels*height*half+at] = float32(imaginary[at] / divisor)
			}
		}
	}
	return [][]float32{spectrum}
}

// realFFT is the two-dimensional Fourier transform of real planes, [height, width, channels], as NumPy's rfft2 has it:
// both parts [channels, height, width/2+1]. It sums rows, then columns, which is fast enough for a photo.
func realFFT(values []float32, height, width, channels int) (real, imaginary []float64) {
	half := width/2 + 1
	real, imaginary = make([]float64, channels*height*half), make([]float64, channels*height*half)
	wave := func(period int) (cosines, sines []float64) {
		cosines, sines = make([]float64, period), make([]float64, period)
		for i := range period {
			sines[i], cosines[i] = math.Sincos(2 * math.Pi * float64(i) / float64(period))
		}
		return cosines, sines
	}
	cosX, sinX := wave(width)
	cosY, sinY := wave(height)
	rowReal, rowImaginary := make([]float64, height*half), make([]float64, height*half)
	for c := range channels {
		for y := range height {
			for k := range half {
				re, im := 0.0, 0.0
				for x := range width {
					v, turn := float64(values[(y*width+x)*channels+c]), k*x%width
					re += v * cosX[turn]
					im -= v * sinX[turn]
				}
				rowReal[y*half+k], rowImaginary[y*half+k] = re, im
			}
		}
		for u := range height {
			for k := range half {
				re, im := 0.0, 0.0
				for y := range height {
					a, b, turn := rowReal[y*half+k], rowImaginary[y*half+k], u*y%height
					re += a*cosY[turn] + b*sinY[turn]
					im += b*cosY[turn] - a*sinY[turn]
				}
				real[(c*height+u)*half+k], imaginary[(c*height+u)*half+k] = re, im
			}
		}
	}
	return real, imaginary
}
