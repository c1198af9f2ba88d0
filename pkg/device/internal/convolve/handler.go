// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo

package convolve

// #cgo CFLAGS: -O3
// #include "handler.h"
import "C"

import "unsafe"

// Handler returns what XLA calls for each call that package rewrite has written: an XLA_FFI_Handler.
func Handler() unsafe.Pointer { return C.convscope_handle }
