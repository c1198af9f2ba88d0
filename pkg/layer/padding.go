// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"errors"
	"fmt"
)

// Padding is what is put around a picture before a window goes over it. The zero value is none, Keras' "valid".
type Padding struct {
	// Same is Keras' "same", computed for each size: as many positions come out as strides go into the input. An odd
	// number gives the end one more.
	Same bool
	// Lower, with Same, gives the start one more, as ONNX's SAME_LOWER.
	Lower bool
	// Begin and End are rows and columns at the start (top, left) and at the end (bottom, right), where Same is false.
	Begin, End [2]int
}

// most bounds options, so that sizes can't overflow.
const most = 1 << 15

// window is how a kernel goes over a picture, each for rows and columns.
type window struct {
	kernel, stride, dilation, begin, end [2]int
	in, out                              [2]int // positions
}

// orOne is the pair with 1 in the place of 0.
func orOne(pair [2]int) [2]int {
	for i := range pair {
		if pair[i] == 0 {
			pair[i] = 1
		}
	}
	return pair
}

// check returns an error for options of a direction that can't be.
func (w window) check(i int) error {
	for _, option := range []int{w.kernel[i], w.stride[i], w.dilation[i]} {
		if option < 1 || option > most {
			return fmt.Errorf("a kernel of %v, strides of %v and dilations of %v: use numbers from 1 to %d",
				w.kernel, w.stride, w.dilation, most)
		}
	}
	return nil
}

// reach is how many positions the kernel spans in a direction.
func (w window) reach(i int) int { return (w.kernel[i]-1)*w.dilation[i] + 1 }

// fit places the window on a picture [height, width, ...]. ceil lets a last window reach beyond the end, as long as it
// begins before it; end then is what it takes in all.
func (p Padding) fit(in []int, w window, ceil bool) (window, error) {
	w.stride, w.dilation = orOne(w.stride), orOne(w.dilation)
	for i := range 2 {
		if err := w.check(i); err != nil {
			return w, err
		}
		w.in[i] = in[i]
		reach := w.reach(i)
		if p.Same {
			count := (in[i] + w.stride[i] - 1) / w.stride[i]
			total := max((count-1)*w.stride[i]+reach-in[i], 0)
			w.begin[i], w.end[i] = total/2, total-total/2
			if p.Lower {
				w.begin[i], w.end[i] = w.end[i], w.begin[i]
			}
		} else {
			if w.begin[i], w.end[i] = p.Begin[i], p.End[i]; min(w.begin[i], w.end[i]) < 0 ||
				max(w.begin[i], w.end[i]) > most {
				return w, fmt.Errorf("padding of %v and %v: use numbers from 0 to %d", p.Begin, p.End, most)
			}
		}
		span := in[i] + w.begin[i] + w.end[i] - reach
		if span < 0 {
			return w, fmt.Errorf("%dx%d positions are too few for a window of %dx%d",
				in[0], in[1], w.reach(0), w.reach(1))
		}
		w.out[i] = span/w.stride[i] + 1
		if ceil && span%w.stride[i] != 0 && w.out[i]*w.stride[i] < in[i]+w.begin[i] {
			w.out[i]++
			w.end[i] = (w.out[i]-1)*w.stride[i] + reach - in[i] - w.begin[i]
		}
	}
	return w, nil
}

// errChannels says that groups don't divide channels.
var errChannels = errors.New("the groups don't divide the channels")

// checkFilters returns an error for a number of filters that can't be.
func checkFilters(filters int) error {
	const most = 1 << 24
	if filters < 1 || filters > most {
		return fmt.Errorf("%d filters: use 1 to %d", filters, most)
	}
	return nil
}

// strides are the window's, as numbers.
func strides(stride [2]int) [2]float64 {
	stride = orOne(stride)
	return [2]float64{float64(stride[0]), float64(stride[1])}
}

// spans is how many rows and columns a kernel sees.
func spans(kernel, dilation [2]int) [2]int {
	w := window{kernel: kernel, dilation: orOne(dilation)}
	return [2]int{w.reach(0), w.reach(1)}
}
