// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package ascent

import (
	"fmt"
	"math"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
)

// Regularizer takes what it dislikes about a picture off the loss. It looks at the picture in units of its range, 0 to
// 1 for gray levels 0 to 255, and is told a weight.
type Regularizer struct {
	name    string
	numbers []float64
	// penalty takes pictures [batch, height, width, 3] to [batch].
	penalty func(numbers []float64, x *Node) *Node
}

var regularizers = map[string]struct {
	least, most int
	penalty     func(numbers []float64, x *Node) *Node
}{
	"tv":   {1, 1, totalVariation},
	"norm": {2, 3, norm},
	"blur": {1, 2, blurriness},
}

// TotalVariation dislikes differences between neighbours: their absolute sum divided by the number of values (Rudin,
// Osher and Fatemi 1992; tf-keras-vis' form).
func TotalVariation(weight float64) Regularizer {
	return Regularizer{"tv", []float64{weight}, totalVariation}
}

// Norm dislikes distance from a level, 0 to 1: the mean of |x - level| to the power p, to the power 1/p (tf-keras-vis'
// form).
func Norm(weight, p, level float64) Regularizer {
	return Regularizer{"norm", []float64{weight, p, level}, norm}
}

// Sharpness dislikes what a Gaussian blur of that deviation, in pixels, takes away: the mean squared difference (after
// Lucid's blur_input_each_step).
func Sharpness(weight, deviation float64) Regularizer {
	return Regularizer{"blur", []float64{weight, deviation}, blurriness}
}

// String gives the regularizer as [ParseMethod] reads it, such as "tv:0.25".
func (r Regularizer) String() string {
	parts := []string{r.name}
	for _, n := range r.numbers {
		parts = append(parts, decimal(n))
	}
	return strings.Join(parts, ":")
}

// penalties is the sum over all regularizers of pictures in gray levels, [batch]; nil when there are none.
func (m Method) penalties(pictures *Node) *Node {
	var sum *Node
	for _, r := range m.Regularizers {
		p := MulScalar(r.penalty(r.numbers, MulScalar(pictures, 1./255)), r.numbers[0]) // [batch]
		if sum != nil {
			p = Add(sum, p)
		}
		sum = p
	}
	return sum
}

func totalVariation(_ []float64, x *Node) *Node {
	down := Sub(Slice(x, AxisRange(), AxisRange(1)), Slice(x, AxisRange(), AxisRange(0, -1)))
	right := Sub(Slice(x, AxisRange(), AxisRange(), AxisRange(1)),
		Slice(x, AxisRange(), AxisRange(), AxisRange(0, -1)))
	sum := Add(ReduceSum(Abs(down), 1, 2, 3), ReduceSum(Abs(right), 1, 2, 3)) // [batch]
	return MulScalar(sum, 1/float64(volume(x.Shape().Dimensions[1:])))
}

func norm(numbers []float64, x *Node) *Node {
	level := 0.0
	if len(numbers) > 2 {
		level = numbers[2]
	}
	distance := AddScalar(Abs(AddScalar(x, -level)), 1e-12)      // a power's gradient at zero is no number
	mean := ReduceMean(PowScalar(distance, numbers[1]), 1, 2, 3) // [batch]
	return PowScalar(mean, 1/numbers[1])
}

func blurriness(numbers []float64, x *Node) *Node {
	deviation := 1.0
	if len(numbers) > 1 {
		deviation = numbers[1]
	}
	each := BroadcastToDims(Scalar(x.Graph(), x.DType(), deviation), x.Shape().Dim(0), 1)
	return ReduceMean(Square(Sub(x, StopGradient(gaussian(x, each)))), 1, 2, 3) // [batch]
}

// parseRegularizer reads "tv:0.25", "norm:1:6", "blur:1:2".
func parseRegularizer(text string) (Regularizer, error) {
	name, numbers, err := parseNumbers(text)
	if err != nil {
		return Regularizer{}, err
	}
	kind, known := regularizers[name]
	switch {
	case !known:
		return Regularizer{}, unknown("regularizer", name, sortedKeys(regularizers))
	case len(numbers) < kind.least || len(numbers) > kind.most:
		return Regularizer{}, fmt.Errorf("regularizer %q: %s takes %s, the first its weight",
			text, name, numbersWanted(kind.least, kind.most))
	case len(numbers) > 1 && !(numbers[1] > 0 && numbers[1] < math.Inf(1)):
		return Regularizer{}, fmt.Errorf("regularizer %q: %g: give a number above 0", text, numbers[1])
	}
	return Regularizer{name, numbers, kind.penalty}, nil
}
