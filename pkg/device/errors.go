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
)
