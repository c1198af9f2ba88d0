// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package vgg16

import (
	"fmt"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"convscope/pkg/device"
)

// TestWaysAreAConvolution compares values and gradients with the backend's own convolution, at sizes that tiles fill
// and don't fill.
func TestWaysAreAConvolution(t *testing.T) {
	dev, err := device.New(device.Options{Kind: device.Go})
	require.NoError(t, err)
	defer dev.Close()
	source := rand.New(rand.NewPCG(1, 2))
	random := func(dims ...int) ([]float32, *tensors.Tensor) {
		size := 1
		for _, d := range dims {
			size *= d
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(source.NormFloat64())
		}
		return values, tensors.FromFlatDataAndDimensions(values, dims...)
	}
	const in, out = 3, 5
	for _, size := range [][3]int{{1, 4, 4}, {2, 5, 7}, {1, 1, 2}, {3, 9, 8}, {1, 12, 3}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			_, x := random(size[0], size[1], size[2], in)
			values, kernel := random(3, 3, in, out)
			_, weight := random(size[0], size[1], size[2], out) // makes the gradient differ from place to place
			want := MustExecOnceN(dev.Backend, func(x, kernel, weight *Node) (*Node, *Node) {
				y := Convolve(x, kernel).PadSame().Done()
				return y, Gradient(ReduceAllSum(Mul(Square(y), weight)), x)[0]
			}, x, kernel, weight)
			for _, way := range []Convolution{Direct, Lines, Tiles} {
				made := func(values []float32, in, out int) *tensors.Tensor {
					dims, transformed := way.kernel(values, in, out)
					return tensors.FromFlatDataAndDimensions(transformed, dims...)
				}
				forward, backward := made(values, in, out), made(flipKernel(values, in, out), out, in)
				got := MustExecOnceN(dev.Backend, func(x, forward, backward, weight *Node) (*Node, *Node) {
					y := withGradient(x, way.apply(x, forward), func(v *Node) *Node { return way.apply(v, backward) })
					return y, Gradient(ReduceAllSum(Mul(Square(y), weight)), x)[0]
				}, x, forward, backward, weight)
				for i, what := range []string{"values", "gradient"} {
					require.Equal(t, want[i].Shape().Dimensions, got[i].Shape().Dimensions)
					require.InDeltaSlice(t, tensors.MustCopyFlatData[float32](want[i]), tensors.MustCopyFlatData[float32](got[i]), 1e-3, "%s by %s", what, way)
				}
			}
		})
	}
}
