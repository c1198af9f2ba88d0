// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package weights

import (
	"fmt"
	"slices"
	"strings"

	"convscope/pkg/weights/format"
)

// strangeConv says what a convolution of the file does otherwise than the models' own, which move each kernel by one,
// keep the picture's size and end in ReLU; "" if nothing. After the last one nothing needs to come.
func strangeConv(c *format.Conv, s Spec, isLast bool) string {
	if c == nil {
		return ""
	}
	size := s.Shape[:2]
	ones := []int{1, 1}
	switch {
	case !slices.Contains([]string{"Conv", "FusedConv", "Conv2D"}, c.Op):
		return "is a " + c.Op + ", this model's are plain"
	case c.Size != nil && !slices.Equal(c.Size, size):
		return differs("kernels of", c.Size, size)
	case c.Strides != nil && !slices.Equal(c.Strides, ones):
		return differs("strides", c.Strides, ones)
	case c.Dilations != nil && !slices.Equal(c.Dilations, ones):
		return differs("dilations", c.Dilations, ones)
	case c.Groups > 1:
		return fmt.Sprintf("has %d groups, this model's have 1", c.Groups)
	case c.PadMode != "":
		return fmt.Sprintf("has padding %q, this model's pad with zeros", c.PadMode)
	case c.Activation != "" && c.Activation != "relu" && !(isLast && c.Activation == "linear"):
		return fmt.Sprintf("has the activation %s, this model's have relu", c.Activation)
	}
	want := []int{(size[0] - 1) / 2, (size[1] - 1) / 2, size[0] / 2, size[1] / 2}
	pads := slices.Clone(c.Pads)
	if c.Same {
		pads = slices.Clone(want)
	}
	if c.Before == nil && !slices.ContainsFunc(pads, func(n int) bool { return n != 0 }) {
		return "" // a layer before pads, and how much isn't told
	}
	if pads != nil && len(pads) == len(c.Before) {
		for i, n := range c.Before {
			pads[i] += n
		}
	}
	if pads != nil && !slices.Equal(pads, want) {
		return differs("pads", pads, want)
	}
	return ""
}

func differs(what string, have, want []int) string {
	return fmt.Sprintf("has %s %s, this model's have %s", what, times(have), times(want))
}

// times writes numbers as 3x3.
func times(list []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(list), "[]"), " ", "x")
}
