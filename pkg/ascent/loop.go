// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// stepsAtOnce is how many steps one call of a program takes at most.
const stepsAtOnce = 32

// loop builds a program that takes several steps of [form.graph] in one call, so that its arrays are handed out, and
// the backend is called, once for all of them.
//
// Inputs are what changes on the way: the number of the step in this call, from 0; the state as in [form.graph]; the
// losses and root mean squares of the steps, [stepsAtOnce, batch] each; and, if the parameters are not the picture
// itself, the pictures before the last step. Then what doesn't: how many steps to take, the filters, and the rest of
// [form.graph]'s inputs for each step, [stepsAtOnce, batch, ...]. Outputs are the former, but for the number.
func (f form) loop(scope *model.Scope, inputs []*Node) []*Node {
	changing := 1 + f.states() + 2
	if f.decoded() {
		changing++
	}
	g := inputs[0].Graph()
	if !f.source.Loops {
		return f.next(scope, inputs, changing)[1:]
	}
	// An operation in a loop can't take what was made around it, not even a constant. So all that a step needs goes
	// round with it.
	weights := f.weights(scope, g, inputs[changing+1].Shape().Dim(0))
	around := slices.Clone(inputs)
	for _, w := range weights {
		around = append(around, w.NodeValue(g))
	}
	enter := func(g *Graph) []*Node {
		now := make([]*Node, len(around))
		for i, outer := range around {
			now[i] = Parameter(g, "", outer.Shape())
		}
		return now
	}
	more := NewClosure(g, func(g *Graph) []*Node {
		now := enter(g)
		return []*Node{LessThan(now[0], now[changing])}
	})
	body := NewClosure(g, func(g *Graph) []*Node {
		now := enter(g)
		for i, w := range weights {
			w.SetNodeValue(now[len(inputs)+i])
		}
		return slices.Concat(f.next(scope, now[:len(inputs)], changing), now[changing:])
	})
	for i, w := range weights {
		w.SetNodeValue(around[len(inputs)+i])
	}
	return While(more, body, around...)[1:changing]
}

// next takes one step of the loop, and returns what it changes.
func (f form) next(scope *model.Scope, now []*Node, changing int) []*Node {
	step, state := now[0], f.states()
	in := slices.Concat(now[1:1+state], now[changing+1:changing+2])
	for _, r := range now[changing+2:] {
		in = append(in, row(r, step)) // [batch, ...]
	}
	out := f.graph(scope, in)
	next := slices.Concat([]*Node{AddScalar(step, 1)}, out[:state])
	for i, trace := range now[1+state : 3+state] {
		next = append(next, noted(trace, out[state+i], step))
	}
	return append(next, out[state+2:]...)
}

// isStep says of each row of [steps, ...] whether it is that step's: bool of that shape. Selecting with it does what a
// dynamic slice does, and every backend has it.
func isStep(x, step *Node) *Node {
	number := Iota(x.Graph(), shapes.Make(dtypes.Int32, x.Shape().Dimensions...), 0) // as x
	return Equal(number, step)
}

// row is x[step], from [steps, ...] to [...].
func row(x, step *Node) *Node {
	return ReduceSum(Where(isStep(x, step), x, ZerosLike(x)), 0) // [...]
}

// noted is x, [steps, ...], with another row, [...], at a step.
func noted(x, row, step *Node) *Node {
	return Where(isStep(x, step), BroadcastToShape(InsertAxes(row, 0), x.Shape()), x)
}

// states counts the arrays of a batch's state.
func (f form) states() int { return len(f.shapes()) * (1 + f.method.optimizer().slots()) }

// weights are those that a step takes, as is seen in one that is built aside.
func (f form) weights(scope *model.Scope, g *Graph, batch int) []*model.Variable {
	aside := NewGraph(g.Backend(), "step")
	defer aside.Finalize()
	var inputs []*Node
	for _, shape := range f.stepShapes(batch) {
		inputs = append(inputs, Parameter(aside, "", shape))
	}
	f.graph(scope, inputs)
	var all []*model.Variable
	for variable := range scope.Store().IterVariables() {
		if variable.InUseByGraph(aside) {
			all = append(all, variable)
		}
	}
	return all
}

// stepShapes are those of the inputs of [form.graph].
func (f form) stepShapes(batch int) []shapes.Shape {
	var all []shapes.Shape
	own := f.shapes()
	add := func(dims ...int) { all = append(all, shapes.Make(dtypes.Float32, dims...)) }
	for _, shape := range own {
		add(append([]int{batch}, shape...)...)
	}
	for _, shape := range own {
		for range f.method.optimizer().slots() {
			add(append([]int{batch}, shape...)...)
		}
	}
	all = append(all, shapes.Make(dtypes.Int32, batch))
	add(batch)
	if f.timed() {
		add(batch, 2)
	}
	if n := f.drawn(); n > 0 {
		add(batch, n)
	}
	return all
}

// loopShapes are those of the inputs of [form.loop].
func (f form) loopShapes(batch int) []shapes.Shape {
	step := f.stepShapes(batch)
	state, rest := step[:f.states()], step[f.states():]
	number, trace := shapes.Make(dtypes.Int32), shapes.Make(dtypes.Float32, stepsAtOnce, batch)
	all := slices.Concat([]shapes.Shape{number}, state, []shapes.Shape{trace, trace})
	if f.decoded() {
		all = append(all, shapes.Make(dtypes.Float32, batch, f.shown[0], f.shown[1], f.method.width()))
	}
	all = append(all, number, rest[0])
	for _, varying := range rest[1:] {
		all = append(all, shapes.Make(varying.DType, append([]int{stepsAtOnce}, varying.Dimensions...)...))
	}
	return all
}
