// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package layer

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// withGradient returns y, which was computed from x, with a gradient of its own: backward takes the gradient with
// respect to y to the one with respect to x.
//
// GoMLX lets a value have another computation that gradients go through instead. Here that is an identity on x, whose
// custom gradient is backward's, and what gives it y's shape. Nobody needs its values, so that none is computed.
func withGradient(x, y *Node, backward func(gradient *Node) *Node) *Node {
	var path *Node
	result, taken := graph.InternalFusedOpCaller(
		func() *Node { return graph.Identity(y) },
		func() *Node {
			path = pathTo(x, y.Shape(), backward)
			return path
		}, true)
	if !taken { // the user's environment asks GoMLX for no such thing
		result = graph.Add(graph.StopGradient(y), graph.Sub(path, graph.StopGradient(path)))
	}
	return result
}

// pathTo is a value of that shape whose gradient is backward's with respect to x.
func pathTo(x *Node, shape shapes.Shape, backward func(gradient *Node) *Node) *Node {
	var arrived *Node
	path := graph.IdentityWithCustomGradient(x, func(_, _ *Node) *Node { return backward(arrived) })
	corner := make([]graph.SliceAxisSpec, x.Rank())
	ones := make([]int, shape.Rank())
	for i := range corner {
		corner[i] = graph.AxisElem(0)
	}
	for i := range ones {
		ones[i] = 1
	}
	path = graph.BroadcastToShape(graph.Reshape(graph.Slice(path, corner...), ones...), shape)
	return graph.IdentityWithCustomGradient(path, func(_, gradient *Node) *Node {
		arrived = gradient
		return gradient
	})
}
