// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"math"
	"strings"

	"github.com/dustin/go-humanize/english"
	. "github.com/gomlx/gomlx/core/graph"
)

// Transform changes what the model sees of a picture in each step, at random, so that only what survives it pays
// (Olah, Mordvintsev and Schubert 2017). It is part of the graph, and the gradient goes through it.
//
// Lengths are pixels, or, when below 1, shares of the picture's shorter side.
type Transform struct {
	name    string
	numbers []float64
	kind    *transformKind
}

// transformKind is what transforms of one name have in common.
type transformKind struct {
	least, most int // how many numbers it takes
	// draws is how many random numbers a picture takes; size the size afterwards; views how many pictures come out for
	// each.
	draws func(numbers []float64, height, width int) int
	size  func(numbers []float64, height, width int) (int, int)
	views func(numbers []float64) int
	// apply takes x [batch, height, width, 3], draws [batch, n] in [0, 1) and how far the run is, [batch] from 0 to 1.
	apply func(numbers []float64, x, draws, done *Node) *Node
	check func(numbers []float64) error
}

// jittered is the size of the window that jitter leaves.
func jittered(numbers []float64, height, width int) (int, int) {
	n := pixels(numbers[0], height, width)
	return max(height-n, 1), max(width-n, 1)
}

// transformKinds holds what a transform of each name does.
var transformKinds = map[string]*transformKind{
	"pad": {1, 2, nil, func(n []float64, h, w int) (int, int) {
		p := pixels(n[0], h, w)
		return h + 2*p, w + 2*p
	}, nil, pad, nonNegative},
	"jitter": {1, 1, count(2), jittered, nil, jitter, nonNegative},
	"scale":  {2, 2, count(1), nil, nil, zoom, positive},
	"rotate": {2, 2, count(1), nil, nil, rotate, nil},
	"flip":   {0, 0, count(1), nil, nil, flip, nil},
	"blur":   {2, 2, count(1), nil, nil, randomBlur, positive},
	"crops": {4, 4, count(3), func(n []float64, _, _ int) (int, int) { return int(n[1]), int(n[1]) },
		func(n []float64) int { return int(n[0]) }, crop, positive},
	"noise": {1, 1, func(_ []float64, h, w int) int { return h * w * 3 }, nil, nil, addNoise, nonNegative},
}

func count(n int) func([]float64, int, int) int { return func([]float64, int, int) int { return n } }

func nonNegative(numbers []float64) error {
	for _, n := range numbers {
		if n < 0 || n > 1<<12 {
			return fmt.Errorf("%g: give numbers from 0 to %d", n, 1<<12)
		}
	}
	return nil
}

func positive(numbers []float64) error {
	for _, n := range numbers {
		if n <= 0 {
			return fmt.Errorf("%g: give numbers above 0", n)
		}
	}
	return nil
}

func newTransform(name string, numbers ...float64) Transform {
	return Transform{name, numbers, transformKinds[name]}
}

// Padding puts a border of that gray level, 0 to 255, around the picture.
func Padding(length, level float64) Transform { return newTransform("pad", length, level) }

// Jitter cuts a random window out of the picture, that much less high and wide.
func Jitter(length float64) Transform { return newTransform("jitter", length) }

// Scale zooms around the middle by a random factor between two. The size stays; what lies beyond the border repeats
// it.
func Scale(least, most float64) Transform { return newTransform("scale", least, most) }

// Rotate turns the picture around its middle by a random angle between two, in degrees. What lies beyond the border
// repeats it.
func Rotate(least, most float64) Transform { return newTransform("rotate", least, most) }

// Flip mirrors every other picture, left to right.
func Flip() Transform { return newTransform("flip") }

// Blur blurs by a Gaussian with a random standard deviation between two, in pixels.
func Blur(least, most float64) Transform { return newTransform("blur", least, most) }

// Crops shows the model several random squares of the picture at once, each scaled to size pixels. Their centres are
// normally distributed around the middle; their side is a share of the picture's shorter one, which goes from the
// first to the last over the run (Fel et al. 2023; Xplique, Horama).
func Crops(views, size int, first, last float64) Transform {
	return newTransform("crops", float64(views), float64(size), first, last)
}

// Grain adds normally distributed noise; the deviation is a share of the range of 255 gray levels.
func Grain(deviation float64) Transform { return newTransform("noise", deviation) }

// Lucid is the standard set of transforms of that library.
func Lucid() []Transform {
	return []Transform{Padding(12, 127.5), Jitter(8), Scale(0.9, 1.1), Rotate(-10, 10), Jitter(4)}
}

