// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// EnvInput names the environment variable that says what pictures the weights of a user's file take:
// CONVSCOPE_WEIGHTS_INPUT.
const EnvInput = "CONVSCOPE_WEIGHTS_INPUT"

// convention is a way of giving a network its pictures: the value of a colour is scale times its gray level, from 0 to
// 255, plus shift.
type convention struct {
	name  string
	about string
	// order is where red, green and blue stand among the channels.
	order        [3]int
	scale, shift [3]float64 // of red, green and blue
}

// conventions are the ways in use. The first three numbers of caffe are the means of ImageNet as Keras has them, those
// of torch as torchvision has them.
var conventions = func() []convention {
	rgb, bgr := [3]int{0, 1, 2}, [3]int{2, 1, 0}
	all := func(v float64) [3]float64 { return [3]float64{v, v, v} }
	means := [3]float64{-123.68, -116.779, -103.939}
	torch := convention{name: "torch", about: "red, green, blue from 0 to 1, minus means, over deviations", order: rgb}
	for i, norm := range [3][2]float64{{0.485, 0.229}, {0.456, 0.224}, {0.406, 0.225}} {
		torch.scale[i], torch.shift[i] = 1/(255*norm[1]), -norm[0]/norm[1]
	}
	return []convention{
		{"caffe", "blue, green, red from 0 to 255, minus means", bgr, all(1), means},
		{"caffe-rgb", "red, green, blue from 0 to 255, minus means", rgb, all(1), means},
		torch,
		{"tf", "red, green, blue from -1 to 1", rgb, all(1 / 127.5), all(-1)},
		{"unit", "red, green, blue from 0 to 1", rgb, all(1. / 255), all(0)},
	}
}()

// Inputs lists the names for Options.Input, for messages.
func Inputs() string {
	var names []string
	for _, c := range conventions {
		names = append(names, c.name)
	}
	return strings.Join(names, ", ")
}

// CheckInput returns an error for a name that Options.Input doesn't know; "" is the file's own, as far as it can be
// told.
func CheckInput(name string) error {
	if _, ok := conventionOf(name); name != "" && !ok {
		return fmt.Errorf("input of the weights %q: choose from %s", name, Inputs())
	}
	return nil
}

func conventionOf(name string) (convention, bool) {
	i := slices.IndexFunc(conventions, func(c convention) bool { return c.name == name })
	if i < 0 {
		return convention{}, false
	}
	return conventions[i], true
}

// recognize finds the way for which the kernel is the official one: scaled for each colour, and in the colours' order,
// at most changed a little. centre has values of the official kernel's middle, by channel and filter, in the order and
// scale of model.
func recognize(kernel []float32, filters int, centre [][]float64, model convention) (convention, bool) {
	const close = 0.1 // the length of the difference over that of the whole
	if len(centre) == 0 || len(centre[0]) > filters {
		return convention{}, false
	}
	for _, c := range conventions {
		fits := true
		for color := range 3 {
			official := centre[model.order[color]]
			ratio := model.scale[color] / c.scale[color]
			middle := kernel[(4*3+c.order[color])*filters:] // the fifth of nine places
			var off, whole float64
			for i, v := range official {
				v *= ratio
				off, whole = off+math.Pow(float64(middle[i])-v, 2), whole+v*v
			}
			fits = fits && off < close*close*whole
		}
		if fits {
			return c, true
		}
	}
	return convention{}, false
}

// fold turns the first kernel, [height, width, 3, filters], and its bias from pictures in one way to pictures in the
// other: with y = s x + t for each colour, the kernel takes s in and the bias t. The network then computes the same,
// but at the edge, where it pads the new input with zeros instead of its own: for torch they differ by half a gray
// level, for unit by half the range.
func fold(kernel, bias []float32, from, to convention) (folded, shifted []float32) {
	filters := len(bias)
	folded = make([]float32, len(kernel))
	sums := make([]float64, filters)
	for place := range len(kernel) / 3 / filters {
		for color := range 3 {
			s := from.scale[color] / to.scale[color]
			t := from.shift[color] - s*to.shift[color]
			read := kernel[(place*3+from.order[color])*filters:][:filters]
			write := folded[(place*3+to.order[color])*filters:][:filters]
			for o, v := range read {
				write[o] = float32(s * float64(v))
				sums[o] += t * float64(v)
			}
		}
	}
	shifted = make([]float32, filters)
	for o := range shifted {
		shifted[o] = float32(float64(bias[o]) + sums[o])
	}
	return folded, shifted
}

// takeInput brings the first kernel and its bias to the pictures that the model takes, from those that asked names or,
// if that is empty, that the kernel itself tells. It returns a note on what was done, and a warning if nothing tells.
func (m Manifest) takeInput(l *loaded, asked string) (note, warning string) {
	model, ok := conventionOf(m.Input)
	if !ok || len(m.Tensors) < 2 || !m.takesColors() {
		return "", ""
	}
	kernel, bias := l.values[0], l.values[1]
	from, known := conventionOf(asked)
	if !known {
		from, known = recognize(kernel, len(bias), m.Centre, model)
	}
	l.input = from.name
	switch {
	case !known && l.torch:
		return "", fmt.Sprintf("its kernels are laid out as PyTorch has them, whose networks mostly take "+
			"%s, and nothing tells the pictures that they learned from: they are given %s (%s); say what is right "+
			"with --weights-input or %s: %s",
			conventions[2].about, model.about, model.name, EnvInput, Inputs())
	case !known:
		return "", fmt.Sprintf("nothing tells the pictures that these weights learned from: they are given %s (%s), "+
			"as the ImageNet weights; if that is wrong, say what is right with --weights-input or %s: %s",
			model.about, model.name, EnvInput, Inputs())
	case from.name == model.name:
		return "", ""
	}
	l.values[0], l.values[1] = fold(kernel, bias, from, model)
	return fmt.Sprintf("taken to %s from %s (%s)", model.name, from.name, from.about), ""
}

// takesColors says whether the first tensors are a kernel of 3x3 places over three colours and its bias.
func (m Manifest) takesColors() bool {
	shape := m.Tensors[0].Shape
	return len(shape) == 4 && slices.Equal(shape[:3], []int{3, 3, 3}) && slices.Equal(m.Tensors[1].Shape, shape[3:])
}
