// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build !linux || !cgo || noxla

package compiled

// Keep does nothing in this build: it is for Linux, with XLA.
func Keep(path, plugin, platform string) {}

// Off says that nothing is kept.
func Off() bool { return true }
