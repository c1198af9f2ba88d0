// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Convolution names a way to compute the 3x3 convolutions. All give the same numbers up to float32's rounding.
type Convolution string

// The ways. Direct leaves the convolution to the backend; the others are Winograd's minimal filtering written in plain
// graph operations, which takes fewer multiplications and more memory traffic.
const (
	// Auto takes, on XLA's CPU, the fastest way for each layer and size, found by a short trial that the cache
	// remembers; elsewhere Direct.
	Auto Convolution = ""
	// Direct is the backend's own convolution.
	Direct Convolution = "direct"
	// Lines is F(4, 3) along each line: half of the multiplications.
	Lines Convolution = "lines"
	// Tiles is F(4x4, 3x3) on square tiles: a quarter of the multiplications.
	Tiles Convolution = "tiles"
)

// ParseConvolution reads a way's name: auto, direct, lines or tiles.
func ParseConvolution(name string) (Convolution, error) {
	switch c := Convolution(name); c {
	case Auto, "auto":
		return Auto, nil
	case Direct, Lines, Tiles:
		return c, nil
	}
	return Auto, fmt.Errorf("unknown convolution %q: choose auto, direct, lines or tiles", name)
}

// A shape is that of a 3x3 convolution with stride 1 and "same" padding.
type shape struct{ batch, height, width, in, out int }

// A chooser says how to compute a convolution. It may measure, so it is called only while a graph is being built.
type chooser func(s shape) Convolution

// always is the chooser of one way.
func always(c Convolution) chooser { return func(shape) Convolution { return c } }

// leastChannels is from how many input and output channels on there is a choice. Below, the transforms cost more than
// the products that they save.
const leastChannels = 64

// guess is the choice from what was measured on two cores with AVX2 and with AVX-512 (XLA CPU, PJRT API 0.115).
func guess(s shape) Convolution {
	const tilesPay, positionsPay = 256, 512 // channels; positions in the batch
	switch positions := s.batch * s.height * s.width; {
	case positions < positionsPay/2:
		return Direct
	case min(s.in, s.out) >= tilesPay:
		return Tiles
	case positions >= positionsPay:
		return Lines
	}
	return Direct
}

// The names under which the store has the kernel in the form that each way takes, for the way forward and for the
// gradient. They are made of the kernel when a graph first asks.
var (
	forwardNames  = map[Convolution]string{Direct: kernelName, Lines: "lines_forward", Tiles: "tiles_forward"}
	backwardNames = map[Convolution]string{Direct: "flipped", Lines: "lines_backward", Tiles: "tiles_backward"}
)

// apply computes a convolution: x [batch, height, width, in] and the kernel in the way's own form give [batch, height,
// width, out].
func (c Convolution) apply(x, kernel *Node) *Node {
	switch c {
	case Lines:
		return lines(x, kernel)
	case Tiles:
		return tiles(x, kernel)
	}
	return Convolve(x, kernel).PadSame().Done()
}

// kernel brings a kernel [3, 3, in, out] into the way's own form.
func (c Convolution) kernel(values []float32, in, out int) (dims []int, transformed []float32) {
	switch c {
	case Lines:
		return []int{patchSide, 3, in, out}, lineKernel(values, in, out)
	case Tiles:
		return []int{patchSize, in, out}, tileKernel(values, in, out)
	}
	return []int{3, 3, in, out}, values
}

// convolve computes the layer before its bias, from [batch, height, width, in] to [batch, height, width, filters]. The
// way forward and the gradient's way back, which is the same kind of convolution with in and filters exchanged, are
// chosen separately.
func (l Layer) convolve(scope *model.Scope, x *Node, choose chooser) *Node {
	dims, g := x.Shape().Dimensions, x.Graph()
	direct := l.variable(scope, g, kernelName)
	in, out := dims[3], direct.Shape().Dim(3)
	forward, backward := Direct, Direct
	if min(in, out) >= leastChannels {
		forward = choose(shape{dims[0], dims[1], dims[2], in, out})
		backward = choose(shape{dims[0], dims[1], dims[2], out, in})
	}
	if forward == Direct && backward == Direct {
		return Direct.apply(x, direct)
	}
	y := forward.apply(x, l.variable(scope, g, forwardNames[forward]))
	return withGradient(x, y, func(gradient *Node) *Node {
		return backward.apply(gradient, l.variable(scope, g, backwardNames[backward]))
	})
}

// flipKernel turns a kernel [3, 3, in, out] by half a turn and swaps its channels, [3, 3, out, in]: convolving a
// gradient with it is the gradient of the convolution.
func flipKernel(kernel []float32, in, out int) []float32 {
	flipped := make([]float32, len(kernel))
	for k := range 9 {
		from, to := kernel[k*in*out:(k+1)*in*out], flipped[(8-k)*in*out:(9-k)*in*out]
		for i := range in {
			for o := range out {
				to[o*in+i] = from[i*out+o]
			}
		}
	}
	return flipped
}
