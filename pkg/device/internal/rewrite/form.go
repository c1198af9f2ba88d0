// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

// The names that programs call: for a 3x3 convolution, and for a depthwise one. Their numbers count up when the
// meaning of a call changes, so that kept programs of another meaning find nobody.
const (
	Target          = "convscope.convolve.1"
	DepthwiseTarget = "convscope.depthwise.1"
)

// The bits of a call's attribute form. Its operands are x, the kernel, and the bias and the mask where their bits are
// set, in this order. A depthwise call has neither mask nor rectify, and one more attribute, window: the strides, the
// padding before, the dilation of x and that of the kernel, each for rows and columns.
const (
	backward = 1 << iota // the kernel is turned by half a turn, and where not depthwise [3, 3, out, in]
	bias                 // [out] or [1, 1, 1, out] is added to the result
	relu                 // the result is max(y, 0)
	mask                 // x counts as x * step(mask)
	rectify              // x counts as max(x, 0)
)

// Counts say what became of the convolutions of programs.
type Counts struct {
	Calls     int // the convolutions that are calls now
	Left      int // other convolutions, which XLA computes
	Depthwise int // calls of depthwise convolutions
	Backward  int // calls that go the gradient's way back
	Biases    int // calls with a bias in them
	ReLUs     int // calls whose result is max(y, 0)
	Masks     int // calls that take x times a step
	Rectified int // calls that take max(x, 0) for x
}

// Add adds other's counts.
func (c *Counts) Add(other Counts) { *c = c.plus(other, 1) }

// Sub returns what c has more than other.
func (c Counts) Sub(other Counts) Counts { return c.plus(other, -1) }

func (c Counts) plus(other Counts, times int) Counts {
	return Counts{
		Calls: c.Calls + times*other.Calls, Left: c.Left + times*other.Left,
		Depthwise: c.Depthwise + times*other.Depthwise,
		Backward:  c.Backward + times*other.Backward,
		Biases:    c.Biases + times*other.Biases, ReLUs: c.ReLUs + times*other.ReLUs,
		Masks:     c.Masks + times*other.Masks,
		Rectified: c.Rectified + times*other.Rectified,
	}
}

// count notes a call of this form.
func (c *Counts) count(form int, depthwise bool) {
	one := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	has := func(bit int) int { return one(form&bit != 0) }
	c.Add(Counts{Calls: 1, Depthwise: one(depthwise), Backward: has(backward),
		Biases: has(bias), ReLUs: has(relu), Masks: has(mask),
		Rectified: has(rectify)})
}

// shape is that of a convolution: x [batch, height, width, in] becomes y [batch, height, width, out].
type shape struct{ batch, height, width, in, out int }

// pays says whether a call beats XLA's own 3x3 convolution: not from few channels to few.
func pays(s shape) bool {
	const leastChannels = 8
	return max(s.in, s.out) >= leastChannels
}
