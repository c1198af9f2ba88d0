// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

package device

import "errors"

var (
	// ErrKind says that a kind's name is none of auto, cpu, gpu and go.
	ErrKind = errors.New("unknown device")
	// ErrNoGPU says that this machine has no NVIDIA GPU that can be used.
	ErrNoGPU = errors.New("no NVIDIA GPU")
	// ErrNoPlugin says that no PJRT plugin for the device is installed and that none could be got.
	ErrNoPlugin = errors.New("no PJRT plugin")
	// ErrFlags says that XLA can't take what XLA_FLAGS holds. Left to itself it ends the process then, in words of its
	// own.
	ErrFlags = errors.New(envFlags)
)

// BuildError says why a program has no XLA at all: how it was built, or for what.
type BuildError struct {
	Problem string // what is missing
	Remedy  string // what a person can do
}

// Error joins both.
func (e *BuildError) Error() string { return e.Problem + ": " + e.Remedy }

// Built returns a [*BuildError] when this program was built without XLA, so that it has the pure Go backend alone.
func Built() error { return errNotBuilt }

// NoGPU returns why this machine has no NVIDIA GPU that can be used, as an error that wraps [ErrNoGPU]; nil if there
// seems to be one.
func NoGPU() error { return thisGPU().absent() }
