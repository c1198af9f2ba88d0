// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// withGradient returns y, which was computed from x, with a gradient of its own: backward takes the gradient with
// respect to y to the one with respect to x.
//
// GoMLX lets only an identity have a custom gradient. So the path that differentiation follows is another one than the
// values': an identity on x, whose custom gradient is backward's; a sum of nothing that has y's shape; and an identity
// on the result, which notes the gradient that arrives.
func withGradient(x, y *Node, backward func(gradient *Node) *Node) *Node {
	var arrived *Node
	path := IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return backward(arrived) })
	nothing := MulScalar(Slice(path, AxisRange(), AxisRange(), AxisRange(), AxisElem(0)), 0) // [batch, height, width, 1]
	y = Add(StopGradient(y), nothing)
	return IdentityWithCustomGradient(y, func(_, gradient *Node) *Node {
		arrived = gradient
		return gradient
	})
}
