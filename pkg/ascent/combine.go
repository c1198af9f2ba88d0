// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"image"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Objective is what pictures shall please: a sum of terms, put together with [Objective.Plus], [Objective.Minus] and
// [Objective.Times] from [Channel], [Neuron], [Layer], [Weighted], [Direction], [Interpolation], [Diversity] and
// [Caricature], or read by [ParseObjective]. A model makes a [Target] of it, such as network.Model.Objective.
//
// The terms are those of Lucid (Olah, Mordvintsev and Schubert 2017).
type Objective struct{ terms []term }

// term is one part of an objective.
type term struct {
	weight   float64
	kind     string
	layer    string
	channels []int
	weights  []float64 // of channels
	place    []int     // row and column of a neuron; nil for the middle
	other    string    // a second layer
	vector   []float32 // a direction
	power    float64   // of the cosine, for directions and caricatures
	photo    *image.NRGBA
	name     string // of the file that vector or photo came from
}

func one(t term) Objective {
	t.weight = 1
	return Objective{[]term{t}}
}

// Channel is the mean of a layer's output at one filter: the book's.
func Channel(layer string, channel int) Objective {
	return one(term{kind: "channel", layer: layer, channels: []int{channel}})
}

// Neuron is one filter's output at one place: the row and column in the layer, or the middle.
func Neuron(layer string, channel int, place ...int) Objective {
	return one(term{kind: "neuron", layer: layer, channels: []int{channel}, place: slices.Clone(place)})
}

// Layer is the mean of the squares of a whole layer's output: what DeepDream climbs (Mordvintsev, Olah and Tyka 2015).
func Layer(layer string) Objective { return one(term{kind: "layer", layer: layer}) }

// Weighted is the sum of several filters' means, each with its weight.
func Weighted(layer string, channels []int, weights []float64) Objective {
	return one(term{kind: "channels", layer: layer, channels: slices.Clone(channels), weights: slices.Clone(weights)})
}

// Direction is the mean over all places of the product of a layer's output with a vector, one number for each channel,
// times its cosine, at least 0.1, to a power; 0 leaves the cosine out.
func Direction(layer string, vector []float32, power float64) Objective {
	return one(term{kind: "direction", layer: layer, power: power}.along(vector))
}

// Interpolation goes from one filter, in the first picture, to another, in the last.
func Interpolation(layer string, channel int, other string, otherChannel int) Objective {
	return one(term{kind: "interpolate", layer: layer, channels: []int{channel, otherChannel}, other: other})
}

// Diversity makes the pictures of a run differ: minus the mean likeness of their correlations between channels. All
// pictures climb in one batch. Lucid weights it 100 beside a channel.
func Diversity(layer string) Objective { return one(term{kind: "diversity", layer: layer}) }

// Caricature exaggerates what a layer sees in a photo: the product of the outputs for picture and photo, times the
// cosine between them, at least 0.1, to a power.
func Caricature(layer string, photo image.Image, power float64) Objective {
	return one(term{kind: "caricature", layer: layer, power: power}.of(photo))
}

// Plus is the sum of two objectives.
func (o Objective) Plus(other Objective) Objective {
	return Objective{slices.Concat(o.terms, other.terms)}
}

// Minus is the difference of two objectives.
func (o Objective) Minus(other Objective) Objective { return o.Plus(other.Times(-1)) }

// Times is the objective with another weight.
func (o Objective) Times(weight float64) Objective {
	terms := slices.Clone(o.terms)
	for i := range terms {
		terms[i].weight *= weight
	}
	return Objective{terms}
}

// Layers names the layers that the objective looks at, each once.
func (o Objective) Layers() []string {
	var layers []string
	for _, t := range o.terms {
		for _, layer := range []string{t.layer, t.other} {
			if layer != "" && !slices.Contains(layers, layer) {
				layers = append(layers, layer)
			}
		}
	}
	return layers
}

// Together says whether all pictures must climb in one batch.
func (o Objective) Together() bool {
	return slices.ContainsFunc(o.terms, func(t term) bool { return t.kind == "diversity" })
}

// Layers is how a model computes an objective's layers.
type Layers struct {
	// Outputs takes pictures [batch, height, width, channels] to the layers' outputs before their last activation,
	// [batch, h, w, filters] each. Redirect asks for [RedirectedReLU] between layers.
	Outputs func(scope *model.Scope, pictures *Node, redirect bool, layers []string) []*Node
	// Activate returns a layer's last activation, and whether it can make a filter silent. Nil stands for a ReLU.
	Activate func(layer string) (activate func(x *Node) *Node, silent bool)
	// Photo returns a layer's output for a photo, scaled to height x width pixels: float32 [1, h, w, channels].
	Photo func(photo image.Image, height, width int, layer string) *tensors.Tensor
}

