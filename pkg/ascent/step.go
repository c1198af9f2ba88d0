// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// epsilon keeps the normalisation of a zero gradient from dividing by zero; the book's value.
const epsilon = 1e-5

// Normalize divides each picture's gradient by its root mean square (plus 1e-5), so that a step is equally long
// whatever the layer. gradients is [batch, height, width, 3]; so is the result. It also returns the root mean
// squares, [batch]. The book calls this an L2 norm; it is the RMS.
func Normalize(gradients *Node) (normalized, rms *Node) {
	rms = Sqrt(ReduceMean(Square(gradients), 1, 2, 3))     // [batch]
	scale := Reshape(AddScalar(rms, epsilon), -1, 1, 1, 1) // [batch, 1, 1, 1]
	return Div(gradients, scale), rms
}

// form is a step of one method on pictures of one size, that are shown in another while they grow in octaves.
type form struct {
	method        Method
	source        Source
	waking        Waking
	height, width int
	shown         [2]int
}

// timed says whether the step is told its number; drawn, how many random numbers it takes.
func (f form) timed() bool { return f.method.optimizer().slots() > 0 || len(f.method.Transforms) > 0 }
func (f form) drawn() int  { return f.method.draws(f.height, f.width) }

// shapes are those of one picture's parameters.
func (f form) shapes() [][]int {
	return f.method.image().shapes(f.height, f.width, f.method.components())
}

// graph builds one step of gradient ascent on a batch of pictures.
//
// Inputs are the parameters, [batch, ...] each, what the optimizer keeps of each, the filters [batch], the lengths of
// the steps [batch], and, where the method needs them, the step's number and the share of the run that is over,
// [batch, 2], and random numbers [batch, n]. So turning a knob compiles nothing again. A length of zero leaves its
// picture as it is. Outputs are the parameters and what is kept after the step, and from before it the losses and the
// gradients' root mean squares, both [batch], and, when the parameters are not the picture itself, the pictures.
func (f form) graph(scope *model.Scope, inputs []*Node) []*Node {
	m := f.method
	next := func(n int) []*Node {
		taken := inputs[:n]
		inputs = inputs[n:]
		return taken
	}
	parameters := next(len(f.shapes()))
	optimizer := m.optimizer()
	kept := make([][]*Node, len(parameters))
	for i := range kept {
		kept[i] = next(optimizer.slots())
	}
	filters, lengths := next(1)[0], next(1)[0]
	var clock, draws, step, done *Node
	if f.timed() {
		clock = next(1)[0]
		step = Squeeze(Slice(clock, AxisRange(), AxisElem(0)), 1) // [batch]
		done = Squeeze(Slice(clock, AxisRange(), AxisElem(1)), 1) // [batch]
	}
	if f.drawn() > 0 {
		draws = next(1)[0]
	}

	pictures := m.decode(parameters, f.height, f.width) // [batch, height, width, 3]
	seen := m.transform(pictures, draws, done)          // [batch*views, h, w, 3]
	views := seen.Shape().Dim(0) / filters.Shape().Dim(0)
	if views > 1 {
		filters = Reshape(repeated(filters, views), -1) // [batch*views]
	}
	seen = f.source.feed(seen, m.Photographic)
	losses := f.source.Loss(How{Border: m.Border, Waking: f.waking})(scope, seen, filters) // [batch*views]
	if views > 1 {
		losses = ReduceMean(Reshape(losses, -1, views), 1) // [batch]
	}
	climbed := losses
	if penalties := m.penalties(pictures); penalties != nil {
		climbed = Sub(losses, penalties)
	}
	// Each loss depends on its own picture only, so the gradient of their sum holds each one's own gradient.
	gradients := Gradient(ReduceAllSum(climbed), parameters...)
	moves, keeps, rms := f.moves(gradients, kept, step)
	outputs := make([]*Node, len(parameters))
	for i, p := range parameters {
		outputs[i] = Add(p, Mul(moves[i], column(lengths, p)))
	}
	for _, k := range keeps {
		outputs = append(outputs, k...)
	}
	outputs = append(outputs, losses, rms)
	if f.decoded() {
		outputs = append(outputs, resize(pictures, f.shown[0], f.shown[1]))
	}
	return outputs
}

// decoded says whether the picture is another than the parameters.
func (f form) decoded() bool {
	return !f.method.plain() || f.shown != [2]int{f.height, f.width}
}

// moves turns gradients into moves, and gives the gradients' root mean squares.
func (f form) moves(gradients []*Node, kept [][]*Node, step *Node) (moves []*Node, keeps [][]*Node, rms *Node) {
	if f.method.optimizer() == (RMSNormalized{}) && len(gradients) == 1 && gradients[0].Rank() == 4 {
		normalized, rms := Normalize(gradients[0])
		return []*Node{normalized}, nil, rms
	}
	sum, count := squares(gradients)
	moves, keeps = f.method.optimizer().move(gradients, kept, step)
	return moves, keeps, Sqrt(MulScalar(sum, 1/float64(count)))
}

// decode turns parameters into pictures in gray levels, [batch, height, width, channels].
func (m Method) decode(parameters []*Node, height, width int) *Node {
	return m.color().apply(m.image().decode(parameters, height, width, m.components()), m.width())
}
