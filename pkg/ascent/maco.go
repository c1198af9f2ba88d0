// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"

	. "github.com/gomlx/gomlx/core/graph"
)

// MaCo is a picture of whose spectrum only the phases climb: the magnitudes stay those of photographs (Fel et al.
// 2023, "Unlocking Feature Visualization for Deeper Networks with Magnitude Constrained Optimization"; Xplique,
// Horama). It needs the colour [Decorrelated]; of
// pictures that have not three channels each has a magnitude of these.
//
// The magnitudes fall with a power of the frequency, one for each decorrelated channel. The zero value has Natural's.
type MaCo struct {
	// Slope is the power that magnitudes fall with, Level their size at one tenth of a cycle a pixel, for each
	// channel.
	Slope, Level [3]float64
}

// Natural is the magnitude law of photographs: what [FitMaCo] finds in five that scikit-image 0.26 carries (astronaut,
// chelsea, coffee, rocket, motorcycle), at 256x256 pixels.
var Natural = MaCo{Slope: [3]float64{1.50, 1.21, 1.07}, Level: [3]float64{1, 1, 0.93}}

// String gives the law, unless it is the zero value.
func (m MaCo) String() string {
	text := "maco"
	if m == (MaCo{}) || m == Natural {
		return text
	}
	for c := range 3 {
		text += ":" + decimal(m.Slope[c]) + ":" + decimal(m.Level[c])
	}
	return text
}

func (MaCo) shapes(height, width, channels int) [][]int {
	return [][]int{{channels, height, width/2 + 1}}
}

func (MaCo) draw(parameters [][]float32, _ [][]int, random *rand.Rand) {
	normal(parameters[0], 1, random)
}

// magnitudes are [1][channels][height][half].
func (m MaCo) magnitudes(height, width, channels int) [][][][]float32 {
	if m == (MaCo{}) {
		m = Natural
	}
	planes := make([][][]float32, channels)
	least := 1 / float64(max(height, width))
	for c := range planes {
		planes[c] = frequencies(height, width)
		for _, row := range planes[c] {
			for k, frequency := range row {
				row[k] = float32(m.Level[c%colours] * math.Pow(10*max(float64(frequency), least), -m.Slope[c%colours]))
			}
		}
	}
	return [][][][]float32{planes}
}

func (m MaCo) decode(parameters []*Node, height, width, channels int) *Node {
	phase := standardized(parameters[0]) // [batch, channels, height, half]
	magnitude := Const(phase.Graph(), m.magnitudes(height, width, channels))
	real, imaginary := Mul(magnitude, Cos(phase)), Mul(magnitude, Sin(phase))
	values := inverseRealFFT(real, imaginary, width)          // [batch, channels, height, width]
	return TransposeAllAxes(standardized(values), 0, 2, 3, 1) // [batch, height, width, channels]
}

// standardized brings each picture's values, [batch, ., ., .], to a mean of 0 and a standard deviation of 1.
func standardized(x *Node) *Node {
	x = Sub(x, ReduceAndKeep(x, ReduceMean, 1, 2, 3))
	deviation := Sqrt(AddScalar(ReduceAndKeep(Square(x), ReduceMean, 1, 2, 3), 1e-10)) // [batch, 1, 1, 1]
	return Div(x, AddScalar(deviation, 1e-5))
}

// ErrNoLaw is returned, wrapped, for photographs whose magnitudes make no law.
var ErrNoLaw = errors.New("the photographs give no law")

// FitMaCo fits the law to photographs of gray levels, each [height, width, 3], by least squares on the logarithms,
// between 0.01 and 0.45 cycles a pixel. It holds one photograph at a time. It returns [ErrNoLaw] when there are none,
// or none with something in it, or none in colour.
func FitMaCo(photos iter.Seq[[]float32], height, width int) (MaCo, error) {
	var law MaCo
	grid := frequencies(height, width)
	half := width/2 + 1
	count, power := 0, make([]float64, 3*height*half)
	varied, coloured := false, false
	for photo := range photos {
		varied, coloured = varied || differ(photo, 3), coloured || differ(photo, 1)
		real, imaginary := realFFT(Decorrelated.invert(photo, colours), height, width, 3)
		for i := range power {
			power[i] += math.Hypot(real[i], imaginary[i])
		}
		count++
	}
	switch {
	case count == 0:
		return law, fmt.Errorf("%w: there are none", ErrNoLaw)
	case !varied:
		return law, fmt.Errorf("%w: each is the same all over; give photographs with something in them", ErrNoLaw)
	case !coloured:
		return law, fmt.Errorf("%w for colours: all of them are gray; give photographs in colour", ErrNoLaw)
	}
	for c := range 3 {
		var n, sx, sy, sxx, sxy float64
		for u := range height {
			for k := range half {
				f := float64(grid[u][k])
				if f < 0.01 || f > 0.45 {
					continue
				}
				x, y := math.Log(10*f), math.Log(power[(c*height+u)*half+k]/float64(count))
				n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
			}
		}
		slope := (n*sxy - sx*sy) / (n*sxx - sx*sx)
		law.Slope[c], law.Level[c] = -slope, math.Exp((sy-slope*sx)/n)
		if v := law.Slope[c] + law.Level[c]; math.IsNaN(v) || math.IsInf(v, 0) {
			return MaCo{}, fmt.Errorf("%w: some frequencies are in none of them; give more photographs, "+
				"or larger ones", ErrNoLaw)
		}
	}
	return law, nil
}

// differ says whether some value differs from the one that many places before by more than rounding: with 3 of another
// pixel, with 1 of another colour.
func differ(levels []float32, places int) bool {
	const rounding = 1.5 // levels: what a JPEG file makes of gray
	for i := places; i < len(levels); i++ {
		if places == 1 && i%3 == 0 {
			continue // the next pixel
		}
		if math.Abs(float64(levels[i]-levels[i-places])) > rounding {
			return true
		}
	}
	return false
}
