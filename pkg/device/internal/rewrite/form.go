// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

// Target is the name that programs call. Its number counts up when the meaning of a call changes, so that kept programs
// of another meaning find nobody.
const Target = "convscope.convolve.1"

// The bits of a call's only attribute, form. Its operands are x, the kernel, and the bias and the mask where their bits
// are set, in this order.
const (
	backward = 1 << iota // the kernel is [3, 3, out, in], turned by half a turn
	bias                 // [out] or [1, 1, 1, out] is added to the result
	relu                 // the result is max(y, 0)
	mask                 // x counts as x * step(mask)
	rectify              // x counts as max(x, 0)
)

// Counts say what became of the convolutions of programs.
type Counts struct {
	Calls     int // the convolutions that are calls now
	Left      int // other convolutions, which XLA computes
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
		Calls: c.Calls + times*other.Calls, Left: c.Left + times*other.Left, Backward: c.Backward + times*other.Backward,
		Biases: c.Biases + times*other.Biases, ReLUs: c.ReLUs + times*other.ReLUs, Masks: c.Masks + times*other.Masks,
		Rectified: c.Rectified + times*other.Rectified,
	}
}

// count notes a call of this form.
func (c *Counts) count(form int) {
	has := func(bit int) int {
		if form&bit != 0 {
			return 1
		}
		return 0
	}
	c.Add(Counts{Calls: 1, Backward: has(backward), Biases: has(bias), ReLUs: has(relu), Masks: has(mask),
		Rectified: has(rectify)})
}

// shape is that of a convolution: x [batch, height, width, in] becomes y [batch, height, width, out].
type shape struct{ batch, height, width, in, out int }

// pays says whether a call beats XLA's own convolution.
func pays(s shape) bool {
	const leastChannels = 8
	return min(s.in, s.out) >= leastChannels
}
