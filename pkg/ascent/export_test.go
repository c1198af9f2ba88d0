// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// What the tests compare with other computations.

// DecodeParameters turns parameters into pictures in gray levels.
func DecodeParameters(m Method, parameters []*Node, height, width int) *Node {
	return m.decode(parameters, height, width)
}

// ParameterShapes are those of one picture.
func ParameterShapes(m Method, height, width int) [][]int {
	return m.image().shapes(height, width, m.components())
}

// TransformPictures applies the method's transforms.
func TransformPictures(m Method, x, draws, done *Node) *Node { return m.transform(x, draws, done) }

// DrawsFor is how many random numbers a picture takes in a step.
func DrawsFor(m Method, height, width int) int { return m.draws(height, width) }

// PenaltyOf is what the method's regularizers take off.
func PenaltyOf(m Method, x *Node) *Node { return m.penalties(x) }

// MovesOf are an optimizer's moves for one parameter over several steps of given gradients.
func MovesOf(o Optimizer, gradients []*Node) []*Node {
	var kept []*Node
	for range o.slots() {
		kept = append(kept, ZerosLike(gradients[0]))
	}
	var all []*Node
	for i, g := range gradients {
		step := BroadcastToDims(Scalar(g.Graph(), g.DType(), float64(i+1)), g.Shape().Dim(0))
		moves, keeps := o.move([]*Node{g}, [][]*Node{kept}, step)
		if len(keeps) > 0 {
			kept = keeps[0]
		}
		all = append(all, moves[0])
	}
	return all
}

// Likenesses is the diversity objective's penalty.
var Likenesses = likenesses

// Invert is the reverse of decoding, for one picture of gray levels.
func Invert(m Method, levels []float32, height, width int) [][]float32 {
	return m.image().(inverter).invert(m.color().invert(levels, m.width()), height, width, m.components())
}

// ArcTangent is the CPPN's own.
var ArcTangent = arcTangent

// TransformNames, RegularizerNames, ColorNames and ObjectiveNames are all that there are.
func TransformNames() []string   { return sortedKeys(transformKinds) }
func RegularizerNames() []string { return sortedKeys(regularizers) }
func ColorNames() []string       { return colorNames }
func ObjectiveNames() []string   { return sortedKeys(objectiveForms) }

// Draw fills one picture's parameters with their random start.
func Draw(m Method, height, width int, seed uint64) [][]float32 {
	return m.begin(task{seed: seed}, Options{}, height, width)
}