// Xplique is the standard set of transforms of that library.
func Xplique() []Transform {
	const unit = 1. / 16
	return []Transform{
		Padding(4*unit, 0), Jitter(2 * unit), Jitter(2 * unit), Jitter(2 * unit), Scale(0.92, 0.96), Blur(1, 1.1),
		Jitter(unit), Jitter(unit), Flip(),
	}
}

// String gives the transform as [ParseMethod] reads it, such as "jitter:8".
func (t Transform) String() string {
	var b strings.Builder
	b.WriteString(t.name)
	for _, n := range t.numbers {
		b.WriteString(":" + decimal(n))
	}
	return b.String()
}

func (t Transform) draws(height, width int) int {
	if t.kind.draws == nil {
		return 0
	}
	return t.kind.draws(t.numbers, height, width)
}

func (t Transform) size(height, width int) (int, int) {
	if t.kind.size == nil {
		return height, width
	}
	return t.kind.size(t.numbers, height, width)
}

func (t Transform) views() int {
	if t.kind.views == nil {
		return 1
	}
	return t.kind.views(t.numbers)
}

// pixels is a length in pixels.
func pixels(length float64, height, width int) int {
	if length < 1 {
		return int(math.Round(length * float64(min(height, width))))
	}
	return int(length)
}

// transform applies all transforms in turn: x [batch, height, width, 3], draws [batch, n] and done [batch] give
// [batch*views, h, w, 3].
func (m Method) transform(x, draws, done *Node) *Node {
	used := 0
	for _, t := range m.Transforms {
		height, width := x.Shape().Dim(1), x.Shape().Dim(2)
		batch, views := x.Shape().Dim(0), t.views()
		own := draws
		if n := t.draws(height, width) * views; n > 0 {
			own = Slice(draws, AxisRange(), AxisRange(used, used+n)) // [batch, views*n]
			used += n
		}
		if views > 1 { // every picture is followed by its copies
			x = Reshape(repeated(x, views), batch*views, height, width, x.Shape().Dim(3))
			done = Reshape(repeated(done, views), batch*views)
			own = Reshape(own, batch*views, -1)
			if used < draws.Shape().Dim(1) {
				rest := Slice(draws, AxisRange(), AxisRange(used)) // each copy has its own part of what follows
				draws, used = Reshape(rest, batch*views, -1), 0
			}
		}
		x = t.kind.apply(t.numbers, x, own, done)
	}
	return x
}

// repeated puts a new axis of that length after the first.
func repeated(x *Node, times int) *Node {
	dims := append([]int{x.Shape().Dim(0), times}, x.Shape().Dimensions[1:]...)
	return BroadcastToDims(ExpandAxes(x, 1), dims...)
}

// parseTransform reads "jitter:8", or the sets "lucid" and "xplique".
func parseTransform(text string) ([]Transform, error) {
	switch text {
	case "lucid":
		return Lucid(), nil
	case "xplique":
		return Xplique(), nil
	}
	name, numbers, err := parseNumbers(text)
	if err != nil {
		return nil, err
	}
	kind, known := transformKinds[name]
	if !known {
		return nil, unknown("transform", name, append(sortedKeys(transformKinds), "lucid", "xplique"))
	}
	if len(numbers) < kind.least || len(numbers) > kind.most {
		return nil, fmt.Errorf("transform %q: %s takes %s", text, name, numbersWanted(kind.least, kind.most))
	}
	if name == "pad" && len(numbers) == 1 {
		numbers = append(numbers, 127.5)
	}
	if kind.check != nil {
		if err := kind.check(numbers); err != nil {
			return nil, fmt.Errorf("transform %q: %w", text, err)
		}
	}
	if name == "crops" && (numbers[0] != math.Trunc(numbers[0]) || numbers[1] != math.Trunc(numbers[1]) ||
		numbers[0] > 64 || numbers[1] > 1024) {
		return nil, fmt.Errorf("transform %q: give whole numbers of views, up to 64, and pixels, up to 1024, "+
			"then two shares", text)
	}
	return []Transform{newTransform(name, numbers...)}, nil
}

// numbersWanted says how many numbers.
func numbersWanted(least, most int) string {
	switch {
	case most == 0:
		return "no numbers"
	case least == most:
		return english.Plural(least, "number", "")
	}
	return fmt.Sprintf("%d to %d numbers", least, most)
}
