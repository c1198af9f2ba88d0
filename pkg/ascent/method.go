// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"convscope/pkg/picture"
)

// Method says how a picture is made: what it is made of, what it is seen through, and how it moves. Each part is one
// small value, and the zero Method is the book's. [Methods] lists the named ones, [ParseMethod] reads them and their
// parts from text.
type Method struct {
	// Image is what a picture is made of; nil means [Pixels] from the book's noise.
	Image Parameterization
	// Color turns the image's values into gray levels; the zero value leaves them as they are.
	Color Color
	// Photographic feeds pictures to the model as it expects photographs: in its order of colours, minus its mean. The
	// book feeds the gray levels as they are, so that its reds are the model's blues.
	Photographic bool
	// Transforms change what the model sees of the picture in each step, in order; the gradient goes through them.
	Transforms []Transform
	// Border is how many positions of the layer's output are left out at each side, as the book's later editions do
	// with 2: next to the border a filter sees the zeros around the picture.
	Border int
	// Regularizers take what they dislike off the loss.
	Regularizers []Regularizer
	// Optimizer turns gradients into steps; nil means [RMSNormalized], the book's.
	Optimizer Optimizer
	// Octaves is in how many sizes a picture grows, each 1.4 times the one before, the last the whole; 0
	// means 1. It needs [Pixels].
	Octaves int
	// Wake climbs the filter's pre-activation, the value before its ReLU, as long as the filter is silent.
	Wake bool
	// Stretch is how a picture is shown: its mean at middle gray, its standard deviation this part of the whole range;
	// 0 means 0.1, the book's. Colours other than the zero value are shown as they are.
	Stretch float64
	// Trim is how many pixels are cut off at each side when the picture is shown.
	Trim int
	// Show are the channels that are shown, counted from 0: one as gray, three as red, green and blue, any other number
	// side by side; nil means all.
	Show []int
	// Size, Steps and Step are what the zero [Options] stand for with this method; 0 means the book's.
	Size, Steps int
	Step        float64

	channels int // of the target's pictures; 0 stands for 3
}

// width is how many channels the pictures have.
func (m Method) width() int { return cmp.Or(m.channels, colours) }

// color is what turns values into gray levels: there are correlations of three colours only.
func (m Method) color() Color {
	if m.Color == Decorrelated && m.width() != colours {
		return Squashed
	}
	return m.Color
}

// components is how many values a pixel of the image has.
func (m Method) components() int {
	if m.Color == Gray {
		return 1
	}
	return m.width()
}

// octaveRatio is how much larger each octave is than the one before.
const octaveRatio = 1.4

// plain says whether the picture itself climbs, as it is, with nothing to decode.
func (m Method) plain() bool { return isPixels(m.Image) && m.Color == AsIs }

func isPixels(p Parameterization) bool {
	if p == nil {
		return true
	}
	_, ok := p.(Pixels)
	return ok
}

// image and optimizer resolve the zero values.
func (m Method) image() Parameterization {
	if m.Image == nil {
		return Pixels{}
	}
	return m.Image
}

func (m Method) optimizer() Optimizer {
	if m.Optimizer == nil {
		return RMSNormalized{}
	}
	return m.Optimizer
}

// Images shows pictures that the method made, float32 [n, height, width, channels]: one image each, see
// [picture.Clip].
func (m Method) Images(pictures *tensors.Tensor) ([]image.Image, error) {
	var images []image.Image
	var err error
	switch {
	case m.Color != AsIs:
		images, err = picture.Clip(pictures, m.Show...)
	case m.Stretch != 0:
		images, err = picture.Stretch(pictures, m.Stretch, m.Show...)
	default:
		images, err = picture.Deprocess(pictures, m.Show...)
	}
	for i := range images {
		images[i] = picture.Trim(images[i], m.Trim)
	}
	return images, err
}

// String gives the method as [ParseMethod] reads it: the name of one of [Methods], or the parts that differ from the
// book's.
func (m Method) String() string {
	parts := m.parts()
	made := m
	made.Show = nil // which changes nothing of how it is made
	for _, named := range Methods() {
		if slices.Equal(named.Method.parts(), made.parts()) {
			return strings.Join(append([]string{named.Name}, m.shown()...), ",")
		}
	}
	return strings.Join(append([]string{"book"}, parts...), ",")
}

