// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"convscope/pkg/ascent"
)

// ChannelMean is the book's objective for a layer: the mean over all positions of the layer's output at one filter.
//
// It equals [ascent.ChannelMean] of [Activation], and takes less work: at the last convolution it computes, for each
// picture, only the filter that the picture is made for.
func ChannelMean(layer string) ascent.LossFunc {
	return channelMean(layer, ascent.How{})
}

// channelMean is ChannelMean in the form asked for.
func channelMean(layer string, how ascent.How) ascent.LossFunc {
	target := mustFind(layer)
	return func(scope *model.Scope, pictures, filters *Node) *Node {
		mustBePictures(pictures, target)
		x := pictures // [batch, height, width, 3]
		layers := target.upTo()
		last := len(layers) - 1
		if target.Kind == Pool {
			last--
		}
		for _, below := range layers[:last] {
			x = below.buildBelow(scope, x, how.Waking == ascent.Redirected)
		}
		x = layers[last].buildChosen(scope, x, filters) // [batch, h, w, 1]
		if how.Waking == ascent.Unaided {
			x = relu(x)
		}
		if target.Kind == Pool {
			x = maxPool(x) // [batch, h/2, w/2, 1]
		}
		x = ascent.Inside(x, how.Border)
		if how.Waking != ascent.Unaided {
			return ascent.Awake(x, how.Waking)
		}
		return ReduceMean(x, 1, 2, 3) // [batch]
	}
}

// buildChosen is build for one filter of each picture, before the ReLU: x is [batch, height, width, in], filters
// [batch], the result [batch, height, width, 1].
//
// Each picture has a kernel of its own, so the convolution is written as one product that gives nine values at each
// position, one for each place in the 3x3 kernel, and their shifted sum. For a picture's three channels the sums of
// correlate are several times faster than that.
func (l Layer) buildChosen(scope *model.Scope, x, filters *Node) *Node {
	kernel, bias := l.variable(scope, x.Graph(), kernelName), l.bias(scope, x.Graph())
	batch, in := x.Shape().Dim(0), x.Shape().Dim(3)
	index := Reshape(filters, batch, 1)                             // [batch, 1]
	kernel = GatherSlices(kernel, []int{3}, index, []int{1}, false) // [batch, 3, 3, in, 1]
	bias = GatherSlices(bias, []int{3}, index, []int{1}, false)     // [batch, 1, 1, 1, 1]
	kernel = Reshape(kernel, batch, places, in)                     // [batch, 9, in]
	bias = Reshape(bias, batch, 1, 1, 1)

	if in <= fewChannels {
		y := withGradient(x, correlate(x, kernel), func(gradient *Node) *Node {
			return spread(gradient, kernel) // [batch, height, width, in]
		})
		return Add(y, bias) // [batch, height, width, 1]
	}
	parts := Einsum("bhwc,bkc->bhwk", x, kernel)                                                // [batch, height, width, 9]
	own := Reshape(DiagonalWithValue(ScalarOne(x.Graph(), x.DType()), places), 3, 3, places, 1) // each place takes its own part
	sum := Convolve(parts, own).PadSame().Done()                                                // [batch, height, width, 1]
	return Add(sum, bias)
}
