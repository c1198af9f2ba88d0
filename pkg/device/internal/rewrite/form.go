// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

// The names that programs call: for a 3x3 convolution, and for a depthwise one. Their numbers count up when the
// meaning of a call changes, so that kept programs of another meaning find nobody.
const (
	Target          = "convscope.convolve.1"
	DepthwiseTarget = "convscope.depthwise.2"
)

// The bits of a call's attribute form. Its operands are x, the kernel, and the bias and the mask where their bits are
// set, in this order. A depthwise call has neither mask nor rectify, maybe after as its last operand, and two more
// attributes: most, see relu and after; window, the strides, the padding before, the dilation of x and that of the
// kernel, each for rows and columns.
const (
	backward = 1 << iota // the kernel is turned by half a turn, and where not depthwise [3, 3, out, in]
	bias                 // [out] or [1, 1, 1, out] is added to the result
	relu                 // the result is max(y, 0), and where most is above 0 min(max(y, 0), most)
	mask                 // x counts as x * step(mask)
	rectify              // x counts as max(x, 0)
	after                // the result is 0 where not 0 < after < most
)

// Counts say what became of the convolutions of programs.
type Counts struct {
	Calls     int // the convolutions that are calls now
	Left      int // other convolutions, which XLA computes
	Depthwise int // calls of depthwise convolutions
	Backward  int // calls that go the gradient's way back
	Biases    int // calls with a bias in them
	ReLUs     int // calls whose result is max(y, 0)
	Boxes     int // of these, those whose result is bounded above too
	Afters    int // calls whose result counts where another array is between bounds
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
		Boxes:     c.Boxes + times*other.Boxes,
		Afters:    c.Afters + times*other.Afters,
		Rectified: c.Rectified + times*other.Rectified,
	}
}

// count notes a call.
func (c *Counts) count(call *convolution) {
	one := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	has := func(bit int) int { return one(call.form&bit != 0) }
	c.Add(Counts{Calls: 1, Depthwise: one(call.window != nil), Backward: has(backward), Afters: has(after),
		Boxes:  one(call.form&relu != 0 && call.most != ""),
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
