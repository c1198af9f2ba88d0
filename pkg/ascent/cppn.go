// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// CPPN is a picture made by a small network that says for each place what is there: smooth at any size (Stanley 2007;
// Mordvintsev et al. 2018, "Differentiable Image Parameterizations"; Lucid's cppn). Its weights climb: eight layers of
// 24 with arc tangents and a last one that starts at zero.
type CPPN struct{}

const (
	cppnLayers = 8
	cppnWidth  = 24
)

// String returns "cppn".
func (CPPN) String() string { return "cppn" }

func (CPPN) shapes(_, _, channels int) [][]int {
	var all [][]int
	in := 2
	for range cppnLayers {
		all = append(all, []int{in, cppnWidth}, []int{cppnWidth})
		in = 2 * cppnWidth
	}
	return append(all, []int{in, channels}, []int{channels})
}

func (CPPN) draw(parameters [][]float32, shapes [][]int, random *rand.Rand) {
	for layer := range cppnLayers {
		weights, bias := parameters[2*layer], parameters[2*layer+1]
		normal(weights, 1/math.Sqrt(float64(shapes[2*layer][0])), random)
		normal(bias, 0.1, random)
	}
}

func (CPPN) decode(parameters []*Node, height, width, channels int) *Node {
	g, batch := parameters[0].Graph(), parameters[0].Shape().Dim(0)
	axis := func(length, dimension int) *Node { // from -sqrt(3) to sqrt(3)
		x := Iota(g, shapes.Make(dtypes.Float32, batch, height, width, 1), dimension)
		return MulScalar(AddScalar(MulScalar(x, 2/float64(max(length-1, 1))), -1), math.Sqrt(3))
	}
	x := Reshape(Concatenate([]*Node{axis(height, 1), axis(width, 2)}, -1), batch, height*width, 2) // [batch, places, 2]
	for layer := range cppnLayers {
		x = dense(x, parameters[2*layer], parameters[2*layer+1]) // [batch, places, 24]
		bend := arcTangent(x)
		x = Concatenate([]*Node{MulScalar(bend, 1/0.67), MulScalar(Square(bend), 1/0.6)}, -1) // [batch, places, 48]
	}
	x = dense(x, parameters[2*cppnLayers], parameters[2*cppnLayers+1]) // [batch, places, channels]
	return Reshape(x, batch, height, width, channels)
}

// dense applies each picture's own weights [batch, in, out] and bias [batch, out] to x, [batch, places, in].
func dense(x, weights, bias *Node) *Node {
	return Add(Einsum("bpi,bio->bpo", x, weights), ExpandAxes(bias, 1)) // [batch, places, out]
}

// arcTangent is not GoMLX's Atan2: that has no gradient, and with a constant beside it XLA's plugin of PJRT 0.115
// mixes up the places of a vector (see device's known faults). It is Cephes' polynomial (Moshier 1984; within 2e-7),
// after halving the angle and turning what is larger than 1 upside down. Its gradient is 1/(1+x²), finite for every x,
// which the formula's own is not.
func arcTangent(x *Node) *Node {
	path := IdentityWithCustomGradient(x, func(x, v *Node) *Node { return Div(v, AddScalar(Square(x), 1)) })
	large := GreaterThan(Abs(x), OnesLike(x))
	inner := Where(large, Inverse(x), x)                                // -1 to 1
	half := Div(inner, AddScalar(Sqrt(AddScalar(Square(inner), 1)), 1)) // the tangent of half the angle: up to 0.42
	square, sum := Square(half), ScalarZero(x.Graph(), x.DType())
	for _, coefficient := range []float64{8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1} {
		sum = AddScalar(Mul(sum, square), coefficient)
	}
	angle := MulScalar(Add(half, Mul(half, Mul(square, sum))), 2)
	right := MulScalar(Sign(x), math.Pi/2)
	return Add(StopGradient(Where(large, Sub(right, angle), angle)), Sub(path, StopGradient(path)))
}
