// Copyright 2026 The convscope Authors. SPDX-License-Identifier: Apache-2.0

//go:build cgo && !noxla && ((linux && (amd64 || arm64)) || (darwin && arm64))

package device

// Peek loads a library and returns its PJRT API version and whether go-xla can talk to it.
func Peek(path string) (version string, err error) {
	p, err := peek(path)
	if err != nil {
		return "", err
	}
	return p.version(), p.check()
}

// NeutralPath is the name under which go-xla takes a plugin for what it is.
func NeutralPath(path string, kind Kind) (string, error) { return neutralPath(path, kind) }
