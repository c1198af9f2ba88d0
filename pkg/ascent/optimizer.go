// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// Optimizer turns gradients into moves uphill, which the step's length then scales. They are comparable values.
type Optimizer interface {
	// String gives it as [ParseMethod] reads it.
	fmt.Stringer
	// slots is how many numbers it keeps for each parameter, from zero on.
	slots() int
	// move takes the parameters' gradients, each [batch, ...], what it keeps of each, and the number of the step from
	// 1, [batch]. A picture's moves depend on that picture alone.
	move(gradients []*Node, kept [][]*Node, step *Node) (moves []*Node, keeps [][]*Node)
}

// RMSNormalized divides a picture's gradient by its root mean square: the book's 1st edition.
type RMSNormalized struct{}

// L2Normalized divides a picture's gradient by its length: the book's later editions.
type L2Normalized struct{}

// Adam moves along the mean of the gradients over the root of the mean of their squares, 0.9 and 0.999 of which are
// kept (Kingma and Ba 2014).
type Adam struct{}

// NAdam is Adam with Nesterov's look ahead (Dozat 2016).
type NAdam struct{}

// RMSProp divides by the root of a running mean of the gradient's squares, and keeps its direction (Tieleman and
// Hinton 2012).
type RMSProp struct {
	// Keep is how much of the mean of squares is kept each step; 0 means 0.9. Momentum is how much of the last move.
	Keep, Momentum float64
}

const (
	adamKeep, adamKeepSquares = 0.9, 0.999
	adamEpsilon               = 1e-8
	rmsPropEpsilon            = 1e-7
)

// String returns the name.
func (RMSNormalized) String() string { return "rms" }

// String returns the name.
func (L2Normalized) String() string { return "l2" }

// String returns the name.
func (Adam) String() string { return "adam" }

// String returns the name.
func (NAdam) String() string { return "nadam" }

// String gives both numbers, unless they are the defaults.
func (r RMSProp) String() string {
	if r == (RMSProp{}) {
		return "rmsprop"
	}
	return "rmsprop:" + decimal(r.keep()) + ":" + decimal(r.Momentum)
}

func (r RMSProp) keep() float64 {
	if r.Keep == 0 {
		return 0.9
	}
	return r.Keep
}

func (RMSNormalized) slots() int { return 0 }
func (L2Normalized) slots() int  { return 0 }
func (Adam) slots() int          { return 2 }
func (NAdam) slots() int         { return 2 }
func (RMSProp) slots() int       { return 2 }

// squares sums the squares of a picture's gradients over all parameters, [batch], and counts them.
func squares(gradients []*Node) (sum *Node, count int) {
	for _, g := range gradients {
		own := Square(g)
		for own.Rank() > 1 {
			own = ReduceSum(own, -1)
		}
		if sum != nil {
			own = Add(sum, own)
		}
		sum = own
		count += volume(g.Shape().Dimensions[1:])
	}
	return sum, count
}

// column gives [batch] as many axes as x has.
func column(perPicture, x *Node) *Node {
	dims := make([]int, x.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = perPicture.Shape().Dim(0)
	return Reshape(perPicture, dims...)
}

func (RMSNormalized) move(gradients []*Node, _ [][]*Node, _ *Node) ([]*Node, [][]*Node) {
	sum, count := squares(gradients)
	return divided(gradients, AddScalar(Sqrt(MulScalar(sum, 1/float64(count))), epsilon)), nil
}

func (L2Normalized) move(gradients []*Node, _ [][]*Node, _ *Node) ([]*Node, [][]*Node) {
	const least = 1e-12 // TensorFlow's, of the square
	sum, _ := squares(gradients)
	return divided(gradients, Sqrt(MaxScalar(sum, least))), nil
}

// divided divides each picture's gradients by its number, [batch].
func divided(gradients []*Node, by *Node) []*Node {
	moves := make([]*Node, len(gradients))
	for i, g := range gradients {
		moves[i] = Div(g, column(by, g))
	}
	return moves
}

// eachOf moves parameter by parameter.
func eachOf(gradients []*Node, kept [][]*Node,
	move func(g *Node, kept []*Node) (*Node, []*Node)) (moves []*Node, keeps [][]*Node) {
	for i, g := range gradients {
		m, k := move(g, kept[i])
		moves, keeps = append(moves, m), append(keeps, k)
	}
	return moves, keeps
}

// mixed is keep parts of the old and the rest of the new.
func mixed(keep float64, old, fresh *Node) *Node {
	return Add(MulScalar(old, keep), MulScalar(fresh, 1-keep))
}

// corrected divides by 1 - keep^step: what a mean that began at zero lacks.
func corrected(mean *Node, keep float64, step *Node) *Node {
	return Div(mean, column(OneMinus(Exp(MulScalar(step, math.Log(keep)))), mean))
}

func (Adam) move(gradients []*Node, kept [][]*Node, step *Node) ([]*Node, [][]*Node) {
	return eachOf(gradients, kept, func(g *Node, kept []*Node) (*Node, []*Node) {
		mean, square := mixed(adamKeep, kept[0], g), mixed(adamKeepSquares, kept[1], Square(g))
		root := AddScalar(Sqrt(corrected(square, adamKeepSquares, step)), adamEpsilon)
		return Div(corrected(mean, adamKeep, step), root), []*Node{mean, square}
	})
}

func (NAdam) move(gradients []*Node, kept [][]*Node, step *Node) ([]*Node, [][]*Node) {
	return eachOf(gradients, kept, func(g *Node, kept []*Node) (*Node, []*Node) {
		mean, square := mixed(adamKeep, kept[0], g), mixed(adamKeepSquares, kept[1], Square(g))
		root := AddScalar(Sqrt(corrected(square, adamKeepSquares, step)), adamEpsilon)
		ahead := Add(MulScalar(corrected(mean, adamKeep, AddScalar(step, 1)), adamKeep),
			MulScalar(corrected(g, adamKeep, step), 1-adamKeep))
		return Div(ahead, root), []*Node{mean, square}
	})
}

func (r RMSProp) move(gradients []*Node, kept [][]*Node, _ *Node) ([]*Node, [][]*Node) {
	return eachOf(gradients, kept, func(g *Node, kept []*Node) (*Node, []*Node) {
		square := mixed(r.keep(), kept[0], Square(g))
		moved := Add(MulScalar(kept[1], r.Momentum), Div(g, Sqrt(AddScalar(square, rmsPropEpsilon))))
		return moved, []*Node{square, moved}
	})
}