// Loss builds the objective over a model's layers for that many pictures; the index of a picture counts them.
func (o Objective) Loss(layers Layers, pictures int) func(How) LossFunc {
	return func(how How) LossFunc {
		return func(scope *model.Scope, x, index *Node) *Node {
			names := o.Layers()
			outputs := make(map[string]output)
			for i, before := range layers.Outputs(scope, x, how.Waking == Redirected, names) {
				activate, silent := relu, true
				if layers.Activate != nil {
					activate, silent = layers.Activate(names[i])
				}
				outputs[names[i]] = output{Inside(before, how.Border), activate, silent}
			}
			var sum *Node
			for _, t := range o.terms {
				var value *Node // [batch]
				if t.kind == "caricature" {
					// A copy: the tensor's own memory may be the device's, which is given back before the program is
					// written.
					m := layers.Photo(t.photo, x.Shape().Dim(1), x.Shape().Dim(2), t.layer)
					flat := Const(x.Graph(), tensors.MustCopyFlatData[float32](m))
					photo := Reshape(flat, m.Shape().Dimensions...) // [1, h, w, channels]
					value = t.likeness(outputs[t.layer].activations(), Inside(photo, how.Border))
				} else {
					value = t.value(outputs, index, how.Waking, pictures)
				}
				value = MulScalar(value, t.weight)
				if sum != nil {
					value = Add(sum, value)
				}
				sum = value
			}
			return sum
		}
	}
}

// output is a layer's, before its last activation.
type output struct {
	before   *Node // [batch, h, w, channels]
	activate func(x *Node) *Node
	silent   bool
}

// relu is the activation of a layer that has no other.
func relu(x *Node) *Node { return MaxScalar(x, 0) }

// activations are the layer's, [batch, h, w, channels].
func (o output) activations() *Node { return o.activate(o.before) }

// awake is the mean of one channel's activations, see [Awake].
func (o output) awake(channel int, waking Waking) *Node {
	if !o.silent {
		waking = Unaided
	}
	return Awake(Slice(o.before, AxisRange(), AxisRange(), AxisRange(), AxisElem(channel)), o.activate, waking)
}

// value is the term's for each picture, [batch].
func (t term) value(outputs map[string]output, index *Node, waking Waking, pictures int) *Node {
	seen := outputs[t.layer]
	x := seen.before // [batch, h, w, channels]
	if t.weight < 0 {
		waking = Unaided // what is unwanted may stay silent
	}
	switch t.kind {
	case "channel":
		return seen.awake(t.channels[0], waking)
	case "neuron":
		row, column := x.Shape().Dim(1)/2, x.Shape().Dim(2)/2
		if len(t.place) == 2 {
			row, column = t.place[0], t.place[1]
			if err := t.checkPlace(x.Shape().Dim(1), x.Shape().Dim(2)); err != nil {
				panic(err)
			}
		}
		seen.before = Slice(x, AxisRange(), AxisElem(row), AxisElem(column)) // [batch, 1, 1, channels]
		return seen.awake(t.channels[0], waking)
	case "layer":
		return ReduceMean(Square(seen.activations()), 1, 2, 3)
	case "channels":
		sum := MulScalar(seen.awake(t.channels[0], waking), t.weights[0])
		for i, c := range t.channels[1:] {
			sum = Add(sum, MulScalar(seen.awake(c, waking), t.weights[i+1]))
		}
		return sum
	case "interpolate":
		share := MulScalar(ConvertDType(index, x.DType()), 1/float64(max(pictures-1, 1))) // [batch]
		first, second := seen.awake(t.channels[0], waking), outputs[t.other].awake(t.channels[1], waking)
		return Add(Mul(first, OneMinus(share)), Mul(second, share))
	case "direction":
		x = seen.activations()
		dims := x.Shape().Dimensions
		along := BroadcastToDims(Reshape(Const(x.Graph(), t.vector), 1, 1, 1, -1), dims...)
		dot := ReduceSum(Mul(x, along), -1) // [batch, h, w]
		if t.power != 0 {
			cosine := Div(dot, Mul(AddScalar(length(x), 1e-4), AddScalar(length(along), 1e-4)))
			dot = Mul(dot, PowScalar(MaxScalar(cosine, 0.1), t.power))
		}
		return ReduceMean(dot, 1, 2)
	}
	return MulScalar(likenesses(seen.activations()), -1) // diversity
}

// length is that of the vectors along the last axis.
func length(x *Node) *Node { return Sqrt(AddScalar(ReduceSum(Square(x), -1), 1e-12)) }

// likeness is a caricature's value: x [batch, h, w, channels] beside the photo's [1, h, w, channels].
func (t term) likeness(x, photo *Node) *Node {
	photo = BroadcastToDims(photo, x.Shape().Dimensions...)
	dot := ReduceSum(Mul(x, photo), 1, 2, 3) // [batch]
	norm := func(x *Node) *Node { return Sqrt(AddScalar(ReduceSum(Square(x), 1, 2, 3), 1e-12)) }
	cosine := Div(dot, AddScalar(Mul(norm(x), norm(photo)), 1e-6))
	return MulScalar(Mul(dot, PowScalar(MaxScalar(cosine, 0.1), t.power)), 1/float64(volume(x.Shape().Dimensions[1:])))
}

// likenesses is, for each picture, the sum over the others of the product of their Gram matrices, each of length 1,
// divided by how many pictures there are.
func likenesses(x *Node) *Node {
	batch, channels := x.Shape().Dim(0), x.Shape().Dim(3)
	x = Reshape(x, batch, -1, channels)            // [batch, places, channels]
	gram := Einsum("bpc,bpd->bcd", x, x)           // [batch, channels, channels]
	gram = Reshape(gram, batch, channels*channels) // [batch, channels²]
	gram = Div(gram, ExpandAxes(Sqrt(MaxScalar(ReduceSum(Square(gram), -1), 1e-10)), -1))
	products := Einsum("ic,jc->ij", gram, gram) // [batch, batch]
	own := ReduceSum(Square(gram), -1)          // [batch]
	return MulScalar(Sub(ReduceSum(products, 1), own), 1/float64(batch))
}
