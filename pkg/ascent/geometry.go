// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Resampling along an axis is a product with a matrix that holds, for each place in the result, its weights over the
// places in the source: bilinear weights are a tent around the place that is wanted. Every backend multiplies
// matrices, and differentiates it.

// tents returns the weights [batch, len(to), from] of positions [batch, to], in pixels of the source.
func tents(positions *Node, from int) *Node {
	batch, to := positions.Shape().Dim(0), positions.Shape().Dim(1)
	source := Iota(positions.Graph(), shapes.Make(dtypes.Float32, batch, to, from), 2)
	distance := Abs(Sub(ClipScalar(ExpandAxes(positions, -1), 0, float64(from-1)), source)) // [batch, to, from]
	return MaxScalar(OneMinus(distance), 0)
}

// resample takes weights for the rows [batch, h, height] and the columns [batch, w, width] of x, [batch, height,
// width, 3], and returns [batch, h, w, 3].
func resample(x, rows, columns *Node) *Node {
	x = Einsum("byi,biwc->bywc", rows, x) // [batch, h, width, 3]
	return Einsum("bxj,byjc->byxc", columns, x)
}

// resize scales x, [batch, height, width, channels], bilinearly, with the corners' outer edges on each other: [batch,
// h, w, channels].
func resize(x *Node, height, width int) *Node {
	if x.Shape().Dim(1) == height && x.Shape().Dim(2) == width {
		return x
	}
	batch := x.Shape().Dim(0)
	weights := func(from, to int) *Node {
		place := Iota(x.Graph(), shapes.Make(dtypes.Float32, batch, to), 1)
		ratio := float64(from) / float64(to)
		return tents(AddScalar(MulScalar(AddScalar(place, 0.5), ratio), -0.5), from)
	}
	return resample(x, weights(x.Shape().Dim(1), height), weights(x.Shape().Dim(2), width))
}

// between spreads the first random number of each picture, [batch, n], over an interval: [batch, 1].
func between(draws *Node, low, high float64) *Node {
	return AddScalar(MulScalar(Slice(draws, AxisRange(), AxisRange(0, 1)), high-low), low)
}

func pad(numbers []float64, x, _, _ *Node) *Node {
	n := pixels(numbers[0], x.Shape().Dim(1), x.Shape().Dim(2))
	shifted := func(length int) *Node { // GoMLX's Pad has no gradient
		dims := shapes.Make(dtypes.Float32, x.Shape().Dim(0), length+2*n, length)
		distance := Abs(AddScalar(Sub(Iota(x.Graph(), dims, 1), Iota(x.Graph(), dims, 2)), -float64(n)))
		return MaxScalar(OneMinus(distance), 0) // [batch, length+2n, length]
	}
	inside := resample(AddScalar(x, -numbers[1]), shifted(x.Shape().Dim(1)), shifted(x.Shape().Dim(2)))
	return AddScalar(inside, numbers[1])
}

func jitter(numbers []float64, x, draws, _ *Node) *Node {
	height, width := x.Shape().Dim(1), x.Shape().Dim(2)
	h, w := jittered(numbers, height, width)
	window := func(which, from, to int) *Node {
		offset := Floor(MulScalar(Slice(draws, AxisRange(), AxisElem(which)), from-to+1)) // [batch, 1]
		place := Iota(x.Graph(), shapes.Make(dtypes.Float32, x.Shape().Dim(0), to), 1)
		return tents(Add(place, offset), from) // [batch, to, from]
	}
	return resample(x, window(0, height, h), window(1, width, w)) // [batch, h, w, 3]
}

func zoom(numbers []float64, x, draws, _ *Node) *Node {
	factor := between(draws, numbers[0], numbers[1]) // [batch, 1]
	around := func(length int) *Node {
		middle := float64(length-1) / 2
		place := Iota(x.Graph(), shapes.Make(dtypes.Float32, x.Shape().Dim(0), length), 1)
		return tents(AddScalar(Div(AddScalar(place, -middle), factor), middle), length)
	}
	return resample(x, around(x.Shape().Dim(1)), around(x.Shape().Dim(2)))
}

