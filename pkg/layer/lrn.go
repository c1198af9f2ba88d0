// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// LRN is local response normalization across channels: x / (Bias + Alpha/Size * s)^Beta, where s is the sum of the
// squares of the Size channels around (ONNX's LRN). It has no weights.
type LRN struct {
	Size              int
	Alpha, Beta, Bias float64
}

// Shape is the input's.
func (l LRN) Shape(inputs ...[]int) ([]int, error) {
	in, err := withChannels(inputs)
	if err == nil && (l.Size < 1 || l.Size > most) {
		err = fmt.Errorf("a size of %d: use 1 to %d", l.Size, most)
	}
	return in, err
}

// Weights are none.
func (l LRN) Weights(...[]int) map[string][]int { return nil }

// Build adds it to the graph.
func (l LRN) Build(_ func(role string) *Node, inputs ...*Node) *Node {
	x := inputs[0]
	rank, channels := x.Rank(), x.Shape().Dim(-1)
	last := rank - 1
	begin := (l.Size - 1) / 2
	before, after := around(rank, last, begin), around(rank, last, l.Size-1-begin)
	squares := surround(graph.Square(x), before, after, 0) // [..., channels+size-1]
	var sum *Node
	for i := range min(l.Size, channels+l.Size-1) {
		sum = plus(sum, graph.SliceAxis(squares, last, graph.AxisRange(i, i+channels))) // [..., channels]
	}
	base := graph.Add(graph.Mul(sum, scalar(x, l.Alpha/float64(l.Size))), scalar(x, l.Bias))
	return graph.Mul(x, graph.Exp(graph.Mul(graph.Log(base), scalar(x, -l.Beta))))
}

// around is a list of zeros for each axis, but for one.
func around(rank, axis, value int) []int {
	list := make([]int, rank)
	list[axis] = value
	return list
}

// plus adds to a sum that begins as nil.
func plus(sum, term *Node) *Node {
	if sum == nil {
		return term
	}
	return graph.Add(sum, term)
}
