// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// gaussian blurs x, [batch, height, width, 3], by a deviation for each picture, [batch, 1] in pixels. The border's
// weights are shared out among the places inside.
func gaussian(x, deviation *Node) *Node {
	weights := func(length int) *Node {
		square := shapes.Make(dtypes.Float32, x.Shape().Dim(0), length, length)
		distance := Sub(Iota(x.Graph(), square, 1), Iota(x.Graph(), square, 2))
		w := Exp(MulScalar(Square(Div(distance, ExpandAxes(deviation, -1))), -0.5)) // [batch, length, length]
		return Div(w, ReduceAndKeep(w, ReduceSum, 2))
	}
	return resample(x, weights(x.Shape().Dim(1)), weights(x.Shape().Dim(2)))
}

func randomBlur(numbers []float64, x, draws, _ *Node) *Node {
	return gaussian(x, between(draws, numbers[0], numbers[1]))
}

// addNoise makes normal numbers of pairs of uniform ones (Box and Muller 1958).
func addNoise(numbers []float64, x, draws, _ *Node) *Node {
	dims := x.Shape().Dimensions
	values := volume(dims[1:])
	pairs := values / 2
	for draws.Shape().Dim(1) < values { // they are for three channels: more share some
		draws = Concatenate([]*Node{draws, draws}, -1)
	}
	first := Slice(draws, AxisRange(), AxisRange(0, values-pairs)) // [batch, (values+1)/2]
	radius := Sqrt(MulScalar(Log(OneMinus(first)), -2))
	turn := MulScalar(Slice(draws, AxisRange(), AxisRange(values-pairs, values)), 2*math.Pi) // [batch, values/2]
	paired := Slice(radius, AxisRange(), AxisRange(0, pairs))
	parts := []*Node{Mul(paired, Cos(turn)), Mul(paired, Sin(turn))}
	if values > 2*pairs {
		parts = append(parts, Slice(radius, AxisRange(), AxisRange(pairs)))
	}
	return Add(x, MulScalar(Reshape(Concatenate(parts, -1), dims...), 255*numbers[0]))
}
