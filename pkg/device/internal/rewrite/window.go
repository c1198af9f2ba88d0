// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"strconv"
	"strings"
)

// window is how a convolution's kernel goes over the picture, each for rows and columns.
type window struct {
	strides   [2]int
	low, high [2]int // padding, which may be negative
	spread    [2]int // how far apart the values of x are put: lhs_dilation
	reach     [2]int // how far apart the kernel's are: rhs_dilation
}

// attributesOf is how go-xla writes the attributes of a convolution, apart from white space, with %d for each number
// that package convolve leaves open for some.
func attributesOf(channels, reversal string) string {
	return "{ batch_group_count = 1 : i64, " +
		"dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, " + channels + "]->[b, 0, 1, f]>, " +
		"feature_group_count = %d : i64, lhs_dilation = array<i64: %d, %d>, " +
		"padding = dense<[[%d, %d], [%d, %d]]> : tensor<2x2xi64>, " +
		"precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>], " +
		"rhs_dilation = array<i64: %d, %d>, window_reversal = array<i1: " + reversal + ">, " +
		"window_strides = array<i64: %d, %d> }"
}

// spaced is text with one space for all white space between words.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }

// windowOf reads the attributes of a convolution with the kernel's channels in this order, "i, o" or "o, i".
func windowOf(attributes, channels string) (w window, groups int, ok bool) {
	v, ok := numbers(spaced(attributes), attributesOf(channels, "false, false"))
	if !ok {
		return w, 0, false
	}
	w = window{
		spread: [2]int{v[1], v[2]}, low: [2]int{v[3], v[5]}, high: [2]int{v[4], v[6]}, reach: [2]int{v[7], v[8]},
		strides: [2]int{v[9], v[10]},
	}
	return w, v[0], min(v[1], v[2], v[7], v[8], v[9], v[10]) > 0
}

// numbers reads text that is form but for whole numbers in the places of its %d.
func numbers(text, form string) (all []int, ok bool) {
	for i, part := range strings.Split(form, "%d") {
		if i > 0 {
			end := strings.IndexFunc(text, func(r rune) bool { return r != '-' && (r < '0' || r > '9') })
			const most = 1 << 20
			number, err := strconv.Atoi(text[:max(end, 0)])
			if err != nil || number < -most || number > most {
				return nil, false
			}
			all, text = append(all, number), text[end:]
		}
		if text, ok = strings.CutPrefix(text, part); !ok {
			return nil, false
		}
	}
	return all, text == ""
}

// out returns how many values a direction of the result has, from the sizes of x and the kernel.
func (w *window) out(direction int, x, kernel []int) int {
	all := w.low[direction] + (x[1+direction]-1)*w.spread[direction] + 1 + w.high[direction]
	taps := (kernel[direction]-1)*w.reach[direction] + 1
	if all < taps {
		return 0
	}
	return (all-taps)/w.strides[direction] + 1
}

// attribute writes the window for a call: what the result's size does not tell already.
func (w *window) attribute() string {
	var list []string
	for _, pair := range [][2]int{w.strides, w.low, w.spread, w.reach} {
		list = append(list, strconv.Itoa(pair[0]), strconv.Itoa(pair[1]))
	}
	return "array<i64: " + strings.Join(list, ", ") + ">"
}