// parts lists what differs from the book's method, as key=value.
func (m Method) parts() []string {
	var parts []string
	add := func(key, value string) { parts = append(parts, key+"="+value) }
	number := func(key string, n int) {
		if n != 0 {
			add(key, strconv.Itoa(n))
		}
	}
	if m.Image != nil && m.Image != (Pixels{}) {
		add("image", m.Image.String())
	}
	if m.Color != AsIs {
		add("color", m.Color.String())
	}
	if m.Photographic {
		add("input", "photo")
	}
	if len(m.Transforms) > 0 {
		add("transforms", join(m.Transforms))
	}
	number("border", m.Border)
	if len(m.Regularizers) > 0 {
		add("regularizers", join(m.Regularizers))
	}
	if m.Optimizer != nil && m.Optimizer != (RMSNormalized{}) {
		add("optimizer", m.Optimizer.String())
	}
	if m.Octaves > 1 {
		number("octaves", m.Octaves)
	}
	if m.Wake {
		add("wake", "yes")
	}
	if m.Stretch != 0 {
		add("stretch", decimal(m.Stretch))
	}
	number("trim", m.Trim)
	parts = append(parts, m.shown()...)
	number("size", m.Size)
	number("steps", m.Steps)
	if m.Step != 0 {
		add("step", decimal(m.Step))
	}
	return parts
}

// shown is the part that says which channels are shown, if there is one.
func (m Method) shown() []string {
	if len(m.Show) == 0 {
		return nil
	}
	channels := make([]string, len(m.Show))
	for i, c := range m.Show {
		channels[i] = strconv.Itoa(c)
	}
	return []string{"show=" + strings.Join(channels, ":")}
}

// join writes values with a plus between them.
func join[T fmt.Stringer](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
	}
	return strings.Join(texts, "+")
}

// decimal is a number in the fewest digits that read back as the same, without a plus, which stands between parts of a
// method.
func decimal(v float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(v, 'g', -1, 64), "+", "")
}

// What a step may take for one picture: far more than is of use, and far from overflow.
const (
	maxViews = 1 << 12
	maxDraws = 1 << 28
)

// transformBytes estimates what the transforms of one picture of height x width pixels take in a step: each one's
// pictures and their gradients, the weights that resample them, and the random numbers. [Method.check] keeps it from
// overflow.
func (m Method) transformBytes(height, width int) (bytes int64) {
	copies := int64(1)
	for _, t := range m.Transforms {
		copies *= int64(t.views())
		h, w := t.size(height, width)
		before, after := int64(height)*int64(width), int64(h)*int64(w)
		weights := int64(height)*int64(h) + int64(width)*int64(w)
		bytes += 4 * copies * (2*int64(m.width())*(before+after) + weights + int64(t.draws(height, width)))
		height, width = h, w
	}
	return bytes
}

// check returns an error when the method can't be written down, so that a number in it is none or out of range, or
// when its transforms make too much of a picture of height x width pixels.
func (m Method) check(height, width int) error {
	if _, err := ParseMethod(m.String()); err != nil {
		return err
	}
	copies, draws := 1, 0
	for _, t := range m.Transforms {
		if copies *= t.views(); copies > maxViews {
			return fmt.Errorf("transforms %s: they show more than %d views of a picture at once: leave some crops out",
				join(m.Transforms), maxViews)
		}
		if draws += t.draws(height, width) * copies; draws > maxDraws {
			return fmt.Errorf("transforms %s: they take more than %d random numbers for a picture: "+
				"leave noise or crops out",
				join(m.Transforms), maxDraws)
		}
		if height, width = t.size(height, width); height > maxSide || width > maxSide {
			return fmt.Errorf("transforms %s: they enlarge the picture to %dx%d pixels: at most %d pixels a side",
				join(m.Transforms), height, width, maxSide)
		}
	}
	return nil
}

// seenSize returns the size of what the model sees of a picture.
func (m Method) seenSize(height, width int) (int, int) {
	for _, t := range m.Transforms {
		height, width = t.size(height, width)
	}
	return height, width
}

// copies is how many views of each picture the model sees in a step.
func (m Method) copies() int {
	copies := 1
	for _, t := range m.Transforms {
		copies *= t.views()
	}
	return copies
}

// draws is how many random numbers a step takes for one picture.
func (m Method) draws(height, width int) int {
	count, copies := 0, 1
	for _, t := range m.Transforms {
		copies *= t.views()
		count += t.draws(height, width) * copies
		height, width = t.size(height, width)
	}
	return count
}
