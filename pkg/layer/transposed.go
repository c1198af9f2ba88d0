// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import "fmt"

// ConvTranspose is a transposed convolution: the way back, from output to input, of the convolution with the same
// options. Its weights are "kernel" [height, width, filters/groups, in], as Keras has it, and "bias" [filters].
type ConvTranspose struct {
	// Filters counts the output channels.
	Filters int
	// Kernel, Stride, Dilation and Groups are those of the convolution; 0 stands for 1.
	Kernel, Stride, Dilation [2]int
	Groups                   int
	// Padding is what is cut from the output: (in-1)*stride + dilation*(kernel-1) + 1 + OutputPadding - Begin - End
	// positions stay. Same gives in*stride.
	Padding Padding
	// OutputPadding adds positions at the end. It goes without Same. (Keras' "valid" adds stride - kernel where that
	// is above 0; its "same" with an output_padding is said with Begin and End.)
	OutputPadding [2]int
	// NoBias leaves out the bias.
	NoBias bool
}

// Shape is [height, width, filters].
func (c ConvTranspose) Shape(inputs ...[]int) ([]int, error) {
	in, err := positions(inputs)
	if err != nil {
		return nil, err
	}
	if err := checkFilters(c.Filters); err != nil {
		return nil, err
	}
	if groups := max(c.Groups, 1); in[2]%groups != 0 || c.Filters%groups != 0 {
		return nil, errChannels
	}
	w, err := c.fit(in)
	return []int{w.in[0], w.in[1], c.Filters}, err
}

// fit is the convolution's window: its output is the input here.
func (c ConvTranspose) fit(in []int) (window, error) {
	w := window{kernel: c.Kernel, stride: orOne(c.Stride), dilation: orOne(c.Dilation), out: [2]int(in[:2])}
	for i := range 2 {
		if err := w.check(i); err != nil {
			return w, err
		}
		whole, more := (in[i]-1)*w.stride[i]+w.reach(i), c.OutputPadding[i]
		w.begin[i], w.end[i] = c.Padding.Begin[i], c.Padding.End[i]
		if c.Padding.Same {
			total := max(w.reach(i)-w.stride[i], 0)
			w.begin[i], w.end[i], more = total/2, total-total/2, max(w.stride[i]-w.reach(i), 0)
			if c.Padding.Lower {
				w.begin[i], w.end[i] = w.end[i], w.begin[i]
			}
		}
		if low, high := min(w.begin[i], w.end[i], more), max(w.begin[i], w.end[i], more); low < 0 || high > most {
			return w, fmt.Errorf("padding of %v and %v and output padding of %v: use numbers from 0 to %d",
				c.Padding.Begin, c.Padding.End, c.OutputPadding, most)
		}
		w.in[i] = whole + more - w.begin[i] - w.end[i]
		w.end[i] -= more
		if w.in[i] < 1 {
			return w, fmt.Errorf("nothing is left of %dx%d positions", in[0], in[1])
		}
	}
	return w, nil
}

// Weights are the kernel and the bias.
func (c ConvTranspose) Weights(inputs ...[]int) map[string][]int {
	if _, err := c.Shape(inputs...); err != nil {
		return nil
	}
	kernel := []int{c.Kernel[0], c.Kernel[1], c.Filters / max(c.Groups, 1), inputs[0][2]}
	return withBias(map[string][]int{kernelRole: kernel}, c.Filters, c.NoBias)
}

// Window is how many positions of the input an output position can see, and a stride of 1 or below.
func (c ConvTranspose) Window() (size [2]int, stride [2]float64) {
	span, by := spans(c.Kernel, c.Dilation), strides(c.Stride)
	for i := range size {
		size[i] = (span[i] + int(by[i]) - 1) / int(by[i])
		stride[i] = 1 / by[i]
	}
	return size, stride
}

// Build adds it to the graph.
func (c ConvTranspose) Build(weight func(role string) *Node, inputs ...*Node) *Node {
	x, kernel, groups := inputs[0], weight(kernelRole), max(c.Groups, 1)
	w, err := c.fit(x.Shape().Dimensions[1:])
	if err != nil {
		panic(err)
	}
	y := backward(x, kernel, w, groups) // [batch, height, width, filters]
	y = withGradient(x, y, func(gradient *Node) *Node { return forward(gradient, kernel, w, groups) })
	return addBias(y, weight, c.NoBias)
}
