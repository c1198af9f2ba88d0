// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

// Package neighbor finds which filters of a network feed a filter, which ones it feeds, and the kernels between them:
//
//	filters, err := neighbor.Find(table, "block3_conv1", 6, 17) // a *layer.Network
//	for _, n := range filters[0].FedBy {
//		fmt.Println(n.Layer, n.Filter, n.Weight) // block2_conv2 82 -0.31
//	}
//
// Channels are followed from a layer with kernels to the next one through whatever keeps them apart. What that
// multiplies them with is multiplied into the kernel: the scale of a batch normalization with its sign, a constant,
// the share in an average. Pools, paddings, resizing, dropouts and activations that rise leave the kernel as it is.
// A channel of a concatenation, a split or a shuffle is that of the layer it comes from; one of an addition comes
// from each of the addends. A depthwise convolution is passed where a kernel of one position follows, which is then
// multiplied with the depthwise kernel; elsewhere it is a neighbour of its own. A gate, as in squeeze and
// excitation, a norm over several channels (but for its gamma) and a softmax within the filter's own layer change
// how much, not what: they are passed over.
//
// A layer without kernels stands for the filters that its channels come from: if a channel comes from one filter
// alone, as after a batch normalization, it is fed by what feeds that one; otherwise by the filters it comes from.
//
// Nothing is said where channels and positions go through each other (a dense layer after a flattening of several
// positions, attention), after an activation that neither rises nor falls, of a product of two paths, of weights that
// a program put into a model's store, and of the picture itself.
package neighbor
