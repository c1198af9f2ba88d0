// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo

package convolve

// #cgo CFLAGS: -O3
// #include "convolve.h"
// #include "handler.h"
import "C"

import (
	"strings"
	"unsafe"
)

// Handler returns what XLA calls for each 3x3 convolution that package rewrite has made a call: an XLA_FFI_Handler.
func Handler() unsafe.Pointer { return C.convscope_handle }

// DepthwiseHandler is [Handler] for depthwise convolutions.
func DepthwiseHandler() unsafe.Pointer { return C.convscope_handle_depthwise }

// Limit makes convolutions use no wider instructions than XLA_FLAGS allow XLA itself, and returns the name of those
// that they do use: AVX-512, AVX2, NEON or plain.
func Limit(flags string) string {
	most := 2
	for word := range strings.FieldsSeq(flags) {
		isa, found := strings.CutPrefix(strings.TrimLeft(word, "-"), "xla_cpu_max_isa=")
		switch isa = strings.ToUpper(isa); {
		case !found:
		case strings.HasPrefix(isa, "SSE"), isa == "AVX":
			most = 0
		case isa == "AVX2":
			most = 1
		default:
			most = 2
		}
	}
	return C.GoString(C.convscope_limit(C.int(most)))
}
