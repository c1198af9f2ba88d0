// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build !linux || !cgo || noxla

package hook

// Set does nothing in this build: it is for Linux, with XLA.
func Set(path, plugin string) {}

// Calls is false in this build.
func Calls(path string) bool { return false }

// Keep does nothing in this build.
func Keep(path, plugin string) {}

// Plain does nothing in this build.
func Plain() {}
