// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build race

package device

import (
	"reflect"
	_ "unsafe" // for linkname

	"github.com/gomlx/compute/dtypes"
)

// The race detector brings Go's checkptr along, which ends a process that makes a pointer into Go's heap out of a
// plain number. The matrix products of gomlx/compute v0.1.2 do so, all of them: internal/gobackend/dot/matmul has it
// in nosimd_small.go:119, nosimd_small_transposed.go:108 and packing.go:154. Their addresses are right; checkptr can't
// know. Upstream's build tag no_unsafe leaves those kernels out, but can't be given to a plain "go test -race". So
// where the race detector is on, and nowhere else, plain loops take the place of float32's kernels in the backend's
// table of them.

// products is that table. Its types are those of internal/gobackend/dot/registration.go: look again with another
// version.
//
//go:linkname products github.com/gomlx/compute/internal/gobackend/dot.registeredImplementations
var products map[productKey]*productKernel

type productKey struct {
	layout        int // 0 for [batch, rows, inner] x [batch, inner, columns], 1 for [batch, columns, inner] on the right
	input, output dtypes.DType
}

type productKernel struct {
	name     string
	function any
	priority int
}

func init() {
	for key, kernel := range products {
		if key.input != dtypes.Float32 || key.output != dtypes.Float32 {
			continue
		}
		kernel.function = reflect.MakeFunc(reflect.TypeOf(kernel.function), func(in []reflect.Value) []reflect.Value {
			left, right, out := in[2].Interface().([]float32), in[3].Interface().([]float32),
				in[8].Interface().([]float32)
			batch, rows, columns, inner := int(in[4].Int()), int(in[5].Int()), int(in[6].Int()), int(in[7].Int())
			stepDown, stepRight := columns, 1
			if key.layout == 1 {
				stepDown, stepRight = 1, inner
			}
			for row := range batch * rows {
				own, other := left[row*inner:], right[row/rows*inner*columns:]
				for column := range columns {
					sum := float32(0)
					for k := range inner {
						sum += own[k] * other[k*stepDown+column*stepRight]
					}
					out[row*columns+column] = sum
				}
			}
			return nil
		}).Interface()
	}
}
