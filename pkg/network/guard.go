// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package network

import "github.com/gomlx/gomlx/support/exceptions"

// guard runs fn and returns the panics of graph functions as errors.
func guard(fn func() error) (err error) {
	if caught := exceptions.TryCatch[error](func() { err = fn() }); caught != nil {
		return caught
	}
	return err
}

// must returns the value, or panics with the error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
