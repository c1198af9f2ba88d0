// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"fmt"
	"strings"
)

// depthwise reads the statement at i as a convolution in which each channel has a kernel of its own.
func (f *function) depthwise(i int) (c convolution, ok bool) {
	s := &f.statements[i]
	if s.op != "convolution" || len(s.operands) != 2 || len(s.results) != 1 {
		return c, false
	}
	w, groups, ok := windowOf(s.attributes, "i, o")
	x, kernel, y, typed := c.read(s.types)
	if !ok || !typed {
		return c, false
	}
	c.at, c.last, c.x, c.kernel, c.window = i, i, s.operands[0], s.operands[1], &w
	return c, groups == x[3] && c.isDepthwise(x, kernel, y)
}

// depthwiseGradient reads the statement at i as what GoMLX writes for the gradient of a depthwise convolution with
// respect to its x: for each channel a convolution, of a slice of the slope with a slice of the kernel, turned by half
// a turn, and all of them concatenated.
func (f *function) depthwiseGradient(i int) (c convolution, ok bool) {
	s := &f.statements[i]
	if s.op != "concatenate" || len(s.results) != 1 || s.attributes != "{ dimension = 3 : i64 }" {
		return c, false
	}
	var first *statement
	for k, name := range s.operands {
		one := f.giving(name, "convolution")
		if one == nil || len(one.operands) != 2 {
			return c, false
		}
		turn := f.giving(one.operands[1], "reverse")
		if turn == nil || turn.attributes != halfTurn || len(turn.operands) != 1 {
			return c, false
		}
		x, xType := f.channel(one.operands[0], k)
		kernel, kernelType := f.channel(turn.operands[0], k)
		if k == 0 {
			first, c.x, c.xType, c.kernel, c.kernelType = one, x, xType, kernel, kernelType
		}
		if x == "" || kernel == "" || x != c.x || kernel != c.kernel || one.attributes != first.attributes {
			return c, false
		}
	}
	if first == nil {
		return c, false
	}
	w, groups, ok := windowOf(first.attributes, "o, i")
	_, result, _ := strings.Cut(s.types, " -> ")
	x, kernel, y, typed := c.read("(" + c.xType + ", " + c.kernelType + ") -> " + result)
	if !ok || !typed {
		return c, false
	}
	c.at, c.last, c.form, c.window = i, i, backward, &w
	return c, groups == 1 && len(s.operands) == x[3] && c.isDepthwise(x, kernel, y)
}

// channel returns the array, with its type, that the name is channel k of.
func (f *function) channel(name string, k int) (array, of string) {
	s := f.giving(name, "slice")
	if s == nil || len(s.operands) != 1 {
		return "", ""
	}
	of, _, _ = strings.Cut(strings.TrimPrefix(s.types, "("), ") -> ")
	d := dims(of)
	if len(d) != 4 || spaced(s.attributes) != fmt.Sprintf("{ limit_indices = array<i64: %d, %d, %d, %d>, "+
		"start_indices = array<i64: 0, 0, 0, %d>, strides = array<i64: 1, 1, 1, 1> }", d[0], d[1], d[2], k+1, k) {
		return "", ""
	}
	return s.operands[0], of
}

// isDepthwise says whether arrays of these sizes fit the window, with a kernel for each channel and as many channels
// as a call pays for.
func (c *convolution) isDepthwise(x, kernel, y []int) bool {
	const leastChannels = 2
	rows, columns := c.window.out(0, x, kernel), c.window.out(1, x, kernel)
	return x[3] >= leastChannels && kernel[2] == 1 && kernel[3] == x[3] &&
		[4]int(y) == [4]int{x[0], rows, columns, x[3]}
}