func flip(_ []float64, x, draws, _ *Node) *Node {
	batch, width := x.Shape().Dim(0), x.Shape().Dim(2)
	coin := Floor(between(draws, 0, 2)) // [batch, 1], 0 or 1; 0 flips, as GoMLX's Reverse has no gradient
	place := Iota(x.Graph(), shapes.Make(dtypes.Float32, batch, width), 1)
	mirrored := AddScalar(Neg(place), float64(width-1))
	columns := tents(Add(Mul(place, coin), Mul(mirrored, OneMinus(coin))), width) // [batch, width, width]
	return Einsum("bxj,byjc->byxc", columns, x)
}

// rotate reads each place of the result bilinearly between four of the source.
func rotate(numbers []float64, x, draws, _ *Node) *Node {
	g, dims := x.Graph(), x.Shape().Dimensions
	batch, height, width := dims[0], dims[1], dims[2]
	angle := ExpandAxes(MulScalar(between(draws, numbers[0], numbers[1]), math.Pi/180), -1) // [batch, 1, 1]
	grid := shapes.Make(dtypes.Float32, batch, height, width)
	middleY, middleX := float64(height-1)/2, float64(width-1)/2
	y, xs := AddScalar(Iota(g, grid, 1), -middleY), AddScalar(Iota(g, grid, 2), -middleX)
	sine, cosine := Sin(angle), Cos(angle)
	fromY := AddScalar(Sub(Mul(y, cosine), Mul(xs, sine)), middleY) // [batch, height, width]
	fromX := AddScalar(Add(Mul(xs, cosine), Mul(y, sine)), middleX)
	fromY, fromX = ClipScalar(fromY, 0, float64(height-1)), ClipScalar(fromX, 0, float64(width-1))
	top, left := Floor(fromY), Floor(fromX)
	down, right := ExpandAxes(Sub(fromY, top), -1), ExpandAxes(Sub(fromX, left), -1) // [batch, height, width, 1]
	flat := Reshape(x, batch*height*width, dims[3])
	picture := MulScalar(Iota(g, grid, 0), float64(height*width))
	corner := func(dy, dx float64) *Node {
		row := ClipScalar(AddScalar(top, dy), 0, float64(height-1))
		column := ClipScalar(AddScalar(left, dx), 0, float64(width-1))
		index := ConvertDType(Add(picture, Add(MulScalar(row, width), column)), dtypes.Int32)
		return Gather(flat, ExpandAxes(index, -1)) // [batch, height, width, 3]
	}
	above := Add(Mul(corner(0, 0), OneMinus(right)), Mul(corner(0, 1), right))
	below := Add(Mul(corner(1, 0), OneMinus(right)), Mul(corner(1, 1), right))
	return Add(Mul(above, OneMinus(down)), Mul(below, down))
}

func crop(numbers []float64, x, draws, done *Node) *Node {
	const centreDeviation, leastShare = 0.15, 0.05
	size := int(numbers[1])
	batch, height, width := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	// Three uniform numbers give two normal ones for the centre, and one about uniform for the side.
	radius := Sqrt(MulScalar(Log(OneMinus(Slice(draws, AxisRange(), AxisElem(0)))), -2)) // [batch, 1]
	turn := MulScalar(Slice(draws, AxisRange(), AxisElem(1)), 2*math.Pi)
	share := AddScalar(MulScalar(Reshape(done, batch, 1), numbers[3]-numbers[2]), numbers[2])
	share = ClipScalar(Mul(share, AddScalar(MulScalar(Slice(draws, AxisRange(), AxisElem(2)), 0.4), 0.8)),
		leastShare, 1)
	side := MulScalar(share, float64(min(height, width)))
	window := func(normal *Node, length int) *Node {
		centre := MulScalar(AddScalar(MulScalar(normal, centreDeviation), 0.5), float64(length)) // [batch, 1]
		half := MulScalar(side, 0.5)
		centre = Min(Max(centre, half), Sub(Scalar(x.Graph(), x.DType(), float64(length)), half))
		place := Iota(x.Graph(), shapes.Make(dtypes.Float32, batch, size), 1)
		unit := AddScalar(MulScalar(AddScalar(place, 0.5), 1/float64(size)), -0.5) // -0.5 to 0.5
		return tents(AddScalar(Add(Mul(unit, side), centre), -0.5), length)        // [batch, size, length]
	}
	rows, columns := window(Mul(radius, Cos(turn)), height), window(Mul(radius, Sin(turn)), width)
	return resample(x, rows, columns) // [batch, size, size, 3]
}
